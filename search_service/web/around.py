"""`GET /around`: the passages before and after one, to be shown beside a hit."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from search_service.errors import NotFound
from search_service.highlight.snippets import render
from search_service.languages import UNDETERMINED
from search_service.model import Block, Passage
from search_service.passages.anchors import resolve
from search_service.web import params
from search_service.web.asked import Asked
from search_service.web.lines import set_lines
from search_service.web.place import view

page = Blueprint("around", __name__)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage shown beside a hit."""

    passage: Passage
    html: str
    """Its text with marks and, as in the document, its lines."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The passages around one."""

    before: Neighbour | None
    after: Neighbour | None
    usual: str
    """The document's first language."""


@page.get("/around/<document_id>")
def around(document_id: str) -> str:
    """The passages before and after one, as a piece of a page for our script."""
    found = neighbours(document_id, params.one(request.args, "p"), params.read(request.args))
    if found is None:
        raise NotFound(f"document {document_id} has no such passage: open the document")
    return render_template("around.html", around=found)


def neighbours(document_id: str, anchor: str, asked: Asked) -> Neighbours | None:
    """The passages before and after one with marks, or None where it is not found."""
    found = view(document_id, asked)
    if isinstance(found, str):
        return None
    place = resolve(found.document, anchor)
    if place is None:
        return None
    matches = [match for _, match in found.matches]
    passages = found.document.passages

    def shown(ordinal: int) -> Neighbour | None:
        if not 0 <= ordinal < len(passages):
            return None
        passage = passages[ordinal]
        text = found.document.text[passage.start : passage.end]
        inside = [m for m in matches if passage.start <= m.start and m.end <= passage.end]
        html = render(text, inside, passage.start)
        return Neighbour(passage, set_lines(html, text, passage.start, blocks_of(passage)))

    def blocks_of(passage: Passage) -> list[Block]:
        blocks = found.document.blocks
        return [each for each in blocks if each.start < passage.end and passage.start < each.end]

    languages = found.document.languages
    usual = languages[0] if languages else UNDETERMINED
    return Neighbours(shown(place.ordinal - 1), shown(place.ordinal + 1), usual)

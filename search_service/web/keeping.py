"""What a reader takes along of a document or passage: its link and its citation.

Citations as files (`/cite`), and the piece of a page that unfolds below a passage (`/passage`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from search_service.errors import NotFound, UnknownName
from search_service.model import Document
from search_service.web import citation, context, params
from search_service.web.asked import Asked
from search_service.web.language import day, gettext, number, today, unbroken
from search_service.web.place import Place, locate, view

page = Blueprint("keeping", __name__)
_CITATIONS = {
    "txt": "text/plain; charset=utf-8",
    "bib": "text/plain; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json",
}


@page.get("/passage/<document_id>")
def passage(document_id: str) -> str:
    """A passage's link and citation, as a piece of a page for our script."""
    found = view(document_id, Asked())
    anchor = params.one(request.args, "p")
    place = Place() if isinstance(found, str) else locate(found.document, anchor)
    if isinstance(found, str) or place.ordinal is None:
        raise NotFound(f"document {document_id} has no such passage: open the document")
    return below(found.document, anchor, cited_as(found.document, place), unfold=True)


@page.get("/cite/<document_id>.<form>")
def cite(document_id: str, form: str) -> Response | BaseResponse:
    """A citation as a file: `txt`, `bib` or CSL-JSON. Raises `UnknownName`."""
    if form not in _CITATIONS:
        raise UnknownName("form of citation", form, _CITATIONS)
    found = view(document_id, Asked())
    if isinstance(found, str):
        return redirect(context.links().citation(found, params.one(request.args, "p"), form), 301)
    cited = _citation(found.document, locate(found.document, params.one(request.args, "p")))
    text = {"txt": _in_words(cited) + "\n", "bib": cited.bibtex(), "json": cited.csl_json()}[form]
    answer = Response(text, content_type=_CITATIONS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{cited.key}.{form}"'
    return answer


def _citation(document: Document, place: Place) -> citation.Citation:
    passage = document.passages[place.ordinal] if place.ordinal is not None else None
    link = context.public_links().permanent(document.id, passage.anchor if passage else "")
    return citation.of(
        document,
        context.settings().archive_name,
        link,
        datetime.now(UTC).date(),
        passage.page if passage else None,
    )


@dataclass(frozen=True, slots=True)
class Cited:
    """What a reader takes along: a citation in words and the permanent link in it."""

    words: str
    shown: Markup
    """The same for the eye: lines end neither within a date nor just anywhere in the link."""
    link: str


def cited_as(document: Document, place: Place) -> Cited:
    """The citation of a document, or of a passage of it."""
    made = _citation(document, place)
    link = Markup("<wbr>").join(re.split(r"(?<=[^:/])(?=[/?#])", made.link))
    shown = link.join(_in_words(made, unbroken).split(made.link))
    return Cited(_in_words(made), shown, made.link)


def below(document: Document, anchor: str, cited: Cited, *, unfold: bool = False) -> str:
    """The piece of a page that stands below a passage."""
    return render_template(
        "passage.html", document=document, anchor=anchor, cited=cited, asked=unfold
    )


def _in_words(cited: citation.Citation, dated: Callable[[str], str] = str) -> str:
    return cited.plain(
        citation.Words(
            quoted=gettext("“%(title)s”"),
            undated=gettext("undated"),
            published=dated(day(cited.written, long=True)),
            accessed=gettext("accessed %(day)s", day=dated(today())),
            page=gettext("page %(n)s", n=number(cited.page)) if cited.page else "",
        )
    )

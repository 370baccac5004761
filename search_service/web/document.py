"""`GET /doc/<id>`: the whole text, opened at a passage, with the same marks as in the results."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from search_service.model import Document
from search_service.web import context, params
from search_service.web.asked import Asked
from search_service.web.keeping import below, cited_as
from search_service.web.language import gettext, number
from search_service.web.origin import known
from search_service.web.place import Place, locate, view
from search_service.web.rendering import Labels, Rendering

page = Blueprint("document", __name__)
STRIP = 1000
"""Height of the strip of matches, in its own units."""


@page.get("/doc/<document_id>")
def document(document_id: str) -> str | BaseResponse:
    """The document page."""
    asked = params.read(request.args)
    found = view(document_id, asked)
    if isinstance(found, str):
        links = context.links()
        anchor = params.one(request.args, "p")
        return redirect(links.document(found, anchor, asked.pairs()), 301)
    asked_for = params.one(request.args, "p")
    place = locate(found.document, asked_for)
    matches = [match for _, match in found.matches]
    anchor = (
        found.document.passages[place.ordinal].anchor if place.ordinal is not None else asked_for
    )
    cited = cited_as(found.document, place)
    kept = below(found.document, anchor, cited) if place.ordinal is not None else ""
    former = asked_for if place.ordinal is not None and asked_for != anchor else ""
    rendering = Rendering(
        found.document,
        matches,
        _labels(found.document),
        place.ordinal,
        kept,
        title=found.title,
        former=former,
    )
    total = len(rendering.above) + len(matches)
    current = min(params.number(request.args, "m") or _opened_at(rendering, place), total)
    return render_template(
        "document.html",
        asked=asked,
        searched=bool(asked.q or asked.narrowed),
        document=found.document,
        rendering=rendering,
        total=total,
        current=current,
        step=lambda n: _step(document_id, anchor, asked, n, total),
        anchor=anchor,
        place=place,
        ticks=_ticks(rendering),
        strip=STRIP,
        cited=cited,
        metadata=known(found.document, _original_link(found.document, place)),
        similar=_similar(found.document, place),
        permanent=context.public_links().permanent(found.document.id),
        data=_schema_org(found.document),
    )


def _opened_at(rendering: Rendering, place: Place) -> int:
    """The number of the match in view: the first of the passage, else of the document."""
    matches, above = rendering.matches, len(rendering.above)
    if place.ordinal is None or not matches:
        return 1
    passage = rendering.document.passages[place.ordinal]

    # A passage may have been found by its heading alone: then the nearest match is the current.
    def away(n: int) -> int:
        return max(passage.start - matches[n].start, matches[n].start - passage.end + 1, 0)

    return above + 1 + min(range(len(matches)), key=away)


def _step(document_id: str, anchor: str, asked: Asked, to: int, count: int) -> str:
    """The address of another match; after the last comes the first."""
    target = (to - 1) % count + 1
    pairs = [("p", anchor), *asked.pairs(), ("m", str(target))]
    return context.links().at(f"/doc/{document_id}", pairs, f"m{target}")


def _labels(document: Document) -> Labels:
    originals = context.settings().originals
    return Labels(
        link=lambda ordinal: gettext("Link to passage %(n)s", n=number(ordinal + 1)),
        page=lambda page: gettext("page %(n)s", n=number(page)),
        page_link=lambda page: context.links().original(document.id, page) if originals else "",
    )


def _ticks(rendering: Rendering) -> list[tuple[int, int]]:
    """(number, height) of the matches, as far as the text tells; our script measures the page.

    Those that would lie on each other are one.
    """
    ticks = {0: 1} if rendering.above else {}
    for n, match in enumerate(rendering.matches, start=1 + len(rendering.above)):
        height = STRIP * match.start / max(1, len(rendering.document.text))
        ticks.setdefault(round(height) // 3 * 3, n)
    return [(n, y) for y, n in ticks.items()]


def _similar(document: Document, place: Place) -> list[tuple[Document, str]]:
    """Where else the passage stands nearly word for word: (document, address), the earliest first.

    The undated come last.
    """
    if place.ordinal is None:
        return []
    reader = context.opened().searcher.reader
    found = []
    for other_id, ordinal in reader.duplicates(document.id, place.ordinal):
        other = reader.summary(other_id)
        passages = reader.passages(other_id, [ordinal])
        if other is not None and passages:
            anchor = passages[0][0].anchor
            found.append((other, context.links().document(other_id, anchor)))
    return sorted(found, key=lambda pair: _earliest(pair[0]))


def _earliest(document: Document) -> tuple[bool, date | None, str]:
    written = document.metadata.date
    return (written is None, written.value.first_day if written else None, document.path)


def _original_link(document: Document, place: Place) -> str:
    if not context.settings().originals:
        return ""
    page_number = document.passages[place.ordinal].page if place.ordinal is not None else None
    return context.links().original(document.id, page_number)


def _schema_org(document: Document) -> dict[str, object]:
    known = document.metadata
    data: dict[str, object | None] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": document.title,
        "author": {"@type": "Person", "name": known.author.value} if known.author else None,
        "publisher": {"@type": "Organization", "name": known.source.value}
        if known.source
        else None,
        "datePublished": known.date.value.text if known.date else None,
        "inLanguage": [code for code in document.languages if code != "und"],
        "url": context.public_links().permanent(document.id),
        "isPartOf": {"@type": "Collection", "name": context.settings().archive_name},
        "license": context.settings().archive_rights or None,
    }
    return {name: value for name, value in data.items() if value}

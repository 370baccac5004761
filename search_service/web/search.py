"""`GET /search`: what was found, the filters beside it, and help where nothing was."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from search_service.errors import InvalidValue, SearchServiceError
from search_service.model import (
    DocumentHit,
    FacetValue,
    PassageHit,
    PublicationDate,
    Results,
    Rung,
)
from search_service.schema import FACETS, UNDATED
from search_service.searcher.searching import FACET_VALUES_SHOWN
from search_service.web import context, cures, histogram, params
from search_service.web.around import Neighbours, neighbours
from search_service.web.asked import LIMIT, MAX_OFFSET, RUNGS, Asked
from search_service.web.filters import (
    facet_label,
    in_force,
    match_label,
    search_title,
    title_of,
    value_label,
)
from search_service.web.language import gettext
from search_service.web.lines import set_lines
from search_service.web.refusals import told

page = Blueprint("search", __name__)
SHOWN = 7
"""Values of a filter that are seen before "more"."""
_FACETS = tuple(facet.name for facet in FACETS)
_TAG = re.compile("<[^>]*>")
_FRAGMENT = re.compile(r"<mark[^>]*>(.*?)</mark>([^<]*)", re.DOTALL)


@page.get("/search")
def search() -> str | Response:
    """The page of results; without words, all documents, to be narrowed by filters."""
    left_out: list[SearchServiceError] = []
    asked = params.read(request.args, refused=left_out)
    links = context.links()
    if not asked.q and not asked.narrowed and "q" in request.args:
        return redirect(links.start())
    # A page of no hits is of no use to a reader, though `limit=0` is to programs.
    asked = replace(asked, facets=_FACETS, limit=asked.limit or LIMIT)
    problem = ""
    try:
        results = context.opened().searcher.search(replace(asked, sort=_sort(asked)).question())
    except InvalidValue as refused:
        problem = told(refused)
        results = context.opened().searcher.search(replace(asked, q="").question())
        results = replace(results, hits=(), total_documents=0, total_passages=0, facets={})
    # Of a question that is refused there is nothing to be asked.
    found = bool(results.total_documents or problem)
    opened_at = params.one(request.args, "around")
    return render_template(
        "search.html",
        asked=asked,
        results=results,
        total=_total(asked, results),
        several=len(results.words) > 1,
        kept=[pair for pair in asked.pairs(paging=False) if pair[0] != "q"],
        without_dates=asked.pairs(start=None, end=None),
        sort=_sort(asked),
        sorts=_sorts(asked, results),
        matches=[(name, match_label(name)) for name in reversed(RUNGS)],
        notes=[text for code in results.notes if (text := _note(code))],
        year_address=lambda bar: links.search(_narrowed_to(asked, bar)),
        path_of=_path,
        problem=problem,
        partial=bool(context.opened().live.quarantined),
        refused=list(map(told, left_out)),
        day_form=params.DAY_FORM,
        chips=list(in_force(asked, results)),
        named=search_title(asked, results),
        facets=_facets(results),
        years=_years(asked, results),
        undated=links.search(_undated(asked)),
        all_years=links.search(asked.only_year()) if asked.dated else "",
        forms=_forms(results),
        pager=_pager(asked, results),
        around=_around(opened_at, asked),
        around_at=opened_at,
        fragment=_text_fragment,
        shown=_shown,
        obstacles=[] if found else list(cures.obstacles(asked, results)),
        unquoted=None if found else cures.in_any_order(asked),
        title_of=title_of,
    )


def _around(place: str, asked: Asked) -> Neighbours | None:
    """The neighbours of the passage `document:anchor` that is asked for without a script."""
    document_id, _, anchor = place.rpartition(":")
    return neighbours(document_id, anchor, asked) if document_id else None


@dataclass(frozen=True, slots=True)
class ShownFacet:
    """A facet as the page shows it: labels translated, the rest behind "more"."""

    name: str
    label: str
    first: list[FacetValue]
    more: list[FacetValue]


def _facets(results: Results) -> list[ShownFacet]:
    shown = []
    for facet in FACETS:
        values = [
            replace(value, label=value_label(facet.name, value.value, value.label))
            for value in results.facets.get(facet.name, ())
            if value.count or value.selected
        ]
        # One value that everything has narrows nothing.
        if len(values) > 1 or any(value.selected for value in values):
            values.sort(key=lambda value: not value.selected)
            shown.append(
                ShownFacet(facet.name, facet_label(facet.name), values[:SHOWN], values[SHOWN:])
            )
    return shown


def _forms(results: Results) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each word the other forms that were met: (word, [(form, rung)])."""
    return [
        (word.word, [(form, rung.name.lower()) for form, rung, _ in word.forms[:6]])
        for word in results.words
        if any(rung is not Rung.EXACT for _, rung, _ in word.forms)
    ]


def _sort(asked: Asked) -> Literal["relevance", "date", "-date"]:
    """The order that is meant: no document answers no words better than another."""
    return "-date" if not asked.q and asked.sort == "relevance" else asked.sort


def _sorts(asked: Asked, results: Results) -> list[tuple[str, str]]:
    """The orders that there are; one document has but one date, and what is alike but one order."""
    if asked.doc or not results.total_documents:
        return []
    best = [("relevance", gettext("Relevance"))] if asked.q else []
    return [*best, ("-date", gettext("Newest first")), ("date", gettext("Oldest first"))]


def _shown(hit: DocumentHit, passage: PassageHit) -> str:
    """A passage's snippet with its lines."""
    snippet = passage.snippet
    if "\n" not in snippet.html:
        return snippet.html
    span = snippet.start, snippet.end
    reader = context.opened().searcher.reader
    (text,) = reader.slices(hit.document.id, [span])
    return set_lines(snippet.html, text, snippet.start, reader.blocks(hit.document.id, span))


def _years(asked: Asked, results: Results) -> histogram.Histogram:
    """All years of what was found, whichever of them are asked for: those are pressed."""
    counts: Mapping[str, int] = {v.value: v.count for v in results.facets.get("year", ())}
    if asked.dated or len(counts) >= FACET_VALUES_SHOWN:
        whole = replace(asked.of_all_years(), facets=("year",), limit=0, offset=0)
        counts = dict(context.opened().searcher.rank(whole.question()).facets.get("year", ()))
    undated = UNDATED in asked.filters.get("year", ())
    return histogram.of(counts, asked.has_years, undated=undated)


def _undated(asked: Asked) -> list[tuple[str, str]]:
    """The query string of what has no date; where that is asked for, of all years."""
    return asked.only_year("" if UNDATED in asked.filters.get("year", ()) else UNDATED)


def _narrowed_to(asked: Asked, bar: histogram.Bar) -> list[tuple[str, str]]:
    """The query string that keeps the years of a bar; of one that is pressed, all years."""
    if bar.chosen:
        return asked.only_year()
    years = PublicationDate(f"{bar.first:04}"), PublicationDate(f"{bar.last:04}")
    return asked.of_all_years().pairs(start=years[0], end=years[1])


def _path(hit: DocumentHit, passage: PassageHit) -> list[str]:
    """The heading path of a passage, without the title that stands above it already."""
    path = [heading.html for heading in passage.context]
    same = path and " ".join(_plain(path[0]).split()) == " ".join(hit.document.title.split())
    return path[1:] if same else path


def _plain(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup))


def _total(asked: Asked, results: Results) -> int:
    """What is counted: documents, or passages where each is a hit."""
    return results.total_passages if asked.group == "none" else results.total_documents


def _note(code: str) -> str:
    """What the reader should know, in words; nothing for what the page says otherwise."""
    return {
        "quote_unbalanced": gettext("A quotation mark had no partner and was left out."),
        "clauses_limited": gettext("The question is long: only its first words were used."),
    }.get(code, "")


@dataclass(frozen=True, slots=True)
class Pager:
    """Where one is among the pages of hits."""

    page: int
    pages: int
    before: str
    after: str


def _pager(asked: Asked, results: Results) -> Pager | None:
    total = results.reach(by_passage=asked.group == "none")
    if (total <= asked.limit and not asked.offset) or not results.hits:
        return None
    links = context.links()
    size = asked.limit
    before = asked.pairs(offset=max(0, asked.offset - size))
    after = asked.pairs(offset=asked.offset + size)
    reachable = min(total, MAX_OFFSET)
    return Pager(
        page=asked.offset // size + 1,
        pages=max(1, -(-total // size)),
        before=links.search(before) if asked.offset else "",
        after=links.search(after) if asked.offset + size < reachable else "",
    )


def _text_fragment(hit: PassageHit) -> str:
    """A text fragment for the first match, so that any browser finds the place by its words."""
    found = _FRAGMENT.search(hit.snippet.html)
    if found is None:
        return ""
    word = html.unescape(found[1])
    after = html.unescape(found[2]).split()[:3]
    # A word that is cut in the middle would not be found: whole words only.
    if found[2][:1].isspace() and len(after) == 3:
        word = " ".join([word, *after[:2]])
    return ":~:text=" + quote(word, safe="").replace("-", "%2D")

"""`GET /browse`: all documents, by date, source, language, folder or title."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template, request

from search_service.errors import InvalidValue
from search_service.model import Document
from search_service.schema import UNDATED
from search_service.web import context, histogram, params
from search_service.web.alphabet import script
from search_service.web.language import current, gettext, language_name
from search_service.web.refusals import gettext_noop

page = Blueprint("browse", __name__)
_LISTED = gettext_noop("choose one of those that %(page)s lists")
WAYS = ("date", "source", "language", "folder", "title")
SHOWN = 200
"""Documents on a page."""


NONE = "-"
"""In addresses, the group of what has no source or folder."""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with the documents below it."""

    name: str
    label: str
    count: int
    documents: list[Document]


@page.get("/browse")
def browse() -> str:
    """A page of the catalogue. Raises `UnknownName` and `InvalidValue`."""
    by = params.choice(request.args, "by", WAYS)
    asked = params.one(request.args, "group")
    wanted = "" if asked == NONE else asked or None
    offset = params.number(request.args, "offset") or 0
    catalogue = context.opened().catalogue()
    groups = catalogue.grouped(by, current())
    counts = [(name, _label(by, name), len(documents)) for name, documents in groups.items()]
    if wanted is not None and wanted not in groups:
        raise InvalidValue("group", asked, _LISTED, page=f"/browse?by={by}")
    chosen = {wanted: groups[wanted]} if wanted is not None else groups
    total = sum(map(len, chosen.values()))
    # A page beyond the last is the last.
    offset = min(offset, max(0, total - 1) // SHOWN * SHOWN)
    return render_template(
        "browse.html",
        by=by,
        ways={way: _way(way) for way in WAYS},
        counts=_by_script(counts) if by == "title" else [counts],
        groups=list(_page(by, chosen, offset)),
        group=wanted,
        total=total,
        offset=offset,
        size=SHOWN,
        catalogue=catalogue,
        years=histogram.of(catalogue.years()),
        undated=context.links().browse([("by", "date"), ("group", UNDATED)]),
        year_address=_year_address,
        group_of=lambda name: [("by", by), ("group", name or NONE)],
        place=lambda at: [
            ("by", by),
            ("group", asked),
            ("offset", str(max(0, at)) if at > 0 else ""),
        ],
    )


def _by_script(letters: list[tuple[str, str, int]]) -> list[list[tuple[str, str, int]]]:
    """Initial letters, those of each script by themselves: K and К look the same."""
    runs = groupby(letters, lambda letter: script(letter[0][:1] or " "))
    return [list(run) for _, run in runs]


def _page(by: str, groups: dict[str, list[Document]], offset: int) -> list[Group]:
    """The documents from `offset` on, under their headings."""
    shown: list[Group] = []
    at = 0
    for name, documents in groups.items():
        low, high = max(0, offset - at), max(0, offset + SHOWN - at)
        if documents[low:high]:
            shown.append(Group(name, _label(by, name), len(documents), documents[low:high]))
        at += len(documents)
    return shown


def _year_address(bar: histogram.Bar) -> str:
    """A year's documents; a span of years is a search without words."""
    if bar.first == bar.last:
        return context.links().browse([("by", "date"), ("group", str(bar.first))])
    return context.links().search([("from", str(bar.first)), ("to", str(bar.last))])


def _way(by: str) -> str:
    return {
        "date": gettext("Date"),
        "source": gettext("Source"),
        "language": gettext("Language"),
        "folder": gettext("Folder"),
        "title": gettext("Title"),
    }[by]


def _label(by: str, name: str) -> str:
    if by == "date":
        return gettext("Undated") if name == UNDATED else name
    if by == "language":
        return language_name(name)
    if name:
        return name
    return {
        "source": gettext("Source not known"),
        "folder": gettext("Top folder"),
    }.get(by, gettext("Other signs"))

"""What helps where nothing was found: what stands in the way, and the words asked otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from search_service.model import Obstacle, Results
from search_service.web import context
from search_service.web.asked import Asked
from search_service.web.filters import facet_label, match_label, title_of, value_label
from search_service.web.language import gettext

_QUOTES = str.maketrans(dict.fromkeys('"“”„«»', " "))


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What is asked beside the words, and without which something would be found."""

    label: str
    value: str
    documents: int
    without: list[tuple[str, str]]
    """The query string without it; empty where it stands among the words."""


def obstacles(asked: Asked, results: Results) -> Iterator[InTheWay]:
    """Filters, and how strictly words are asked, each lifted by itself."""
    for found in results.obstacles:
        yield _filter(asked, found)
    if asked.op == "and" and (count := _documents(replace(asked, op="or"))):
        yield InTheWay("", gettext("All words"), count, asked.pairs(op="or"))
    if asked.match != "translit" and (count := _documents(replace(asked, match="translit"))):
        yield InTheWay("", match_label(asked.match), count, asked.pairs(match="translit"))


def in_any_order(asked: Asked) -> tuple[str, int] | None:
    """The words of a phrase without their quotation marks, and how many documents have any."""
    words = " ".join(asked.q.translate(_QUOTES).split())
    if words == asked.q or not words:
        return None
    count = _documents(replace(asked, q=words))
    return (words, count) if count else None


def _filter(asked: Asked, found: Obstacle) -> InTheWay:
    name, asks = found.name, asked.filters.get(found.name)
    label, without = facet_label(name), asked.without_filter(name) if asks else []
    value = ", ".join(value_label(name, each, each) for each in found.values)
    if name == "document":
        label, value, without = gettext("In"), title_of(asked.doc), asked.pairs(doc="")
    elif name == "date":
        label = gettext("Published")
        value = " – ".join(each.text if each else "…" for each in (asked.start, asked.end))
        if asked.start == asked.end:
            value = asked.start.text if asked.start else ""
        without = asked.pairs(start=None, end=None) if value else []
    return InTheWay(label, value, found.documents, without)


def _documents(asked: Asked) -> int:
    """How many documents this would find."""
    counted = replace(asked, limit=0, offset=0, facets=())
    return context.opened().searcher.rank(counted.question()).total_documents

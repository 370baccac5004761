"""What narrows a search, in words: filters in force, and the names of facets and their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from search_service.model import Results
from search_service.schema import UNDATED
from search_service.web import context
from search_service.web.asked import Asked
from search_service.web.citation import names
from search_service.web.language import gettext, language_name
from search_service.web.origin import format_label


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter in force, with the query string that goes on without it."""

    label: str
    value: str
    without: list[tuple[str, str]]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}" if self.label else self.value


def in_force(asked: Asked, results: Results) -> Iterator[Filter]:
    """All filters of a search, in the order of the facets."""
    for name, values in asked.filters.items():
        for value in values:
            label = value_label(name, value, _known_label(results, name, value))
            yield Filter(facet_label(name), label, asked.without_filter(name, value))
    if asked.start and asked.end and asked.start.text == asked.end.text:
        without = asked.pairs(start=None, end=None)
        yield Filter(gettext("Published"), asked.start.text, without)
    else:
        if asked.start:
            yield Filter(gettext("From"), asked.start.text, asked.pairs(start=None))
        if asked.end:
            yield Filter(gettext("To"), asked.end.text, asked.pairs(end=None))
    if asked.doc:
        yield Filter(gettext("In"), title_of(asked.doc), asked.pairs(doc=""))
    if asked.op == "and":
        yield Filter("", gettext("All words"), asked.pairs(op="or"))
    if asked.match != "translit":
        yield Filter("", match_label(asked.match), asked.pairs(match="translit"))


def title_of(document_id: str) -> str:
    """A document's title, or its id where there is none of this id."""
    known = context.opened().catalogue().get(document_id)
    return known.title if known else document_id


def search_title(asked: Asked, results: Results) -> str:
    """A search in words: what is asked and each filter; empty for all documents."""
    return " · ".join(filter(None, (asked.q, *map(str, in_force(asked, results)))))


def facet_label(name: str) -> str:
    """A facet's name in the language of the interface."""
    return {
        "language": gettext("Language"),
        "year": gettext("Year"),
        "source": gettext("Source"),
        "author": gettext("Author"),
        "folder": gettext("Folder"),
        "format": gettext("Format"),
    }.get(name, name)


def value_label(facet: str, value: str, label: str) -> str:
    """A facet's value in the language of the interface; `label` is what the index calls it."""
    if facet == "language":
        return language_name(value)
    if facet == "year" and value == UNDATED:
        return gettext("Undated")
    if facet == "folder" and not value:
        return gettext("Top folder")
    if facet == "format":
        return format_label(value)
    if facet == "author":
        return names(label)
    return label


def match_label(match: str) -> str:
    """How far down the match ladder, in words."""
    return {
        "exact": gettext("Exactly as typed"),
        "fold": gettext("Without regard to accents"),
        "stem": gettext("Other endings too"),
        "translit": gettext("Other scripts too"),
    }[match]


def _known_label(results: Results, facet: str, value: str) -> str:
    return next((v.label for v in results.facets.get(facet, ()) if v.value == value), value)

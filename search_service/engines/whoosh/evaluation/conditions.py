"""Conditions on what is not words: keyword fields, dates and the request's filters.

A document's date is a span of days ("2020-11" is thirty); it meets a range that it overlaps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from whoosh.query import DateRange, NumericRange

from search_service.engines.base import Request
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Ints, Mask
from search_service.errors import UnknownName
from search_service.schema import FACETS, TEXT_FIELD

DOCUMENT_FIELD = "document"
DATE_FIELD = "date"
KEYWORD_FIELDS = (DOCUMENT_FIELD, *(facet.name for facet in FACETS))
LEVELS = {facet.name: facet.level for facet in FACETS}


def keyword(snapshot: Snapshot, field: str, values: tuple[str, ...]) -> Ints:
    """The passages (live or not, ascending) where a keyword field has one of the values."""
    if field == DOCUMENT_FIELD:
        return _passages_of(snapshot, document_mask(snapshot, values))
    coded = snapshot.coded(field)
    wanted = facet_table(snapshot, field, values)[coded.codes]
    if LEVELS[field] == "document":
        return _passages_of(snapshot, wanted)
    return np.flatnonzero(wanted).astype(np.int32)


def having(snapshot: Snapshot, field: str | None) -> Ints:
    """The passages (live or not, ascending) that have anything in a field, or all of them."""
    if field is None:
        return np.arange(snapshot.passage_count, dtype=np.int32)
    if field == TEXT_FIELD:
        return np.flatnonzero(snapshot.passage_lengths).astype(np.int32)
    if field == DATE_FIELD:
        return _passages_of(snapshot, snapshot.first_day > 0)
    if field not in LEVELS:
        raise UnknownName("field", field, (TEXT_FIELD, DATE_FIELD, *LEVELS))
    codes = snapshot.coded(field).codes
    if LEVELS[field] == "document":
        return _passages_of(snapshot, codes >= 0)
    return np.flatnonzero(codes >= 0).astype(np.int32)


def number_range(snapshot: Snapshot, node: NumericRange) -> Ints:
    """The passages of documents whose date or year lies in a range."""
    if isinstance(node, DateRange):
        if node.fieldname != DATE_FIELD:
            raise UnknownName("date field", node.fieldname, (DATE_FIELD,))
        first = None if node.startdate is None else node.startdate.toordinal()
        last = None if node.enddate is None else node.enddate.toordinal()
    else:
        if node.fieldname not in (DATE_FIELD, "year"):
            raise UnknownName("number field", node.fieldname, (DATE_FIELD, "year"))
        first = None if node.start is None else math.ceil(node.start)
        last = None if node.end is None else math.floor(node.end)
    if first is not None and node.startexcl:
        first += 1
    if last is not None and node.endexcl:
        last -= 1
    if node.fieldname == DATE_FIELD:
        return _passages_of(snapshot, date_mask(snapshot, first, last))
    years = tuple(
        year
        for year in snapshot.coded("year").values
        if year.isdecimal()
        and (first is None or int(year) >= first)
        and (last is None or int(year) <= last)
    )
    return keyword(snapshot, "year", years)


def date_mask(snapshot: Snapshot, first: int | None, last: int | None) -> Mask:
    """bool[D]: the dated documents whose span of days overlaps [first, last]."""
    mask = snapshot.first_day > 0
    if first is not None:
        mask &= snapshot.last_day >= first
    if last is not None:
        mask &= snapshot.first_day <= last
    return mask


def document_mask(snapshot: Snapshot, ids: tuple[str, ...]) -> Mask:
    """bool[D]: the documents of these ids."""
    mask = np.zeros(snapshot.document_count, bool)
    for segment, base in zip(snapshot.segments, snapshot.document_bases, strict=True):
        for document_id in ids:
            number = segment.live_document_number(document_id)
            if number is not None:
                mask[base + number] = True
    return mask


def facet_table(snapshot: Snapshot, name: str, values: tuple[str, ...]) -> Mask:
    """bool[number of values + 1]: whether a code is asked for; -1, no value, never is."""
    if name not in LEVELS:
        raise UnknownName("filter", name, LEVELS)
    coded = snapshot.coded(name)
    table = np.zeros(len(coded.values) + 1, bool)
    for value in values:
        if value in coded.places:
            table[coded.places[value]] = True
    return table


class Filters:
    """The filters of a request, each of them a mask, so that a facet can ignore its own."""

    def __init__(self, snapshot: Snapshot, request: Request) -> None:
        self._snapshot = snapshot
        self._of_passages: dict[str, Mask] = {}
        self._of_documents: dict[str, Mask] = {}
        for name, values in request.filters.items():
            table = facet_table(snapshot, name, values)
            masks = self._of_documents if LEVELS[name] == "document" else self._of_passages
            masks[name] = table
        self._fixed: Mask | None = None
        if request.first_day is not None or request.last_day is not None:
            self._fixed = date_mask(snapshot, request.first_day, request.last_day)
        if request.document is not None:
            only = document_mask(snapshot, (request.document,))
            self._fixed = only if self._fixed is None else self._fixed & only

    @property
    def names(self) -> frozenset[str]:
        """Facets by which is filtered."""
        return frozenset(self._of_passages) | frozenset(self._of_documents)

    def __bool__(self) -> bool:
        return bool(self._of_passages or self._of_documents or self._fixed is not None)

    def keep(self, units: Ints | NDArray[np.int64], ignoring: str | None = None) -> Mask:
        """Which passages pass all filters, but for the one on the facet `ignoring`."""
        kept = np.ones(len(units), bool)
        for name, table in self._others(self._of_passages, ignoring):
            kept &= table[self._snapshot.coded(name).codes[units]]
        documents = self._snapshot.passage_document[units]
        for name, table in self._others(self._of_documents, ignoring):
            kept &= table[self._snapshot.coded(name).codes[documents]]
        if self._fixed is not None:
            kept &= self._fixed[documents]
        return kept

    @staticmethod
    def _others(masks: Mapping[str, Mask], ignoring: str | None) -> list[tuple[str, Mask]]:
        return [(name, mask) for name, mask in masks.items() if name != ignoring]


def _passages_of(snapshot: Snapshot, documents: Mask) -> Ints:
    return np.flatnonzero(documents[snapshot.passage_document]).astype(np.int32)

"""The terms of a segment of ours, field by field, as Whoosh's reader interface wants them.

Whoosh has one list of terms a field, sorted by bytes, and no languages: the rows of a form in all
its languages are one term. These lists are made when another program first asks for them.
"""

# Whoosh has no types in its codecs.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import FieldType
from whoosh.formats import Format
from whoosh.reading import TermInfo

from search_service.engines.whoosh.codec.matching import TermPostings
from search_service.engines.whoosh.store.segment import Segment
from search_service.schema import TITLE_FIELD

Ints = NDArray[np.int32]


class SortedTerms(list[bytes]):
    """Terms in the order of their bytes, with the look-ups that `vocabulary.Strings` has."""

    def bisect_left(self, key: bytes) -> int:
        """The first place whose term is not less than `key`."""
        return bisect_left(self, key)

    def find(self, key: bytes) -> int:
        """The place of a term, or -1."""
        place = bisect_left(self, key)
        return place if place < len(self) and self[place] == key else -1


class WordField:
    """A field of words: exact forms, with their positions."""

    def __init__(self, segment: Segment, name: str) -> None:
        self._segment = segment
        self._field = segment.fields[name]
        self._of_documents = name == TITLE_FIELD

    @cached_property
    def _listed(self) -> tuple[SortedTerms, list[list[int]]]:
        """The terms that some passage has, and the rows of each."""
        terms = SortedTerms()
        rows: list[list[int]] = []
        vocabulary = self._segment.vocabulary
        wanted = self._rows_with_passages()
        for row in vocabulary.by_form.tolist():
            if wanted[row]:
                text = vocabulary.form(row)[1].encode()
                if not terms or terms[-1] != text:
                    terms.append(text)
                    rows.append([])
                rows[-1].append(row)
        return terms, rows

    def _rows_with_passages(self) -> NDArray[np.bool_]:
        field = self._field
        starts = field.starts.astype(np.int64)
        units = field.units(0, len(field))
        there = np.diff(self._segment.document_passages) > 0
        having = there[units] if self._of_documents else np.ones(len(units), bool)
        sums = np.concatenate(([0], np.cumsum(having)))
        wanted: NDArray[np.bool_] = sums[starts[1:]] > sums[starts[:-1]]
        return wanted

    @property
    def terms(self) -> SortedTerms:
        """All terms."""
        return self._listed[0]

    @cached_property
    def lengths(self) -> Ints:
        """int32[P]: how many words of the field each passage has."""
        field = self._field
        units, frequencies = field.decode(0, len(field))
        count = self._segment.document_count if self._of_documents else self._segment.passage_count
        lengths = np.bincount(units, frequencies, count).astype(np.int32)
        return lengths[self._segment.passage_document] if self._of_documents else lengths

    def info(self, place: int) -> TermInfo:
        """What Whoosh wants to know of a term by its place."""
        found = self.postings(place, None)
        lengths = self.lengths[found.documents]
        return TermInfo(
            weight=float(found.frequencies.sum()),
            df=len(found.documents),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(found.frequencies.max()),
            minid=int(found.documents[0]),
            maxid=int(found.documents[-1]),
        )

    def postings(
        self,
        place: int,
        format_: Format | None,  # noqa: ARG002 -- all terms are asked alike; these have one
    ) -> TermPostings:
        """The passages of a term by its place, with frequencies and positions."""
        units: list[Ints] = []
        counts: list[Ints] = []
        positions: list[Ints] = []
        for row in self._listed[1][place]:
            low, high = int(self._field.starts[row]), int(self._field.starts[row + 1])
            units.append(self._field.units(low, high))
            frequencies, places = self._field.positions(low, high)
            counts.append(frequencies)
            positions.append(places)
        return self._passages(*map(np.concatenate, (units, counts, positions)))

    def _passages(self, units: Ints, counts: Ints, positions: Ints) -> TermPostings:
        # One entry a position: a form may be in one passage in two languages.
        owners = np.repeat(units, counts)
        order = np.lexsort((positions, owners))
        owners, positions = owners[order], positions[order]
        if self._of_documents:
            starts = self._segment.document_passages
            passages = np.diff(starts)[owners]
            shifts = np.arange(int(passages.sum())) - np.repeat(
                np.cumsum(passages) - passages, passages
            )
            positions = np.repeat(positions, passages)
            owners = np.repeat(starts[owners], passages) + shifts.astype(np.int32)
            order = np.lexsort((positions, owners))
            owners, positions = owners[order], positions[order]
        documents, counted = np.unique(owners, return_counts=True)
        frequencies: Ints = counted.astype(np.int32)
        return TermPostings(documents, frequencies, frequencies, positions)


class ValueField:
    """A field of whole values: for each, the passages that have it, once."""

    def __init__(self, passages: Mapping[bytes, Ints]) -> None:
        self._passages = passages
        self.terms = SortedTerms(sorted(passages))
        self.lengths: Ints | None = None

    def info(self, place: int) -> TermInfo:
        """What Whoosh wants to know of a term by its place."""
        found = self._passages[self.terms[place]]
        return TermInfo(
            weight=float(len(found)),
            df=len(found),
            minlength=0,
            maxlength=0,
            maxweight=1.0,
            minid=int(found[0]),
            maxid=int(found[-1]),
        )

    def postings(
        self,
        place: int,
        format_: Format,  # noqa: ARG002 -- all terms are asked alike; these have one
    ) -> TermPostings:
        """The passages of a value by its place."""
        found = self._passages[self.terms[place]]
        ones = np.ones(len(found), np.int32)
        return TermPostings(found, ones, ones, None)


def facet_field(segment: Segment, name: str) -> ValueField:
    """The values of a facet."""
    codes, values = segment.facet(name)
    if name != "language":
        codes = codes[segment.passage_document]
    return ValueField(_inverted([values[code] if code >= 0 else "" for code in codes.tolist()]))


def document_field(segment: Segment) -> ValueField:
    """The ids of documents."""
    ids = [segment.document_id(number) for number in range(segment.document_count)]
    return ValueField(_inverted([ids[number] for number in segment.passage_document.tolist()]))


def anchor_field(segment: Segment) -> ValueField:
    """The anchors of passages."""
    anchors = segment.catalogue.anchors
    return ValueField(_inverted([anchors[n].decode() for n in range(segment.passage_count)]))


def date_field(segment: Segment, numeric: FieldType) -> ValueField:
    """The first days of dates, as Whoosh cuts numbers into terms of several precisions."""
    days = segment.first_day[segment.passage_document]
    found: dict[bytes, list[Ints]] = defaultdict(list)
    for day in np.unique(days[days > 0]).tolist():
        passages = np.flatnonzero(days == day).astype(np.int32)
        for text, *_ in numeric.index(day):
            found[text].append(passages)
    return ValueField({text: np.sort(np.concatenate(parts)) for text, parts in found.items()})


def _inverted(values: Sequence[str]) -> dict[bytes, Ints]:
    """Value -> the passages that have it; the empty one is none."""
    found: dict[bytes, list[int]] = defaultdict(list)
    for passage, value in enumerate(values):
        if value:
            found[value.encode()].append(passage)
    return {value: np.array(passages, np.int32) for value, passages in found.items()}

"""The columns of segments that are merged: read where they lie, some at a time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.catalogue import Blobs
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.writing.columns import DOCUMENT_FACETS, Ints, Numbers

_AT_ONCE = 1 << 14
"""Passages that are read at a time."""

T = TypeVar("T")


class _Again(Generic[T]):
    """What an iterator gives, from the beginning each time."""

    def __init__(self, begin: Callable[[], Iterator[T]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[T]:
        return self._begin()


class Merged:
    """`Columns` of the live documents of some segments, in their order."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._numbers = [live_numbers(segment) for segment in segments]
        self.languages = Numbers()
        self._languages = [_coded(self.languages, segment.languages) for segment in segments]
        self._values = {name: Numbers() for name in DOCUMENT_FACETS}

    @property
    def document_count(self) -> int:
        """D."""
        return sum(map(len, self._numbers))

    @property
    def passage_count(self) -> int:
        """P."""
        return sum(segment.live_passage_count for segment in self._segments)

    @property
    def passage_counts(self) -> Ints:
        """See `Columns`."""
        return self._of_documents(lambda segment: np.diff(segment.document_passages))

    @property
    def days(self) -> tuple[Ints, Ints]:
        """See `Columns`."""
        first = self._of_documents(lambda segment: segment.first_day)
        return first, self._of_documents(lambda segment: segment.last_day)

    def facet(self, name: str) -> tuple[Ints, Sequence[str]]:
        """See `Columns`."""
        known = self._values[name]

        def codes(segment: Segment) -> Ints:
            old, values = segment.facet(name)
            # -1, which is no value, takes the last element.
            return np.append(_coded(known, values), np.int32(-1))[old]

        return self._of_documents(codes), list(known)

    def _of_documents(self, column: Callable[[Segment], Ints]) -> Ints:
        """What a column has of the live documents of each segment."""
        found = [
            column(segment)[numbers]
            for segment, numbers in zip(self._segments, self._numbers, strict=True)
        ]
        return np.concatenate(found)

    @property
    def ids(self) -> Iterable[bytes]:
        """See `Columns`."""
        return _Again(self._ids)

    def _ids(self) -> Iterator[bytes]:
        for segment, numbers in zip(self._segments, self._numbers, strict=True):
            yield from map(segment.ids.__getitem__, map(int, numbers))

    @property
    def texts(self) -> Iterable[bytes]:
        """The texts of the documents."""
        return self._blobs(lambda segment: segment.catalogue.texts)

    @property
    def summaries(self) -> Iterable[bytes]:
        """See `Columns`."""
        return self._blobs(lambda segment: segment.catalogue.summaries)

    @property
    def structures(self) -> Iterable[bytes]:
        """See `Columns`."""
        return self._blobs(lambda segment: segment.catalogue.structures)

    def _blobs(self, of: Callable[[Segment], Blobs]) -> Iterable[bytes]:
        def begin() -> Iterator[bytes]:
            for segment, numbers in zip(self._segments, self._numbers, strict=True):
                blobs = of(segment)
                for number in map(int, numbers):
                    yield bytes(blobs[number])

        return _Again(begin)

    @property
    def anchors(self) -> Iterable[bytes]:
        """See `Columns`."""
        return _Again(self._anchors)

    def _anchors(self) -> Iterator[bytes]:
        for segment in self._segments:
            for places in _live_passages(segment):
                yield from map(segment.catalogue.anchors.__getitem__, places.tolist())

    def id_order(self) -> Ints:
        """See `Columns`."""
        return self._order(
            lambda segment: segment.in_id_order(), lambda segment: segment.ids.__getitem__
        )

    def path_order(self) -> Ints:
        """See `Columns`."""
        return self._order(
            lambda segment: segment.catalogue.in_path_order(),
            lambda segment: segment.catalogue.path,
        )

    def _order(
        self,
        numbers: Callable[[Segment], Iterator[int]],
        key: Callable[[Segment], Callable[[int], object]],
    ) -> Ints:
        """The new numbers of the live documents, which each segment has in order already."""

        def each(segment: Segment, first: int) -> Iterator[tuple[object, int]]:
            live, key_of = segment.live_documents, key(segment)
            new = None if live is None else np.cumsum(live, dtype=np.int32) - 1
            for number in numbers(segment):
                if live is None or new is None:
                    yield key_of(number), first + number
                elif live[number]:
                    yield key_of(number), first + int(new[number])

        firsts = np.cumsum([0, *map(len, self._numbers)]).tolist()
        merged = heapq.merge(*map(each, self._segments, firsts))
        return np.fromiter((number for _, number in merged), np.int32, self.document_count)

    def passages(self, name: str) -> Iterator[Ints]:
        """See `Columns`."""
        for segment, codes in zip(self._segments, self._languages, strict=True):
            for places in _live_passages(segment):
                yield _read(segment, name, places, codes)

    def heading_spans(self) -> Iterator[Ints]:
        """See `Columns`."""
        for segment in self._segments:
            starts = segment.catalogue.file.array("heading.starts")
            spans = segment.catalogue.file.array("heading.spans").reshape(-1, 2)
            for places in _live_passages(segment):
                first = starts[places].astype(np.int64)
                yield spans[ranges(first, starts[places + 1] - first)].reshape(-1)


def _read(segment: Segment, name: str, places: Ints, codes: Ints) -> Ints:
    """What the array `passage.NAME` has of some passages."""
    found: Ints
    match name:
        case "length":
            found = segment.passage_length[places]
        case "signature":
            found = segment.signature[places]
        case "language":
            found = codes[segment.passage_language[places]]
        case "headings":
            starts = segment.catalogue.file.array("heading.starts")
            found = starts[places + 1] - starts[places]
        case _:
            table = segment.catalogue.file.array(f"passage.{name}")
            found = table.reshape(segment.passage_count, -1)[places].reshape(-1)
    return found


def _coded(known: Numbers, values: Sequence[str]) -> NDArray[np.int32]:
    """What values are told by among all that are known."""
    return np.array([known[value] for value in values], np.int32)


def _live_passages(segment: Segment) -> Iterator[Ints]:
    """Their numbers, some at a time."""
    for low in range(0, segment.passage_count, _AT_ONCE):
        high = min(low + _AT_ONCE, segment.passage_count)
        yield (
            np.arange(low, high)
            if segment.live is None
            else low + np.flatnonzero(segment.live[low:high])
        )


def live_numbers(segment: Segment) -> Ints:
    """The numbers of the live documents."""
    if segment.live_documents is None:
        return np.arange(segment.document_count)
    return np.flatnonzero(segment.live_documents)


def ranges(starts: Ints, counts: Ints) -> Ints:
    """The numbers starts[i], starts[i] + 1 ... counts[i] of them, for each i in turn."""
    before = np.cumsum(counts, dtype=np.int64) - counts
    total = int(counts.sum())
    return np.repeat(starts - before, counts) + np.arange(total, dtype=np.int64)

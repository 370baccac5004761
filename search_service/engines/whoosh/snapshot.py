"""The segments of one generation as one numbered space, with the statistics that scores need.

Passages and documents are numbered through all segments, in the order of the segments; a number
means nothing outside, so that ties are broken by document id. Statistics are of what is live: no
score depends on how the passages lie in segments, or on what was deleted before.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.kernel import Kernel, chosen_kernel, open_kernel
from search_service.engines.whoosh.planning.planner import Planner, open_planner
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.weights import K1, B
from search_service.schema import TITLE_FIELD


class Scratch(threading.local):
    """Zeroed arrays of one element a unit, one set a thread; whoever uses them zeroes them."""

    def __init__(self, size: int) -> None:
        self.sums: Floats = np.zeros(size)
        self.marks: Mask = np.zeros(size, bool)
        self.bits: NDArray[np.int64] = np.zeros(size, np.int64)


class Memory(dict[Any, Any]):
    """Answers by question; emptied when it is full, as words asked again soon come back."""

    LIMIT = 4096

    def __setitem__(self, key: Any, value: Any) -> None:
        if len(self) >= self.LIMIT:
            self.clear()
        super().__setitem__(key, value)


@dataclass(frozen=True)
class Coded:
    """A facet over all segments: a code for each passage or document, and what codes mean."""

    codes: Ints | NDArray[np.uint8]
    values: tuple[str, ...]
    places: dict[str, int]


@dataclass
class Snapshot:
    """The segments, and arrays over all of them."""

    segments: Sequence[Segment]
    kernel_name: str | None = None
    """None is the best there is."""
    memory: Memory = field(default_factory=Memory)
    """What was found out about words before."""

    def __post_init__(self) -> None:
        passages = [0]
        documents = [0]
        for segment in self.segments:
            passages.append(passages[-1] + segment.passage_count)
            documents.append(documents[-1] + segment.document_count)
        self.passage_bases = tuple(passages[:-1])
        self.document_bases = tuple(documents[:-1])
        self.passage_count = passages[-1]
        """Dead ones included."""
        self.document_count = documents[-1]
        """Dead ones included."""
        self.scratch = Scratch(max(self.passage_count, self.document_count))

    @cached_property
    def kernel(self) -> Kernel:
        """The inner loops over these arrays."""
        return open_kernel(self, self.kernel_name)

    @cached_property
    def planner(self) -> Planner:
        """What makes plans over these vocabularies."""
        return open_planner(self, self.kernel_name or chosen_kernel())

    def base(self, field: str, number: int) -> int:
        """What is added to the units of a field of a segment."""
        return (self.document_bases if field == TITLE_FIELD else self.passage_bases)[number]

    def _over_all(self, name: str, bases: Sequence[int] | None = None) -> NDArray[Any]:
        arrays: list[NDArray[Any]] = [getattr(segment, name) for segment in self.segments]
        if bases is not None:
            arrays = [a + np.int32(b) if b else a for a, b in zip(arrays, bases, strict=True)]
        if len(arrays) == 1:
            return arrays[0]
        return np.concatenate(arrays) if arrays else np.zeros(0, np.int32)

    @cached_property
    def passage_document(self) -> Ints:
        """int32[P]: the document of each passage."""
        return self._over_all("passage_document", self.document_bases)

    @cached_property
    def document_starts(self) -> Ints:
        """int32[D+1]: the first passage of each document, and the number of passages."""
        starts = [
            segment.document_passages[:-1] + np.int32(base)
            for segment, base in zip(self.segments, self.passage_bases, strict=True)
        ]
        return np.concatenate([*starts, np.array([self.passage_count])]).astype(np.int32)

    @cached_property
    def live(self) -> Mask | None:
        """bool[P], or None when all are live."""
        return self._live("live", "passage_count")

    @cached_property
    def live_documents(self) -> Mask | None:
        """bool[D], or None when all are live."""
        return self._live("live_documents", "document_count")

    def _live(self, name: str, count: str) -> Mask | None:
        masks = [getattr(segment, name) for segment in self.segments]
        if all(mask is None for mask in masks):
            return None
        return np.concatenate(
            [
                np.ones(getattr(segment, count), bool) if mask is None else mask
                for segment, mask in zip(self.segments, masks, strict=True)
            ]
        )

    @cached_property
    def live_passage_count(self) -> int:
        """How many passages are live."""
        return self.passage_count if self.live is None else int(np.count_nonzero(self.live))

    @cached_property
    def live_document_count(self) -> int:
        """How many documents are live."""
        live = self.live_documents
        return self.document_count if live is None else int(np.count_nonzero(live))

    @cached_property
    def passage_norms(self) -> Floats:
        """float64[P]: what BM25 adds to a frequency below the line, for the passage's length."""
        return self.length_norms[self.passage_lengths]

    @cached_property
    def length_norms(self) -> Floats:
        """float64: the same for each length from 0 to that of the longest passage."""
        lengths = self.passage_lengths
        longest = int(lengths.max()) if len(lengths) else 0
        return _norms(np.arange(longest + 1), _average(lengths, self.live))

    @cached_property
    def passage_lengths(self) -> Ints:
        """int32[P]: words in the text of each passage."""
        return self._over_all("passage_length")

    @cached_property
    def document_norms(self) -> Floats:
        """float64[D]: the same for the document's length."""
        lengths = self._over_all("document_length")
        return _norms(lengths, _average(lengths, self.live_documents))

    @cached_property
    def first_day(self) -> Ints:
        """int32[D]: the first day a document's date may mean; 0 for the undated."""
        return self._over_all("first_day")

    @cached_property
    def last_day(self) -> Ints:
        """int32[D]: the last day a document's date may mean; 0 for the undated."""
        return self._over_all("last_day")

    def signature(self, passage: int) -> int:
        """The signature of a passage."""
        which = bisect_right(self.passage_bases, passage) - 1
        return self.segments[which].signature.item(passage - self.passage_bases[which])

    def document_id(self, number: int) -> str:
        """The id of a document."""
        if len(self.segments) == 1:
            return self.segments[0].document_id(number)
        which = bisect_right(self.document_bases, number) - 1
        return self.segments[which].document_id(number - self.document_bases[which])

    @cached_property
    def document_ids(self) -> list[str]:
        """The id of each document, dead ones included."""
        return [
            segment.document_id(number)
            for segment in self.segments
            for number in range(segment.document_count)
        ]

    @property
    def ranks_known(self) -> bool:
        """Whether `document_ranks` costs nothing."""
        return len(self.segments) == 1 or "document_ranks" in self.__dict__

    @cached_property
    def document_ranks(self) -> Ints:
        """int32[D]: the place of each document in the order of ids, by which ties are broken."""
        if len(self.segments) == 1:
            return self.segments[0].id_rank
        ranks = np.empty(self.document_count, np.int32)
        ids = self.document_ids
        ranks[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids), dtype=np.int32)
        return ranks

    def coded(self, name: str) -> Coded:
        """The facet's codes over all segments."""
        cached = self._coded.get(name)
        if cached is None:
            cached = self._coded[name] = self._merge_codes(name)
        return cached

    @cached_property
    def _coded(self) -> dict[str, Coded]:
        return {}

    def _merge_codes(self, name: str) -> Coded:
        places: dict[str, int] = {}
        pieces: list[NDArray[Any]] = []
        for segment in self.segments:
            codes, values = segment.facet(name)
            table = [places.setdefault(value, len(places)) for value in values]
            kept = table == list(range(len(table)))
            # The last entry is for the code -1, no value.
            pieces.append(codes if kept else np.array([*table, -1], np.int32)[codes])
        codes = pieces[0] if len(pieces) == 1 else np.concatenate([*pieces, np.zeros(0, np.int32)])
        return Coded(codes, tuple(places), places)


def _average(lengths: NDArray[Any], live: Mask | None) -> float:
    counted = lengths if live is None else lengths[live]
    total = int(counted.sum(dtype=np.int64))
    return total / len(counted) if total else 1.0


def _norms(lengths: NDArray[Any], average: float) -> Floats:
    return K1 * (1 - B + B * lengths / average)

"""The compiled kernel, with NumPy arrays where `native/kernel` has bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.base import Found, FoundPassage
from search_service.engines.whoosh.evaluation import _kernel
from search_service.engines.whoosh.evaluation.kernel import Places
from search_service.engines.whoosh.evaluation.occurrences import Gathered, Occurrences
from search_service.engines.whoosh.evaluation.scoring import GAIN
from search_service.engines.whoosh.evaluation.sequences import ends_of
from search_service.engines.whoosh.planning.plan import FIELDS, Counts, Plan
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask
from search_service.engines.whoosh.weights import (
    COVERAGE,
    DECISIVE,
    DOCUMENT_SHARE,
    LEVEL_WEIGHTS,
    PROXIMITY,
    PROXIMITY_DEPTH,
    PROXIMITY_PASSAGES,
    PROXIMITY_WINDOW,
    SIMILAR_SHARE,
    SIMILAR_TELLS,
    Level,
)

_VIEW = (
    "starts",
    "unit_low",
    "unit_high",
    "frequency",
    "frequency_places",
    "frequency_values",
    "position",
    "position_places",
    "position_values",
    "position_blocks",
)
_BUFFER = np.frombuffer


class CompiledKernel:
    """See `kernel.Kernel`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.index = _kernel.Index(
            [
                tuple(getattr(segment.fields[name], array) for array in _VIEW)
                for segment in snapshot.segments
                for name in FIELDS
            ],
            snapshot.live,
            snapshot.passage_document,
            snapshot.passage_lengths,
            snapshot.length_norms,
            snapshot.document_norms,
            (float(snapshot.live_passage_count), float(snapshot.live_document_count)),
            tuple(float(weight) for weight in LEVEL_WEIGHTS),
            (DECISIVE, Level.FOLD),
            (GAIN, SIMILAR_SHARE, SIMILAR_TELLS),
            (COVERAGE, DOCUMENT_SHARE),
            (PROXIMITY, PROXIMITY_WINDOW, PROXIMITY_DEPTH, PROXIMITY_PASSAGES),
            [
                (segment.ids.starts, segment.ids.data, segment.signature)
                for segment in snapshot.segments
            ],
            (Found, FoundPassage, Counts),
        )
        self.search = self.index.search
        """Answer a flat query."""

    def gather(
        self, plan: Plan, factor: float, within: Ints | None = None, *, evidence: bool
    ) -> Gathered:
        """Sum and score."""
        units, scores, decided, total, best, similar, counts = self.index.gather(
            plan.entries, plan.levels, within, False, evidence, factor, plan.counts
        )
        array = _BUFFER(units, np.int32)
        return Gathered(
            array,
            _BUFFER(scores),
            None if similar is None else _BUFFER(similar, np.bool_),
            _occurrences(array, decided, total, best) if evidence else None,
            plan.counts or Counts(*counts[:4], bool(counts[4])),
        )

    def gather_documents(self, plan: Plan) -> Occurrences:
        """Sum over documents."""
        units, _, decided, total, best, _, _ = self.index.gather(
            plan.entries, plan.levels, None, True, True, 1.0, None
        )
        return _occurrences(_BUFFER(units, np.int32), decided, total, best)

    def units(self, plan: Plan, within: Ints | None = None) -> Ints:
        """Units alone."""
        found = self.index.gather(plan.entries, plan.levels, within, True, False, 1.0, None)
        return _BUFFER(found[0], np.int32)

    def document_scores(
        self, found: Occurrences, counts: Counts, factor: float
    ) -> tuple[Ints, Floats]:
        """Sum over each document and score."""
        total = None if found.total is found.decided else found.total
        documents, scores = self.index.document_scores(
            found.units, found.decided, total, found.best, counts, factor
        )
        return _BUFFER(documents, np.int32), _BUFFER(scores)

    def unite(self, lists: Sequence[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
        """Add up."""
        units, sums = self.index.unite(lists)
        return _BUFFER(units, np.int32), _BUFFER(sums)

    def shares(self, units: Ints, lists: Sequence[tuple[Ints, float]]) -> Floats:
        """Add up values."""
        return _BUFFER(self.index.shares(units, lists))

    def contained(self, units: Ints, among: Ints) -> Mask:
        """Look up."""
        return _BUFFER(self.index.contained(units, among), np.bool_)

    def documents_of(self, units: Ints) -> Ints:
        """Map to documents."""
        return _BUFFER(self.index.documents_of(units), np.int32)

    def grouped(self, units: Ints, scores: Floats) -> tuple[Ints, NDArray[np.int64], Floats]:
        """Group by document."""
        documents, starts, best = self.index.grouped(units, scores)
        return _BUFFER(documents, np.int32), _BUFFER(starts, np.int64), _BUFFER(best)

    def top(self, values: Floats, k: int) -> tuple[NDArray[np.int64], bool]:
        """The greatest."""
        places, tied = self.index.top(values, k)
        return _BUFFER(places, np.int64), tied

    def places(self, plan: Plan, units: Ints) -> Places:
        """All places."""
        return _BUFFER(self.index.places(plan.entries, plan.levels, units), np.int64)

    def followed(self, ends: Places, following: Places, reach: int) -> Places:
        """Places behind others."""
        return _BUFFER(self.index.followed(ends, following, reach), np.int64)

    def ends(self, plans: Sequence[Plan], reach: int) -> Places:
        """Follow the words' places."""
        return ends_of(self, plans, reach)


def _occurrences(units: Ints, decided: Any, total: Any, best: Any) -> Occurrences:
    sure = _BUFFER(decided)
    return Occurrences(units, sure, sure if total is None else _BUFFER(total), _BUFFER(best))

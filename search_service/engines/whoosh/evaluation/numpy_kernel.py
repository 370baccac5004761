"""The inner loops in NumPy, for installations without a compiler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.kernel import Places
from search_service.engines.whoosh.evaluation.occurrences import Gathered, Occurrences
from search_service.engines.whoosh.evaluation.plan_postings import PlanPostings
from search_service.engines.whoosh.evaluation.runs import changes, run_sums
from search_service.engines.whoosh.evaluation.scoring import scores
from search_service.engines.whoosh.evaluation.sequences import (
    NO_PLACES,
    ends_in,
    ends_in_lists,
    followed,
)
from search_service.engines.whoosh.evaluation.sums import Reading
from search_service.engines.whoosh.planning.plan import Counts, Plan
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask
from search_service.engines.whoosh.store.postings import FieldPostings


class NumpyKernel:
    """See `kernel.Kernel`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._postings = PlanPostings(snapshot)

    @property
    def views(self) -> list[FieldPostings]:
        """The postings of each field of each segment."""
        return self._postings.views

    def gather(
        self, plan: Plan, factor: float, within: Ints | None = None, *, evidence: bool
    ) -> Gathered:
        """Sum and score."""
        found = self._postings.occurrences(plan, within)
        live = self._snapshot.live
        if live is not None:
            found = found.take(live[found.units])
        return self._scored(found, plan.counts, factor, evidence=evidence)

    def gather_words(
        self,
        plans: Sequence[Plan],
        factors: Sequence[float],
        surfaces: Sequence[float | None],
        check: Callable[[], None],
    ) -> list[tuple[Gathered, Gathered | None]] | None:
        """See `kernel.WordsKernel`."""
        size = self._snapshot.passage_count
        if not Reading.fits(len(plans), size):
            return None
        shown = any(surface is not None for surface in surfaces)
        reading = Reading(self.views, plans, size)
        check()
        sums = reading.sums(self._snapshot.live, surface=shown)
        units = sums.units.astype(np.int32)
        gathered = []
        for plan, factor, surface, (low, high) in zip(
            plans, factors, surfaces, pairwise(sums.bounds), strict=True
        ):
            check()
            decided, best = sums.decided[low:high], sums.best[low:high]
            total = decided if sums.total is sums.decided else sums.total[low:high]
            found = Occurrences(units[low:high], decided, total, best)
            word = self._scored(found, plan.counts, factor, evidence=True)
            plan.counts = word.counts
            extra = None
            if surface is not None:
                written = sums.surface[low:high]
                (places,) = written.nonzero()
                written = written[places]
                alone = Occurrences(found.units[places], written, written, best[places])
                extra = self._scored(alone, plan.surface_counts, surface, evidence=True)
                plan.surface_counts = extra.counts
            gathered.append((word, extra))
        return gathered

    def _scored(
        self, found: Occurrences, known: Counts | None, factor: float, *, evidence: bool
    ) -> Gathered:
        snapshot = self._snapshot
        counts = known or self._counts(found, documents=evidence)
        if not counts.weak and found.total is not found.decided:
            # Only deleted passages had similar forms: no trace of them must be left.
            found = Occurrences(found.units, found.decided, found.decided, found.best)
        values = scores(
            found,
            snapshot.passage_norms.take(found.units),
            snapshot.live_passage_count,
            counts.passages,
            counts.all_passages,
            weak=counts.weak,
            factor=factor,
        )
        similar = None if found.total is found.decided else found.decided == 0
        if similar is not None and not similar.any():
            similar = None
        return Gathered(found.units, values, similar, found if evidence else None, counts)

    def _counts(self, found: Occurrences, *, documents: bool) -> Counts:
        weak = found.total is not found.decided and not np.array_equal(found.total, found.decided)
        units = found.units
        sure = units[found.decided > 0] if weak else units
        every = len(self.documents_of(units)) if documents else 0
        return Counts(
            len(sure),
            len(units),
            len(self.documents_of(sure)) if documents and weak else every,
            every,
            weak,
        )

    def gather_documents(self, plan: Plan) -> Occurrences:
        """Sum over documents."""
        return self._postings.occurrences(plan)

    def units(self, plan: Plan, within: Ints | None = None) -> Ints:
        """Units alone."""
        return self._postings.units(plan, within)

    def document_scores(
        self, found: Occurrences, counts: Counts, factor: float
    ) -> tuple[Ints, Floats]:
        """Sum over each document and score."""
        snapshot = self._snapshot
        if not len(found.units):
            return found.units, found.decided
        documents = snapshot.passage_document.take(found.units)
        (first,) = changes(documents).nonzero()
        decided = run_sums(found.decided, first)
        total = decided if found.total is found.decided else run_sums(found.total, first)
        numbers = documents[first]
        summed = Occurrences(numbers, decided, total, np.maximum.reduceat(found.best, first))
        values = scores(
            summed,
            snapshot.document_norms[numbers],
            snapshot.live_document_count,
            counts.documents,
            counts.all_documents,
            weak=counts.weak,
            factor=factor,
        )
        return numbers, values

    def unite(self, lists: Sequence[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
        """Add up."""
        sums = self._snapshot.scratch.sums
        for units, values in lists:
            sums[units] += values
        together = self._postings.union([units for units, _ in lists])
        total = sums.take(together)
        sums[together] = 0
        return together, total

    def shares(self, units: Ints, lists: Sequence[tuple[Ints, float]]) -> Floats:
        """Add up values."""
        sums = self._snapshot.scratch.sums
        for having, value in lists:
            sums[having] += value
        total = sums.take(units)
        for having, _ in lists:
            sums[having] = 0
        return total

    def contained(self, units: Ints, among: Ints) -> Mask:
        """Look up."""
        return self._postings.contained(units, among)

    def documents_of(self, units: Ints) -> Ints:
        """Map to documents."""
        documents = self._snapshot.passage_document.take(units)
        return documents[changes(documents)]

    def grouped(self, units: Ints, scores: Floats) -> tuple[Ints, NDArray[np.int64], Floats]:
        """Group by document."""
        documents = self._snapshot.passage_document.take(units)
        first = np.flatnonzero(changes(documents))
        best = np.maximum.reduceat(scores, first) if len(first) else scores
        return documents[first], np.append(first, len(units)), best

    def top(self, values: Floats, k: int) -> tuple[NDArray[np.int64], bool]:
        """The greatest; found among the greatest of blocks, as sorting all would take long."""
        places = np.arange(len(values))
        block = len(values) // (4 * k) if k else 0
        if block > 8:
            tops = values[: len(values) // block * block].reshape(-1, block).max(1)
            least = np.partition(tops, len(tops) - k)[len(tops) - k]
            places = np.flatnonzero(values >= least)
        chosen = values[places]
        if len(chosen) > k:
            least = np.partition(chosen, len(chosen) - k)[len(chosen) - k] if k else np.inf
            places = places[chosen >= least]
            chosen = values[places]
        order = np.argsort(-chosen, kind="stable")
        ordered = chosen[order]
        return places[order], bool(np.any(ordered[1:] == ordered[:-1]))

    def places(self, plan: Plan, units: Ints) -> Places:
        """All places."""
        return self._postings.places(plan, units)

    def followed(self, ends: Places, following: Places, reach: int) -> Places:
        """Places behind others."""
        return followed(ends, following, reach)

    def ends(self, plans: Sequence[Plan], reach: int) -> Places:
        """Follow the words' places."""
        if not all(plan.postings for plan in plans):
            return NO_PLACES
        if all(plan.single for plan in plans):
            return ends_in_lists(self._snapshot, plans, reach)
        reading = Reading(self.views, plans, self._postings.size)
        return ends_in(reading, len(plans), self._snapshot.scratch.marks, reach)

"""The inner loops in NumPy, for installations without a compiler.

A list that comes in order needs no summing. Others are summed by sorting keys of unit, level and
weight when they are short, and by counting over all units when they are long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.kernel import Places
from search_service.engines.whoosh.evaluation.occurrences import EMPTY, Gathered, Occurrences
from search_service.engines.whoosh.evaluation.runs import changes, run_sums
from search_service.engines.whoosh.evaluation.scoring import scores
from search_service.engines.whoosh.evaluation.sequences import (
    NO_PLACES,
    ends_in,
    ends_in_lists,
    followed,
)
from search_service.engines.whoosh.evaluation.sums import Reading
from search_service.engines.whoosh.planning.plan import FIELDS, Counts, Plan
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask
from search_service.engines.whoosh.store.postings import FieldPostings
from search_service.engines.whoosh.weights import DECISIVE, LEVEL_WEIGHTS
from search_service.schema import TITLE_FIELD

_WEIGHTS = np.array(LEVEL_WEIGHTS, np.int64)
_LEVEL_SHIFT = 28
_UNIT_SHIFT = 32
_SUM_MASK = (1 << _LEVEL_SHIFT) - 1
_DENSE = 4
"""Lists with more than a quarter as many postings as there are units are summed by counting."""
_GALLOP = 8
"""A list this many times as long as another is searched, not read."""


class NumpyKernel:
    """See `kernel.Kernel`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.views: list[FieldPostings] = [
            segment.fields[name] for segment in snapshot.segments for name in FIELDS
        ]
        """The postings of each field of each segment."""
        self._counts_of_views = [
            segment.document_count if name == TITLE_FIELD else segment.passage_count
            for segment in snapshot.segments
            for name in FIELDS
        ]
        self._size = max(snapshot.passage_count, snapshot.document_count)

    def gather(
        self, plan: Plan, factor: float, within: Ints | None = None, *, evidence: bool
    ) -> Gathered:
        """Sum and score."""
        found = self._summed(plan, within)
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
        """Sum and score several words at once, with evidence; None where they do not fit together.

        And for a word with a factor of its surface, what is written as it was asked, or folded.
        Between steps `check` is called, which may raise.
        """
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
        return self._summed(plan, None)

    def units(self, plan: Plan, within: Ints | None = None) -> Ints:
        """Units alone."""
        if within is not None and plan.single:
            found = np.zeros(len(within), bool)
            for view, first, last, base, end in self._lists(plan):
                low, high = within.searchsorted((base, end))
                found[low:high] = view.search(first, last, within[low:high] - base)[1]
            return within[found]
        pieces = []
        for view, low, high, base, _, _ in plan.table().tolist():
            postings = self.views[view]
            local = postings.units(int(postings.starts[low]), int(postings.starts[high]))
            pieces.append((local + base).astype(np.int32) if base else local)
        units: Ints = pieces[0] if len(pieces) == 1 else np.concatenate([EMPTY.units, *pieces])
        if not plan.single:
            units = self._union([units])
        if within is None:
            return units
        common: Ints = within[self.contained(within, units)]
        return common

    def _lists(self, plan: Plan) -> Iterator[tuple[FieldPostings, int, int, int, int]]:
        """The lists of a single plan: their postings [first, last), the bounds of their units."""
        for view, low, _, base, _, _ in plan.table().tolist():
            postings = self.views[view]
            first, last = int(postings.starts[low]), int(postings.starts[low + 1])
            yield postings, first, last, base, base + self._counts_of_views[view]

    def _summed(self, plan: Plan, within: Ints | None) -> Occurrences:
        if plan.single:
            return self._single(plan, within)
        keys = []
        for view, low, high, base, factor, offset in plan.table().tolist():
            postings = self.views[view]
            starts = postings.starts[low : high + 1].astype(np.int64)
            units, frequencies = postings.decode(int(starts[0]), int(starts[-1]))
            levels = plan.row_levels()[offset : offset + high - low]
            packed = (levels.astype(np.int64) << _LEVEL_SHIFT) + (base << _UNIT_SHIFT)
            weights = _WEIGHTS[levels] * factor
            key = units.astype(np.int64) << _UNIT_SHIFT
            if high - low == 1:
                key += packed[0]
                key += frequencies * weights[0]
            else:
                counts = np.diff(starts)
                key += np.repeat(packed, counts)
                key += frequencies * np.repeat(weights, counts)
            if within is not None:
                key = key[self.contained(key >> _UNIT_SHIFT, within)]
            keys.append(key)
        together = np.concatenate(keys) if keys else np.zeros(0, np.int64)
        if len(together) * _DENSE > self._size:
            return _counted(together, self._size)
        together.sort()
        return _reduced(together)

    def _single(self, plan: Plan, within: Ints | None) -> Occurrences:
        """At most one list a segment: in order already."""
        pieces = []
        for view, low, _, base, factor, offset in plan.table().tolist():
            postings = self.views[view]
            first, last = int(postings.starts[low]), int(postings.starts[low + 1])
            units, frequencies = postings.decode(first, last)
            if base:
                units += np.int32(base)
            if within is not None:
                places = np.searchsorted(units, within)
                places[places == len(units)] = 0
                places = places[units[places] == within]
                units, frequencies = units[places], frequencies[places]
            level = int(plan.row_levels()[offset])
            sums = frequencies * float(_WEIGHTS[level] * factor)
            best = np.full(len(units), float(_WEIGHTS[level]))
            decided = sums if level >= DECISIVE else np.zeros(len(units))
            pieces.append(Occurrences(units, decided, sums, best))
        if len(pieces) == 1:
            return pieces[0]
        if not pieces:
            return EMPTY
        joined = [
            np.concatenate([getattr(piece, name) for piece in pieces])
            for name in ("units", "decided", "total", "best")
        ]
        if all(piece.total is piece.decided for piece in pieces):
            joined[2] = joined[1]
        return Occurrences(*joined)

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
        together = self._union([units for units, _ in lists])
        total = sums.take(together)
        sums[together] = 0
        return together, total

    def _union(self, lists: Sequence[Ints]) -> Ints:
        if sum(map(len, lists)) * 16 > self._size:
            mask = np.zeros(self._size, bool)
            for units in lists:
                mask[units] = True
            return np.flatnonzero(mask).astype(np.int32)
        together = np.concatenate([np.zeros(0, np.int32), *lists])
        together.sort()
        return together[changes(together)]

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
        """Look up: by searching where one list is much shorter, else by marking."""
        if not len(among) or not len(units):
            return np.zeros(len(units), bool)
        if len(units) * _GALLOP < len(among):
            places = np.searchsorted(among, units)
            places[places == len(among)] = 0
            found: Mask = among[places] == units
            return found
        marks = self._snapshot.scratch.marks
        marks[among] = True
        found = marks.take(units)
        marks[among] = False
        return found

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
        pieces = []
        if plan.single:
            for postings, first, last, base, end in self._lists(plan):
                low, high = units.searchsorted((base, end))
                within = units[low:high]
                places, found = postings.search(first, last, within - base)
                counts, positions = postings.positions_at(places)
                of_unit = np.repeat(within[found].astype(np.int64), counts)
                pieces.append((of_unit << _UNIT_SHIFT) + positions)
            return np.concatenate([np.zeros(0, np.int64), *pieces])
        for view, low, high, base, _, _ in plan.table().tolist():
            postings = self.views[view]
            first, last = int(postings.starts[low]), int(postings.starts[high])
            having = postings.units(first, last) + np.int32(base)
            counts, positions = postings.positions(first, last)
            wanted = self.contained(having, units)
            chosen = np.repeat(wanted, counts)
            of_unit = np.repeat(having[wanted].astype(np.int64), counts[wanted])
            pieces.append((of_unit << _UNIT_SHIFT) + positions[chosen])
        # A word of unknown language may stand in the vocabulary twice, at the same place.
        return np.unique(np.concatenate(pieces))

    def followed(self, ends: Places, following: Places, reach: int) -> Places:
        """Places behind others."""
        return followed(ends, following, reach)

    def ends(self, plans: Sequence[Plan], reach: int) -> Places:
        """Follow the words' places."""
        if not all(plan.postings for plan in plans):
            return NO_PLACES
        if all(plan.single for plan in plans):
            return ends_in_lists(self._snapshot, plans, reach)
        reading = Reading(self.views, plans, self._size)
        return ends_in(reading, len(plans), self._snapshot.scratch.marks, reach)


def _reduced(keys: NDArray[np.int64]) -> Occurrences:
    """Sums of sorted keys."""
    if not len(keys):
        return EMPTY
    units = (keys >> _UNIT_SHIFT).astype(np.int32)
    first = np.flatnonzero(changes(units))
    # The level lies above the sum in a key, so the last key of a unit has its best level.
    last = np.append(first[1:], len(keys)) - 1
    levels = (keys >> _LEVEL_SHIFT) & 7
    sums = (keys & _SUM_MASK).astype(np.float64)
    total = np.add.reduceat(sums, first)
    weak = levels < DECISIVE
    decided = np.add.reduceat(np.where(weak, 0.0, sums), first) if weak.any() else total
    return Occurrences(units[first], decided, total, _WEIGHTS[levels[last]].astype(np.float64))


def _counted(keys: NDArray[np.int64], size: int) -> Occurrences:
    """Sums of keys in any order."""
    units = keys >> _UNIT_SHIFT
    levels = (keys >> _LEVEL_SHIFT) & 7
    sums = (keys & _SUM_MASK).astype(np.float64)
    total: Floats = np.bincount(units, sums, size).astype(np.float64, copy=False)
    weak = levels < DECISIVE
    decided = total
    if weak.any():
        sure = np.where(weak, 0.0, sums)
        decided = np.bincount(units, sure, size).astype(np.float64, copy=False)
    best = np.zeros(size)
    for level in np.flatnonzero(np.bincount(levels, minlength=len(LEVEL_WEIGHTS))):
        best[units[levels == level]] = _WEIGHTS[level]
    found = np.flatnonzero(best)
    total_sums = total[found]
    return Occurrences(
        found.astype(np.int32),
        total_sums if decided is total else decided[found],
        total_sums,
        best[found],
    )

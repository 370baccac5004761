"""What one plan finds, in NumPy: its units, what each of them has, and where.

A list that comes in order needs no summing. Others are summed by sorting keys of unit, level and
weight when they are short, and by counting over all units when they are long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.kernel import Places
from search_service.engines.whoosh.evaluation.occurrences import EMPTY, Occurrences
from search_service.engines.whoosh.evaluation.runs import changes
from search_service.engines.whoosh.planning.plan import FIELDS, Plan
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


class PlanPostings:
    """The postings of a snapshot, as plans ask for them."""

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
        self.size = max(snapshot.passage_count, snapshot.document_count)
        """No unit is beyond it."""

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
            units = self.union([units])
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

    def occurrences(self, plan: Plan, within: Ints | None = None) -> Occurrences:
        """What each unit has of a plan, deleted ones included; of those `within` if given."""
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
        if len(together) * _DENSE > self.size:
            return _counted(together, self.size)
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

    def union(self, lists: Sequence[Ints]) -> Ints:
        """The units of any of the lists."""
        if sum(map(len, lists)) * 16 > self.size:
            mask = np.zeros(self.size, bool)
            for units in lists:
                mask[units] = True
            return np.flatnonzero(mask).astype(np.int32)
        together = np.concatenate([np.zeros(0, np.int32), *lists])
        together.sort()
        return together[changes(together)]


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

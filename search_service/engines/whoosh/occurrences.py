"""Where the forms of a word occur: their postings, summed for each passage over all segments.

The slices of all segments are gathered first and summed once. The sum of a slice is by sorting when
it is short and by counting over all passages when it is long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.groups import Run
from search_service.engines.whoosh.snapshot import Floats, Ints, Snapshot
from search_service.engines.whoosh.weights import CONTEXT_FACTOR, DECISIVE, LEVEL_WEIGHTS
from search_service.schema import CONTEXT_FIELD, TEXT_FIELD, TITLE_FIELD

Sources = tuple[tuple[str, int], ...]
"""Fields whose postings are asked, and what an occurrence there counts."""

SOURCES: dict[str, Sources] = {
    TEXT_FIELD: ((TEXT_FIELD, 1), (CONTEXT_FIELD, CONTEXT_FACTOR)),
    CONTEXT_FIELD: ((CONTEXT_FIELD, 1),),
    TITLE_FIELD: ((TITLE_FIELD, 1),),
}
"""Where a word of each field is looked for."""

_WEIGHTS = np.array(LEVEL_WEIGHTS, np.int64)
_LEVEL_SHIFT = 28
_UNIT_SHIFT = 32
_SUM_MASK = (1 << _LEVEL_SHIFT) - 1
_DENSE = 3
"""A slice of more than a third as many postings as there are passages is summed by counting."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The live passages that have a word, ascending, and what each has of it.

    Sums and weights are in 256ths.
    """

    units: Ints
    """int32."""
    decided: Floats
    """The weighted frequencies of the forms that decide; 0 where only similar ones occur."""
    total: Floats
    """The weighted frequencies of all forms; the same array where there are no similar ones."""
    best: Floats
    """The weight of the best form."""

    def take(self, places: NDArray[np.bool_] | NDArray[np.intp]) -> Occurrences:
        """Some of them."""
        decided = self.decided[places]
        total = decided if self.total is self.decided else self.total[places]
        return Occurrences(self.units[places], decided, total, self.best[places])


EMPTY = Occurrences(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0))


def occurrences(
    snapshot: Snapshot, sources: Sources, runs: Sequence[tuple[Run, ...]]
) -> Occurrences:
    """Gather and sum the postings of the runs, which are given for each segment."""
    keys: list[NDArray[np.int64]] = []
    lists = 0
    for number, segment_runs in enumerate(runs):
        for name, factor in sources:
            postings = snapshot.segments[number].fields[name]
            base = snapshot.base(name, number)
            for run in segment_runs:
                starts = postings.starts[run.low : run.high + 1].astype(np.int64)
                if starts[0] == starts[-1]:
                    continue
                units, frequencies = postings.decode(int(starts[0]), int(starts[-1]))
                counts = np.diff(starts)
                packed = (run.levels.astype(np.int64) << _LEVEL_SHIFT) + (base << _UNIT_SHIFT)
                lists += int(np.count_nonzero(counts))
                key = units.astype(np.int64) << _UNIT_SHIFT
                if len(counts) == 1:
                    key += packed[0]
                    key += frequencies * (_WEIGHTS[run.levels[0]] * factor)
                else:
                    key += np.repeat(packed, counts)
                    key += frequencies * np.repeat(_WEIGHTS[run.levels] * factor, counts)
                keys.append(key)
    if not keys:
        return EMPTY
    found = _summed(np.concatenate(keys) if len(keys) > 1 else keys[0], lists, snapshot)
    return settle(found, sources, snapshot)


def settle(found: Occurrences, sources: Sources, snapshot: Snapshot) -> Occurrences:
    """Give a title's words to all passages of its document, and leave out what is deleted."""
    if sources == SOURCES[TITLE_FIELD]:
        found = _to_passages(found, snapshot)
    if snapshot.live is not None:
        found = found.take(snapshot.live[found.units])
        if found.total is not found.decided and np.array_equal(found.total, found.decided):
            # Only deleted passages had similar forms: no trace of them must be left.
            found = Occurrences(found.units, found.total, found.total, found.best)
    return found


def _summed(keys: NDArray[np.int64], lists: int, snapshot: Snapshot) -> Occurrences:
    if len(keys) * _DENSE > snapshot.passage_count and lists > 1:
        return _counted(keys, snapshot.passage_count)
    if lists > 1:
        keys.sort()
    units = (keys >> _UNIT_SHIFT).astype(np.int32)
    # The level lies above the sum in a key, so the last key of a passage has its best level.
    last = np.empty(len(units), bool)
    np.not_equal(units[1:], units[:-1], out=last[:-1])
    last[-1] = True
    levels = (keys >> _LEVEL_SHIFT) & 7
    sums = keys & _SUM_MASK
    weak = levels < DECISIVE
    decided = np.where(weak, 0, sums) if weak.any() else sums
    if last.all():
        ends = slice(None)
        total_sums, decided_sums = sums, decided
    else:
        ends = np.flatnonzero(last)
        first = np.concatenate(([0], ends[:-1] + 1))
        total_sums = np.add.reduceat(sums, first)
        decided_sums = total_sums if decided is sums else np.add.reduceat(decided, first)
    total = total_sums.astype(np.float64)
    return Occurrences(
        units[ends],
        total if decided_sums is total_sums else decided_sums.astype(np.float64),
        total,
        _WEIGHTS[levels[ends]].astype(np.float64),
    )


def _counted(keys: NDArray[np.int64], size: int) -> Occurrences:
    units = keys >> _UNIT_SHIFT
    levels = (keys >> _LEVEL_SHIFT) & 7
    sums = (keys & _SUM_MASK).astype(np.float64)
    total = np.bincount(units, sums, size)
    weak = levels < DECISIVE
    decided = np.bincount(units, np.where(weak, 0.0, sums), size) if weak.any() else total
    best = np.zeros(size)
    for level in np.flatnonzero(np.bincount(levels, minlength=8)):
        best[units[levels == level]] = _WEIGHTS[level]
    found = np.flatnonzero(best)
    total_sums = total[found]
    return Occurrences(
        found.astype(np.int32),
        total_sums if decided is total else decided[found],
        total_sums,
        best[found],
    )


def _to_passages(found: Occurrences, snapshot: Snapshot) -> Occurrences:
    """What is true of documents is true of each of their passages."""
    starts = snapshot.document_starts
    counts = starts[found.units + 1] - starts[found.units]
    places = np.repeat(np.arange(len(counts)), counts)
    offsets = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = found.take(places)
    units = (starts[taken.units] + offsets).astype(np.int32)
    return Occurrences(units, taken.decided, taken.total, taken.best)

"""Which beginnings of a word tell anything: similar forms that are too common are left out.

`comp` begins a third of all passages in an archive of science, and says nothing of `computing`; in
Azerbaijani four letters tell most words apart. `native/kernel/levels.c` does the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.planning.plan import FIELDS, Plan
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.weights import DECISIVE, SIMILAR_TELLS, Level
from search_service.schema import TEXT_FIELD

_TEXT = FIELDS.index(TEXT_FIELD)


def telling(snapshot: Snapshot, plan: Plan) -> Plan:
    """The plan without similar forms that are too common to say anything of the word."""
    if plan.least >= DECISIVE:
        return plan
    least = _least_level(snapshot.live_passage_count, _pairs(snapshot, plan))
    return plan if least <= Level.SIMILAR_4 else _from_level(snapshot, plan, least)


def _pairs(snapshot: Snapshot, plan: Plan) -> list[int]:
    """For each level, how many pairs of a form and a live passage there are."""
    pairs = np.zeros(Level.EXACT + 1)
    for view, low, high, _, _, offset in plan.table().tolist():
        segment, field = divmod(view, len(FIELDS))
        if field != _TEXT:
            continue
        postings = snapshot.segments[segment].fields[TEXT_FIELD]
        starts = postings.starts[low : high + 1].astype(np.int64)
        live = snapshot.segments[segment].live
        if live is not None:
            alive = np.append(0, np.cumsum(live[postings.units(int(starts[0]), int(starts[-1]))]))
            starts = alive[starts - starts[0]]
        levels = plan.row_levels()[offset : offset + high - low]
        pairs += np.bincount(levels, np.diff(starts), Level.EXACT + 1)
    return pairs.astype(np.int64).tolist()


def _least_level(passages: int, pairs: Sequence[int]) -> int:
    """The lowest level that still tells."""
    above = list(accumulate(reversed(pairs)))[::-1]
    if not above[DECISIVE]:
        return Level.SIMILAR_4
    needed = SIMILAR_TELLS * math.log(1 + passages / above[DECISIVE])
    least = int(DECISIVE)
    while least > Level.SIMILAR_4 and math.log(1 + passages / above[least - 1]) >= needed:
        least -= 1
    return least


def _from_level(snapshot: Snapshot, plan: Plan, least: int) -> Plan:
    """A plan's rows at a level and above."""
    entries: list[tuple[int, int, int, int, int, int]] = []
    lists: dict[int, int] = {}
    postings = 0
    for view, low, high, base, factor, offset in plan.table().tolist():
        segment, field = divmod(view, len(FIELDS))
        starts = snapshot.segments[segment].fields[FIELDS[field]].starts
        for first, end in _runs(plan.row_levels()[offset : offset + high - low] >= least):
            count = int(starts[low + end]) - int(starts[low + first])
            if count:
                entries.append((view, low + first, low + end, base, factor, offset + first))
                lists[segment] = lists.get(segment, 0) + end - first
                postings += count
    return Plan(
        np.array(entries, np.int64).reshape(-1, 6),
        plan.levels,
        postings,
        all(count <= 1 for count in lists.values()),
        plan.of_documents,
        plan.least,
    )


def _runs(kept: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where runs of True begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], kept, [False]))))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]

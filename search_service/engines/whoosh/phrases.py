"""Words one after another: positions of forms merged over a word's forms and searched in order.

A place is `passage << 32 | position`, so that one sorted array holds all places of a word, and the
next word of a phrase is found by one bisection for each of its places.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.groups import Run
from search_service.engines.whoosh.occurrences import EMPTY, Occurrences, Sources, settle
from search_service.engines.whoosh.snapshot import Ints, Snapshot
from search_service.engines.whoosh.weights import UNIT

Places = NDArray[np.int64]
SegmentRuns = Sequence[tuple[Run, ...]]
_UNIT_SHIFT = 32


def phrase_occurrences(
    snapshot: Snapshot, sources: Sources, words: Sequence[SegmentRuns], slop: int
) -> Occurrences:
    """How often each passage has the words in order, each at most `slop + 1` after the one before.

    An occurrence is counted where its last word stands.
    """
    units: list[Ints] = []
    counts: list[NDArray[np.int64]] = []
    for name, factor in sources:
        found, how_often = np.unique(
            _chain(snapshot, name, words, slop) >> _UNIT_SHIFT, return_counts=True
        )
        units.append(found.astype(np.int32))
        counts.append(how_often * factor)
    every, where = np.unique(np.concatenate(units), return_inverse=True)
    if not len(every):
        return EMPTY
    sums = np.bincount(where, np.concatenate(counts)) * UNIT
    best = np.full(len(every), float(UNIT))
    return settle(Occurrences(every, sums, sums, best), sources, snapshot)


def _chain(snapshot: Snapshot, name: str, words: Sequence[SegmentRuns], slop: int) -> Places:
    """Where the last words of all occurrences stand, in one field."""
    pieces = []
    for number in range(len(snapshot.segments)):
        runs = [word[number] for word in words]
        common = _common(snapshot, name, number, runs)
        if not len(common):
            continue
        ends = places(snapshot, name, number, runs[0], common)
        for following in runs[1:]:
            ends = _followed(ends, places(snapshot, name, number, following, common), slop)
        pieces.append(ends + (snapshot.base(name, number) << _UNIT_SHIFT))
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def _followed(ends: Places, following: Places, slop: int) -> Places:
    if not len(ends):
        return ends
    before = np.searchsorted(ends, following) - 1
    gaps = following - ends[before]
    return following[(before >= 0) & (gaps <= slop + 1)]


def _common(snapshot: Snapshot, name: str, number: int, words: Sequence[tuple[Run, ...]]) -> Ints:
    """The units of a segment that have all the words, ascending."""
    postings = snapshot.segments[number].fields[name]
    lists = []
    for runs in words:
        spans = [(int(postings.starts[r.low]), int(postings.starts[r.high])) for r in runs]
        lists.append(([span for span in spans if span[0] < span[1]], runs))
    lists.sort(key=lambda item: sum(high - low for low, high in item[0]))
    common: Ints | None = None
    for spans, _ in lists:
        pieces = [postings.units(low, high) for low, high in spans]
        units = np.concatenate(pieces) if pieces else np.zeros(0, np.int32)
        if common is None:
            common = np.unique(units)
        else:
            common = common[np.isin(common, units)]
        if not len(common):
            break
    return np.zeros(0, np.int32) if common is None else common


def places(
    snapshot: Snapshot, name: str, number: int, runs: tuple[Run, ...], units: Ints
) -> Places:
    """All places of a word in some units (ascending) of a segment, ascending."""
    postings = snapshot.segments[number].fields[name]
    pieces = []
    for run in runs:
        low, high = int(postings.starts[run.low]), int(postings.starts[run.high])
        if low == high:
            continue
        having = postings.units(low, high)
        counts, positions = postings.positions(low, high)
        wanted = np.isin(having, units)
        if not wanted.any():
            continue
        chosen = np.repeat(wanted, counts)
        of_unit = np.repeat(having[wanted].astype(np.int64), counts[wanted])
        pieces.append((of_unit << _UNIT_SHIFT) + positions[chosen])
    if not pieces:
        return np.zeros(0, np.int64)
    # A word of unknown language may stand in the vocabulary twice, at the same place.
    return np.unique(np.concatenate(pieces)) if len(pieces) > 1 else np.unique(pieces[0])

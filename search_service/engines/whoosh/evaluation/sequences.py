"""Words one after another, for kernels: the places of each word, followed from word to word.

A place is `passage << 32 | position`, so that one sorted array holds all places of a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.kernel import Kernel, Places
from search_service.engines.whoosh.evaluation.sums import PLACE_SHIFT, WORD_SHIFT, Reading
from search_service.engines.whoosh.planning.plan import FIELDS, Plan
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Ints, Mask
from search_service.engines.whoosh.store.postings import MAX_POSITION, FieldPostings

NO_PLACES: Places = np.zeros(0, np.int64)
_UNIT_SHIFT = 32

_FEW, _LIKE = 1024, 12
"""So many units are not looked up in a list that is less than so many times as long: both are read.
"""

_SPARSE = 64
"""Frequencies of a list are added up from its beginning if each so-manieth posting is asked for."""

_List = tuple[FieldPostings, int, int]
"""The postings [first, last) of a field."""


def ends_of(kernel: Kernel, plans: Sequence[Plan], reach: int) -> Places:
    """Where the last words of all occurrences stand, whatever the words' forms are."""
    rarest, *others = sorted(plans, key=lambda plan: plan.postings)
    common = kernel.units(rarest)
    for plan in others:
        if not len(common):
            return NO_PLACES
        common = kernel.units(plan, common)
    ends = kernel.places(plans[0], common)
    for plan in plans[1:]:
        ends = kernel.followed(ends, kernel.places(plan, common), reach)
    return ends


def ends_in_lists(snapshot: Snapshot, plans: Sequence[Plan], reach: int) -> Places:
    """The same where each word is at most one list a segment: each list is looked into once."""
    marks = snapshot.scratch.marks
    pieces = [
        _ends(lists, marks, reach) + (base << _UNIT_SHIFT)
        for base, lists in _lists(snapshot, plans)
    ]
    return pieces[0] if len(pieces) == 1 else np.concatenate([NO_PLACES, *pieces])


def ends_in(reading: Reading, words: int, marks: Mask, reach: int) -> Places:
    """The same where it is read what so many words have. `marks` are zeros, one for each unit."""
    units = reading.common(marks)
    if not len(units):
        return NO_PLACES
    stand = reading.places(units, marks, text=False)
    edges = stand.searchsorted(np.arange(words + 1) << WORD_SHIFT).tolist()
    lists = [stand[low:high] & ((1 << WORD_SHIFT) - 1) for low, high in pairwise(edges)]
    ends, *others = lists
    for following in others:
        # A passage has fewer places than lie between two passages.
        ends = followed(ends, following, min(reach, MAX_POSITION + 1))
    fresh = np.ones(len(ends), bool)
    # A word of unknown language may stand in the vocabulary twice, at the same place.
    np.not_equal(ends[1:], ends[:-1], out=fresh[1:])
    ends = ends[fresh]
    places: Places = units.take(ends >> PLACE_SHIFT) << _UNIT_SHIFT
    places |= ends & ((1 << PLACE_SHIFT) - 1)
    return places


def followed(ends: Places, following: Places, reach: int) -> Places:
    """Those places of the one list that have one of the other at most `reach` before them."""
    if not len(ends):
        return ends
    before = ends.searchsorted(following) - 1
    return following[(before >= 0) & (following - ends[before] <= reach)]


def _lists(snapshot: Snapshot, plans: Sequence[Plan]) -> Iterator[tuple[int, list[_List]]]:
    """For each segment that has all words what is added to its units, and the list of each word."""
    found: dict[int, tuple[int, list[_List]]] = {}
    for plan in plans:
        for view, low, _, base, _, _ in plan.table().tolist():
            segment, field = divmod(view, len(FIELDS))
            postings = snapshot.segments[segment].fields[FIELDS[field]]
            first, last = int(postings.starts[low]), int(postings.starts[low + 1])
            found.setdefault(segment, (base, []))[1].append((postings, first, last))
    return (those for those in found.values() if len(those[1]) == len(plans))


def _ends(lists: Sequence[_List], marks: Mask, reach: int) -> Places:
    order = sorted(range(len(lists)), key=lambda i: lists[i][2] - lists[i][1])
    postings, first, last = lists[order[0]]
    units = postings.units(first, last)
    places = {order[0]: np.arange(first, last)}
    for i in order[1:]:
        postings, first, last = lists[i]
        if len(units) > _FEW and len(units) * _LIKE > last - first:
            others = postings.units(first, last).astype(np.int64)
            there, found = _common(others, units.astype(np.int64), marks)
            there += first
        else:
            there, found = postings.search(first, last, units)
        units = units[found]
        places = {j: before[found] for j, before in places.items()} | {i: there}
        if not len(units):
            return NO_PLACES
    return _followed(lists, units, [places[i] for i in range(len(lists))], reach)


def _common(
    units: NDArray[np.int64], others: NDArray[np.int64], marks: Mask
) -> tuple[NDArray[np.int64], Mask]:
    """Where the one list has what the other has too; and which of the other those are."""
    marks[others] = True
    (places,) = marks.take(units).nonzero()
    marks[others] = False
    both = units.take(places)
    marks[both] = True
    found = marks.take(others)
    marks[both] = False
    return places, found


def _followed(
    lists: Sequence[_List], units: Ints, places: Sequence[NDArray[np.int64]], reach: int
) -> Places:
    """Where the last words stand in some units, of which the postings of each word are known."""
    spans: dict[int, tuple[NDArray[Any], NDArray[np.int64]]] = {}
    postings = lists[0][0]
    # All words are in one field: what is not told sooner from a whole list is asked for together.
    sparse = [i for i, (_, first, last) in enumerate(lists) if last - first > _SPARSE * len(units)]
    if sparse:
        together = np.concatenate([places[i] for i in sparse])
        counts, starts = postings.spans_at(together)
        for place, i in enumerate(sparse):
            part = slice(place * len(units), (place + 1) * len(units))
            spans[i] = counts[part], starts[part]
    for i, (_, first, last) in enumerate(lists):
        if i not in spans:
            spans[i] = postings.spans_in(first, last, places[i])
    counts, positions = postings.positions_from(
        np.concatenate([spans[i][0] for i in range(len(lists))]),
        np.concatenate([spans[i][1] for i in range(len(lists))]),
    )
    of_units = np.concatenate([units.astype(np.int64) << _UNIT_SHIFT] * len(lists))
    positions += of_units.repeat(counts)
    ends = NO_PLACES
    start = 0
    for i in range(len(lists)):
        end = start + int(spans[i][0].sum(dtype=np.int64))
        following = positions[start:end]
        ends = followed(ends, following, reach) if i else following
        start = end
    return ends

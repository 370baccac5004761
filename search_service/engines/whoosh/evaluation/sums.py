"""The postings of several words read and summed together, in NumPy: one call for all of them.

A posting becomes one number; in their sorted list the postings of a word in a unit are neighbours:

    word (as many bits as are left) | unit | level (3 bits) | weighted frequency (28 bits)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.runs import changes
from search_service.engines.whoosh.planning.plan import FIELDS, Plan
from search_service.engines.whoosh.store.arraytypes import Floats, Mask
from search_service.engines.whoosh.store.postings import FieldPostings
from search_service.engines.whoosh.weights import DECISIVE, LEVEL_WEIGHTS, Level
from search_service.schema import TEXT_FIELD

Numbers = NDArray[np.int64]

_LEVEL_SHIFT = 28
_UNIT_SHIFT = 31
_SUM_MASK = (1 << _LEVEL_SHIFT) - 1
_LEVEL_MASK = (1 << (_UNIT_SHIFT - _LEVEL_SHIFT)) - 1
WORD_SHIFT = 52
PLACE_SHIFT = 20
"""Positions need 16 bits, so that places of different units are far from one another."""
_BITS = 63 - _UNIT_SHIFT
_WEIGHTS = np.array(LEVEL_WEIGHTS, np.int64)
_BEST = np.array(LEVEL_WEIGHTS, np.float64)
_TEXT = FIELDS.index(TEXT_FIELD)


class Sums(NamedTuple):
    """What each unit has of each word, in 256ths: an entry for both, by word, then by unit."""

    units: Numbers
    bounds: list[int]
    """The entries of word i are [bounds[i], bounds[i + 1])."""
    total: Floats
    """The weighted frequencies of all forms."""
    decided: Floats
    """Of those that decide; the same array where there are no others."""
    surface: Floats
    """Of those that are as written, or folded to it; the same array where there are no others."""
    best: Floats
    """The weight of the best form."""


class _Entry(NamedTuple):
    """Neighbouring rows that one of the words asks for."""

    word: int
    view: int
    base: int
    factor: int
    rows: int
    first: int
    """Its postings are [first, first + postings) of the view."""
    postings: int


class Reading:
    """The postings of some plans, one plan after another."""

    def __init__(self, views: Sequence[FieldPostings], plans: Sequence[Plan], size: int) -> None:
        """`size` is the number of units."""
        self._views = views
        self._words = len(plans)
        self._unit_bits = max(1, (size - 1).bit_length())
        self._entries: list[_Entry] = []
        levels, counts = [], []
        for word, plan in enumerate(plans):
            plan_levels = plan.row_levels()
            for view, low, high, base, factor, offset in plan.table().tolist():
                edges = views[view].starts[low : high + 1]
                first, last = edges.item(0), edges.item(-1)
                entry = _Entry(word, view, base, factor, high - low, first, last - first)
                self._entries.append(entry)
                levels.append(plan_levels[offset : offset + high - low])
                counts.append(edges[1:] - edges[:-1])
        self._ends = np.cumsum([entry.postings for entry in self._entries], dtype=np.int64)
        self._levels = _joined(levels, np.uint8)
        """Of each row, by its place among all rows that are asked for."""
        self._rows = np.arange(len(self._levels)).repeat(_joined(counts, np.uint32))
        """The row of each posting."""
        self.units = self._units()
        """int64: of each posting."""

    @staticmethod
    def fits(words: int, size: int) -> bool:
        """Whether so many words of so many units can be summed together."""
        return max(1, (size - 1).bit_length()) + (words - 1).bit_length() <= _BITS

    def _units(self) -> Numbers:
        entries, views = self._entries, self._views
        lows = [views[e.view].unit_low[e.first : e.first + e.postings] for e in entries]
        units = _joined(lows, np.uint16).astype(np.int64)
        if any(len(views[e.view].unit_high) for e in entries):
            highs = [
                views[e.view].unit_high[e.first : e.first + e.postings]
                if len(views[e.view].unit_high)
                else np.zeros(e.postings, np.uint8)
                for e in entries
            ]
            units += _joined(highs, np.uint8).astype(np.int64) << 16
        if any(e.base for e in entries):
            units += np.repeat([e.base for e in entries], [e.postings for e in entries])
        return units

    def _by_row(self, of_entries: Sequence[int]) -> Numbers:
        """What is the same for all rows of an entry, for each row."""
        rows = np.array([e.rows for e in self._entries], np.int64)
        return np.array(of_entries, np.int64).repeat(rows)

    def _frequencies(self) -> NDArray[Any]:
        pieces: list[NDArray[Any]] = []
        for entry in self._entries:
            postings, end = self._views[entry.view], entry.first + entry.postings
            if len(postings.frequency_places):
                pieces.append(postings.frequencies(entry.first, end))
            else:
                pieces.append(postings.frequency[entry.first : end])
        return _joined(pieces, np.uint8)

    def sums(self, kept: Mask | None, *, surface: bool) -> Sums:
        """Sum over the units that are `kept` (None: all); what is on the `surface` if asked."""
        packed = self._levels.astype(np.int64) << _LEVEL_SHIFT
        if self._words > 1:
            packed += self._by_row([e.word for e in self._entries]) << (
                _UNIT_SHIFT + self._unit_bits
            )
        weights = _WEIGHTS.take(self._levels)
        if any(e.factor != 1 for e in self._entries):
            weights *= self._by_row([e.factor for e in self._entries])
        keys = self.units << _UNIT_SHIFT
        keys += packed.take(self._rows)
        keys += weights.take(self._rows) * self._frequencies()
        if kept is not None:
            keys = keys[kept[self.units]]
        keys.sort()
        return self._reduced(keys, surface)

    def _reduced(self, keys: Numbers, surface: bool) -> Sums:
        both = keys >> _UNIT_SHIFT
        is_last = np.ones(len(keys), bool)
        np.not_equal(both[1:], both[:-1], out=is_last[:-1])
        (last,) = is_last.nonzero()
        both = both[last]
        bounds = [0, len(both)]
        if self._words != 1:
            bounds = both.searchsorted(np.arange(self._words + 1) << self._unit_bits).tolist()
        levels = (keys >> _LEVEL_SHIFT) & _LEVEL_MASK
        keys &= _SUM_MASK
        total = _sums(keys, last)
        decided = total
        least = int(self._levels.min(initial=Level.EXACT))
        if least < DECISIVE and (levels < DECISIVE).any():
            decided = _sums(keys * (levels >= DECISIVE), last)
        shown = total
        if surface and least < Level.FOLD:
            shown = _sums(keys * (levels >= Level.FOLD), last)
        units = both & ((1 << self._unit_bits) - 1)
        return Sums(units, bounds, total, decided, shown, _BEST.take(levels.take(last)))

    def common(self, marks: Mask) -> Numbers:
        """The units that have all words, ascending. `marks` are zeros, one for each unit."""
        edges = np.searchsorted([e.word for e in self._entries], range(self._words + 1)).tolist()
        ends = [0, *self._ends.tolist()]
        lists = [self.units[ends[low] : ends[high]] for low, high in pairwise(edges)]
        found, *others = sorted(lists, key=len)
        for units in others:
            marks[found] = True
            had = units[marks.take(units)]
            marks[found] = False
            found = had
        found = np.sort(found)
        return found[changes(found)]

    def places(self, units: Numbers, marks: Mask, *, text: bool) -> Numbers:
        """Where words stand in some units, by forms that decide; in the `text` alone if asked.

        `word << WORD_SHIFT | place of the unit in units << PLACE_SHIFT | position`, ascending.
        `marks` are zeros, one for each unit.
        """
        near = self._levels >= DECISIVE
        if text and any(e.view % len(FIELDS) != _TEXT for e in self._entries):
            near &= self._by_row([e.view % len(FIELDS) == _TEXT for e in self._entries]) > 0
        entries = self._entries
        marks[units] = True
        chosen = marks.take(self.units)
        marks[units] = False
        chosen &= near.take(self._rows)
        (places,) = chosen.nonzero()
        of_entries = self._ends.searchsorted(places, "right")
        shifts = np.array([e.first + e.postings for e in entries]) - self._ends
        postings = places + shifts.take(of_entries)
        found = units.searchsorted(self.units.take(places)) << PLACE_SHIFT
        found += np.array([e.word << WORD_SHIFT for e in entries]).take(of_entries)
        views = {e.view for e in entries}
        if len(views) == 1:
            counts, positions = self._views[views.pop()].positions_at(postings)
            positions += found.repeat(counts)
        else:
            of_views = np.array([e.view for e in entries]).take(of_entries)
            pieces = []
            for view in views:
                here = of_views == view
                counts, positions = self._views[view].positions_at(postings[here])
                pieces.append(positions + found[here].repeat(counts))
            positions = _joined(pieces, np.int64)
        positions.sort()
        return positions


def _sums(amounts: Numbers, last: Numbers) -> Floats:
    """The sum of each run of amounts, of which the last places are given."""
    if len(amounts) == len(last):
        return amounts.astype(np.float64)
    ends = amounts.cumsum().take(last)
    sums = ends.astype(np.float64)
    sums[1:] -= ends[:-1]
    return sums


def _joined(pieces: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    if len(pieces) == 1:
        return pieces[0]
    return np.concatenate(pieces) if pieces else np.zeros(0, kind)

"""What the clauses of a flat query find, told in steps: where, how often, and what that is worth.

A step that a query does not need is not made: of a word asked together with a rarer one only the
passages of that one are looked up, and what is sorted by date is scored on one page alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.scoring import idf, saturated
from search_service.engines.whoosh.planning.plan import FIELDS, Plan
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask
from search_service.engines.whoosh.store.postings import FieldPostings, look_up
from search_service.engines.whoosh.weights import UNIT, Level

Units = NDArray[np.int64] | Ints
"""Passages, ascending."""
Raw = NDArray[Any]
"""What is known of each passage before it is scored; what that is, the clause knows."""

_FREQUENCIES = 16
"""What lesser frequencies are worth is kept for each length."""
_EXACT = int(Level.EXACT)
_GALLOP = 4
"""A list this many times as long as another is searched, not read."""


class Matches(Protocol):
    """The live passages that a clause finds."""

    size: int
    """About how many there are."""

    @property
    def bound(self) -> float:
        """None of them is worth more; infinite where one may be worth less than nothing."""

    def all(self) -> tuple[Units, Raw]:
        """All of them."""

    def among(self, units: Units) -> tuple[Mask, Raw]:
        """Which of some live passages are among them, and what is known of those."""

    def scores(self, units: Units, raw: Raw) -> Floats:
        """What some of them are worth."""


class Known:
    """What was found and scored before."""

    def __init__(self, units: Units, scores: Floats) -> None:
        self._units = units
        self._scores = scores
        self.size = len(units)

    @property
    def bound(self) -> float:
        """What the best is worth."""
        if len(self._scores) and self._scores.min() < 0:
            return np.inf
        return float(self._scores.max(initial=0.0))

    def all(self) -> tuple[Units, Raw]:
        """As it was found."""
        return self._units, self._scores

    def among(self, units: Units) -> tuple[Mask, Raw]:
        """Look up."""
        places, found = look_up(self._units, units)
        return found, self._scores[places]

    def scores(self, units: Units, raw: Raw) -> Floats:
        """As they were scored."""
        del units
        return raw


class Saturations:
    """BM25's saturation of small frequencies, by the length of the passage.

    Most passages have a word few times, and passages are short; so a division for each is saved.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        norms = np.repeat(snapshot.length_norms, _FREQUENCIES)
        frequencies: Floats = np.tile(np.arange(0.0, _FREQUENCIES), len(snapshot.length_norms))
        self._norms = snapshot.length_norms
        self._lengths = snapshot.passage_lengths
        self._values = saturated(frequencies * UNIT, np.full(len(norms), float(UNIT)), norms)
        self._rows: Ints = snapshot.passage_lengths * np.int32(_FREQUENCIES)

    def most(self, frequency: int) -> float:
        """What an exact form is worth that is so often in the shortest passage."""
        best = np.full(1, float(UNIT))
        return float(saturated(frequency * best, best, self._norms[:1])[0])

    def of(self, units: Units, frequencies: Raw) -> Floats:
        """Of exact forms in some passages."""
        rows = self._rows.take(units)
        if len(frequencies) and frequencies.max() >= _FREQUENCIES:
            values = self._values.take(rows + np.minimum(frequencies, _FREQUENCIES - 1))
            often = np.flatnonzero(frequencies >= _FREQUENCIES)
            best = np.full(len(often), float(UNIT))
            norms = self._norms[self._lengths[units[often]]]
            values[often] = saturated(frequencies[often] * float(UNIT), best, norms)
            return values
        rows += frequencies
        return self._values.take(rows)


def saturations(snapshot: Snapshot) -> Saturations:
    """Those of a snapshot, made when they are first asked for."""
    kept: Saturations | None = snapshot.memory.get(Saturations)
    if kept is None:
        kept = snapshot.memory[Saturations] = Saturations(snapshot)
    return kept


def is_listed(plan: Plan) -> bool:
    """Whether a plan is one list a segment of what counts as it is written."""
    return (
        plan.single
        and all(level == _EXACT for level in plan.row_levels().tolist())
        and all(entry[4] == 1 for entry in plan.table().tolist())
    )


class Listed:
    """A word that is one list a segment, read from the postings."""

    def __init__(self, snapshot: Snapshot, plan: Plan, factor: float) -> None:
        self._snapshot = snapshot
        self._factor = factor
        self.size = plan.postings
        self._lists: list[tuple[FieldPostings, int, int, int, int]] = []
        for view, low, _, base, _, _ in plan.table().tolist():
            segment = snapshot.segments[view // len(FIELDS)]
            postings = segment.fields[FIELDS[view % len(FIELDS)]]
            first, last = int(postings.starts[low]), int(postings.starts[low + 1])
            if first < last:
                self._lists.append((postings, first, last, base, base + segment.passage_count))

    @cached_property
    def _read(self) -> tuple[Units, Raw]:
        pieces = [
            (_units(postings, first, last, base), _frequencies(postings, first, last))
            for postings, first, last, base, _ in self._lists
        ]
        if len(pieces) == 1:
            units, frequencies = pieces[0]
        else:
            units = np.concatenate([piece[0] for piece in pieces] or [np.zeros(0, np.int32)])
            frequencies = np.concatenate([piece[1] for piece in pieces] or [np.zeros(0, np.uint8)])
        live = self._snapshot.live
        if live is None:
            return units, frequencies
        kept = live[units]
        return units[kept], frequencies[kept]

    def all(self) -> tuple[Units, Raw]:
        """Read the lists; of each passage the frequency is known."""
        return self._read

    def among(self, units: Units) -> tuple[Mask, Raw]:
        """Search the lists."""
        if "_read" in self.__dict__ or len(units) * _GALLOP > self.size:
            places, found = look_up(self._read[0], units)
            return found, self._read[1][places]
        found = np.zeros(len(units), bool)
        pieces: list[Raw] = [np.zeros(0, np.uint8)]
        for postings, first, last, base, end in self._lists:
            low, high = 0, len(units)
            if len(self._snapshot.segments) > 1:
                low, high = np.searchsorted(units, (base, end))
            places, found[low:high] = postings.search(first, last, units[low:high] - base)
            pieces.append(postings.frequencies_at(places))
        return found, pieces[1] if len(pieces) == 2 else np.concatenate(pieces)

    @property
    def bound(self) -> float:
        """What the highest frequency would be worth in the shortest passage."""
        frequencies = self._read[1]
        if not len(frequencies):
            return 0.0
        if self._worth < 0:
            return np.inf
        return saturations(self._snapshot).most(int(frequencies.max())) * self._worth

    def scores(self, units: Units, raw: Raw) -> Floats:
        """BM25."""
        values = saturations(self._snapshot).of(units, raw)
        values *= self._worth
        return values

    @cached_property
    def _worth(self) -> float:
        snapshot = self._snapshot
        count = self.size if snapshot.live is None else len(self._read[0])
        return idf(snapshot.live_passage_count, count) * self._factor


def _units(postings: FieldPostings, first: int, last: int, base: int) -> Units:
    # Arrays are indexed by int64; other types would be converted each time.
    units = postings.unit_low[first:last].astype(np.int64)
    if len(postings.unit_high):
        units += postings.unit_high[first:last].astype(np.int64) << 16
    if base:
        units += base
    return units


def _frequencies(postings: FieldPostings, first: int, last: int) -> Raw:
    if len(postings.frequency_places):
        return postings.frequencies(first, last)
    return postings.frequency[first:last]

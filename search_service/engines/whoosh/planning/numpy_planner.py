"""Plans made in Python and NumPy, for installations without a compiler."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.planning.expansions import lines, near_lines
from search_service.engines.whoosh.planning.groups import (
    Meeting,
    Runs,
    lowest_level,
    meeting,
    range_runs,
    row_runs,
)
from search_service.engines.whoosh.planning.plan import FIELDS, SOURCES, Plan, Sources
from search_service.engines.whoosh.planning.planner import Ranges
from search_service.engines.whoosh.planning.telling import telling
from search_service.engines.whoosh.snapshot import Memory, Snapshot
from search_service.engines.whoosh.weights import Level
from search_service.model import Rung
from search_service.nodes import Word
from search_service.schema import TITLE_FIELD

_Source = tuple[memoryview, int, int, int]
"""Where the postings of each row of a field begin, its view, what is added to units, the factor."""

_NO_LEVELS = np.zeros(0, np.uint8)


class NumpyPlanner:
    """See `planner.Planner`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._known: dict[Any, Plan] = Memory()
        self._deciding: dict[Any, Sequence[Meeting]] = Memory()
        """Readings and synonyms -> the rows that meet such a word; similar ones may be there."""
        self._segments = snapshot.segments
        self._sources: dict[Sources, Sequence[Sequence[_Source]]] = {}

    def word(self, word: Word, sources: Sources, similar: bool) -> Plan:
        """Look up."""
        key = (sources, word.readings, word.rung, similar, word.synonyms)
        plan = self._known.get(key)
        if plan is None:
            plan = self._plan([rows.runs() for rows in self._meetings(word, similar)], sources)
            if similar:
                plan = telling(self._snapshot, plan)
            self._known[key] = plan
        return plan

    def _meetings(self, word: Word, similar: bool) -> Sequence[Meeting]:
        """The rows that meet a word, by segment.

        Who asks for a word with all that meets it will ask for less of it too: for what is written
        as it was asked, for where those forms stand that decide.
        """
        deciding = word.rung >= Rung.TRANSLIT
        # Synonyms are met at the deepest rung alone.
        key = word.readings, word.synonyms if deciding else None
        if not similar and (found := self._deciding.get(key)):
            least = lowest_level(word.rung)
            return [rows.from_level(least) for rows in found]
        found = [meeting(segment.vocabulary, word, similar) for segment in self._segments]
        if deciding:
            self._deciding[key] = self._deciding[word.readings, None] = found
        return found

    def form(self, form: str, sources: Sources) -> Plan:
        """Look up."""
        key = (sources, form)
        plan = self._known.get(key)
        if plan is None:
            runs = [row_runs(segment.vocabulary.exact_rows(form)) for segment in self._segments]
            plan = self._known[key] = self._plan(runs, sources)
        return plan

    def ranges(self, ranges: Sequence[Ranges], sources: Sources) -> Plan:
        """Put together."""
        return self._plan([range_runs(some) for some in ranges], sources)

    def rows(self, plan: Plan, least: int) -> Iterator[tuple[int, int, int, str, str]]:
        """Look up."""
        levels = plan.row_levels().tolist()
        # A run comes once for each field that has postings of it.
        runs = {
            (view // len(FIELDS), low, high): first
            for view, low, high, _, _, first in plan.table().tolist()
        }
        for (segment, low, high), first in runs.items():
            rows = self._segments[segment].vocabulary.rows(low, high)
            for row, (folded, exact, _) in enumerate(rows, low):
                level = levels[first + row - low]
                if level >= least:
                    yield segment, row, level, folded, exact

    def bound(self, segment: int, key: bytes) -> int:
        """Look up."""
        return self._segments[segment].vocabulary.folded.bisect_left(key)

    def within_edits(
        self, segment: int, low: int, high: int, word: str, edits: int
    ) -> NDArray[np.int64]:
        """Fill the table for all forms at once that have about the same letters."""
        vocabulary = self._segments[segment].vocabulary
        alike = vocabulary.alike(word, edits * vocabulary.letter_bytes, low, high)
        return alike[near_lines(lines(vocabulary, alike).decode(), word, edits)]

    def _asked(self, sources: Sources) -> Sequence[Sequence[_Source]]:
        """For each segment, what is asked of which of its fields."""
        known = self._sources.get(sources)
        if known is None:
            known = self._sources[sources] = [
                [
                    (
                        # A memoryview answers an index in 40 ns, a NumPy array in 100.
                        segment.fields[name].starts.data,
                        number * len(FIELDS) + FIELDS.index(name),
                        self._snapshot.base(name, number),
                        factor,
                    )
                    for name, factor in sources
                ]
                for number, segment in enumerate(self._segments)
            ]
        return known

    def _plan(self, runs: Sequence[Runs], sources: Sources) -> Plan:
        """The plan for runs of rows, given for each segment."""
        entries = array("q")
        offset = postings = 0
        single = True
        for (lows, highs, _), asked in zip(runs, self._asked(sources), strict=True):
            lists = 0
            for low, high in zip(lows, highs, strict=True):
                for starts, view, base, factor in asked:
                    count = starts[high] - starts[low]
                    if not count:
                        continue
                    entries.extend((view, low, high, base, factor, offset))
                    postings += count
                    lists += high - low
                offset += high - low
            single = single and lists <= 1
        levels = [some.levels for some in runs]
        all_levels = levels[0] if len(levels) == 1 else np.concatenate([_NO_LEVELS, *levels])
        return Plan(
            entries.tobytes(),
            all_levels.tobytes(),
            postings,
            single,
            sources == SOURCES[TITLE_FIELD],
            int(all_levels.min(initial=Level.EXACT + 1)),
        )

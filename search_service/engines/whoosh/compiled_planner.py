"""The compiled planner, with plans where `native/planner.c` has bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh import _planner
from search_service.engines.whoosh.plan import FIELDS, SOURCES, Plan, Sources
from search_service.engines.whoosh.planner import Ranges
from search_service.engines.whoosh.segment import Segment
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.weights import SIMILAR_PREFIXES, Level
from search_service.nodes import Word
from search_service.schema import TITLE_FIELD

_BUFFER = np.frombuffer
_INT64, _UINT8 = np.dtype(np.int64), np.dtype(np.uint8)
_TITLES = SOURCES[TITLE_FIELD]


class CompiledPlanner:
    """See `planner.Planner`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._planner = _planner.Planner(
            [_arrays(segment) for segment in snapshot.segments],
            [
                tuple(snapshot.base(field, number) for field in FIELDS)
                for number in range(len(snapshot.segments))
            ],
            FIELDS,
            (Level.EXACT, Level.FOLD, Level.STEM, Level.TRANSLIT),
            SIMILAR_PREFIXES,
        )

    def word(self, word: Word, sources: Sources) -> Plan:
        """Look up."""
        made = self._planner.word(word.readings, word.rung, word.similar, word.synonyms, sources)
        return _plan(made, sources)

    def form(self, form: str, sources: Sources) -> Plan:
        """Look up."""
        return _plan(self._planner.form(form, sources), sources)

    def ranges(self, ranges: Sequence[Ranges], sources: Sources) -> Plan:
        """Put together."""
        return _plan(self._planner.ranges(list(ranges), sources), sources)

    def bound(self, segment: int, key: bytes) -> int:
        """Look up."""
        return self._planner.bound(segment, key)

    def within_edits(
        self, segment: int, low: int, high: int, word: str, edits: int
    ) -> NDArray[np.int64]:
        """Walk."""
        return _BUFFER(self._planner.within_edits(segment, low, high, word, edits), np.int64)


def _plan(made: tuple[bytes, bytes, int, bool], sources: Sources) -> Plan:
    entries, levels, postings, single = made
    return Plan(
        _BUFFER(entries, _INT64).reshape(-1, 6),
        _BUFFER(levels, _UINT8),
        postings,
        single,
        sources == _TITLES,
    )


def _arrays(segment: Segment) -> tuple[NDArray[Any], ...]:
    vocabulary = segment.vocabulary
    return (
        vocabulary.folded.starts,
        vocabulary.folded.data,
        vocabulary.group_starts,
        vocabulary.exact.starts,
        vocabulary.exact.data,
        vocabulary.by_form,
        *(
            array
            for table in (vocabulary.stems, vocabulary.translits)
            for array in (table.keys.starts, table.keys.data, table.starts, table.all_rows)
        ),
        *(segment.fields[field].starts for field in FIELDS),
    )

"""The compiled planner, with plans where `native/planner` has bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.compiled_kernel import CompiledKernel
from search_service.engines.whoosh.planning import _planner
from search_service.engines.whoosh.planning.plan import FIELDS, Plan, Sources
from search_service.engines.whoosh.planning.planner import Ranges
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.weights import SIMILAR_PREFIXES, Level
from search_service.nodes import Word

_BUFFER = np.frombuffer


class CompiledPlanner:
    """See `planner.Planner`."""

    def __init__(self, snapshot: Snapshot) -> None:
        kernel = snapshot.kernel
        index = kernel.index if isinstance(kernel, CompiledKernel) else None
        self._planner = _planner.Planner(
            [_arrays(segment) for segment in snapshot.segments],
            [
                tuple(snapshot.base(field, number) for field in FIELDS)
                for number in range(len(snapshot.segments))
            ],
            FIELDS,
            (Level.EXACT, Level.FOLD, Level.STEM, Level.TRANSLIT),
            SIMILAR_PREFIXES,
            Plan,
            index,
        )

    def word(self, word: Word, sources: Sources, similar: bool) -> Plan:
        """Look up."""
        return self._planner.word(word.readings, word.rung, similar, word.synonyms, sources)

    def form(self, form: str, sources: Sources) -> Plan:
        """Look up."""
        return self._planner.form(form, sources)

    def ranges(self, ranges: Sequence[Ranges], sources: Sources) -> Plan:
        """Put together."""
        return self._planner.ranges(list(ranges), sources)

    def rows(self, plan: Plan, least: int) -> list[tuple[int, int, int, str, str]]:
        """Walk."""
        return self._planner.rows(plan.entries, plan.levels, least)

    def bound(self, segment: int, key: bytes) -> int:
        """Look up."""
        return self._planner.bound(segment, key)

    def within_edits(
        self, segment: int, low: int, high: int, word: str, edits: int
    ) -> NDArray[np.int64]:
        """Walk."""
        return _BUFFER(self._planner.within_edits(segment, low, high, word, edits), np.int64)


def _arrays(segment: Segment) -> tuple[NDArray[Any], ...]:
    starts = (segment.fields[field].starts for field in FIELDS)
    return (*segment.vocabulary.arrays(), *starts)

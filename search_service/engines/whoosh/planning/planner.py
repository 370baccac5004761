"""From what a query asks to plans, behind one interface: compiled where that could be built.

It goes with the kernel: `numpy` is the name of what needs no compiler. Both make the same plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.planning.plan import Plan, Sources
from search_service.nodes import Word

if TYPE_CHECKING:
    from search_service.engines.whoosh.snapshot import Snapshot

COMPILED = find_spec("search_service.engines.whoosh.planning._planner") is not None
"""Whether the compiled planner was built at installation."""

Ranges = NDArray[np.int64]
"""int64[N, 2]: ranges of rows of a vocabulary, [low, high) each, ascending and apart."""


class Planner(Protocol):
    """What a planner does."""

    def word(self, word: Word, sources: Sources, similar: bool) -> Plan:
        """The plan of a word with its ladder, and with what is only `similar` if that is asked.

        See `telling`. It is remembered, as a form's is.
        """

    def form(self, form: str, sources: Sources) -> Plan:
        """The plan of one exact form."""

    def ranges(self, ranges: Sequence[Ranges], sources: Sources) -> Plan:
        """The plan of ranges of rows, given for each segment, that all meet a word exactly."""

    def rows(self, plan: Plan, least: int) -> Iterable[tuple[int, int, int, str, str]]:
        """(segment, row, level, folded form, exact form) of a plan's rows of at least a level."""

    def bound(self, segment: int, key: bytes) -> int:
        """The place of the first of a segment's folded forms that is not less than a key."""

    def within_edits(
        self, segment: int, low: int, high: int, word: str, edits: int
    ) -> NDArray[np.int64]:
        """The places in [low, high) of a segment's folded forms that are so near to a word.

        At most `edits` letters are added, left out or changed.
        """


PLANNERS = {
    "compiled": ("search_service.engines.whoosh.planning.compiled_planner", "CompiledPlanner"),
    "numpy": ("search_service.engines.whoosh.planning.numpy_planner", "NumpyPlanner"),
}


def open_planner(snapshot: Snapshot, kernel: str) -> Planner:
    """The planner that goes with a kernel."""
    module, kind = PLANNERS[kernel if COMPILED else "numpy"]
    planner: Planner = getattr(import_module(module), kind)(snapshot)
    return planner

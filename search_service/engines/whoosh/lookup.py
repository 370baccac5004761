"""Bisection in sorted byte strings that lie flat in a file: compiled where that was built.

It is most of what a word costs that is asked for the first time: three microseconds in C, thirty in
Python.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

COMPILED = find_spec("search_service.engines.whoosh._planner") is not None
"""Whether the compiled look-up was built at installation."""

if COMPILED:
    from search_service.engines.whoosh import _planner


class FlatStrings(Protocol):
    """Byte strings one after another, and where each begins."""

    starts: NDArray[np.uint32]
    data: NDArray[np.uint8]

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> bytes: ...


def lower_bound(strings: FlatStrings, key: bytes) -> int:
    """The first place whose string is not less than `key`, in sorted strings."""
    if COMPILED:
        return _planner.lower_bound(strings.starts, strings.data, key)
    return bisect_left(range(len(strings)), key, key=strings.__getitem__)


def equal_range(
    order: NDArray[np.int32],
    exact: FlatStrings,
    folded: FlatStrings,
    group_starts: NDArray[np.uint32],
    key: bytes,
) -> tuple[int, int]:
    """The places [low, high) of `order` whose rows have this exact form.

    A row's exact form is `exact[row]`, or its folded form where that is empty.
    """
    if COMPILED:
        return _planner.equal_range(
            order, exact.starts, exact.data, folded.starts, folded.data, group_starts, key
        )

    def form(row: int) -> bytes:
        return exact[row] or folded[int(np.searchsorted(group_starts, row, "right")) - 1]

    rows = order.data
    low = bisect_left(rows, key, key=form)
    return low, bisect_right(rows, key, lo=low, key=form)

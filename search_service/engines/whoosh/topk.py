"""The first few of many, without sorting the many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.kernel import Kernel
from search_service.engines.whoosh.occurrences import Floats

_ENOUGH = 4
"""Sorting all is as quick when no more than this many times as many are wanted."""


def first(
    kernel: Kernel,
    values: Floats,
    count: int,
    ranks: Callable[[NDArray[np.intp]], NDArray[np.int64]],
) -> NDArray[np.intp]:
    """The places of the `count` greatest values, in descending order; ties by rank, ascending.

    `ranks` gives the ranks of some places; it is asked only when values are equal.
    """
    if count <= 0 or not len(values):
        return np.zeros(0, np.intp)
    if len(values) > _ENOUGH * count:
        places = np.flatnonzero(values >= kernel.threshold(values, count))
    else:
        places = np.arange(len(values))
    chosen = values[places]
    order = np.argsort(-chosen, kind="stable")
    ordered = chosen[order]
    if np.any(ordered[1:] == ordered[:-1]):
        order = np.lexsort((ranks(places), -chosen))
    return places[order[:count]]

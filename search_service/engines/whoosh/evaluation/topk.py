"""The first few of many, without sorting the many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.kernel import Kernel
from search_service.engines.whoosh.store.arraytypes import Floats


def first(
    kernel: Kernel,
    values: Floats,
    count: int,
    ranks: Callable[[NDArray[np.int64]], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """The places of the `count` greatest values, in descending order; ties by rank, ascending.

    `ranks` gives the ranks of some places; it is asked only when values are equal.
    """
    places, tied = kernel.top(values, max(0, count))
    if tied:
        places = places[np.lexsort((ranks(places), -values[places]))]
    return places[:count]


def first_of(
    values: Floats, count: int, ranks: Callable[[NDArray[np.int64]], NDArray[np.int64]]
) -> NDArray[np.int64]:
    """The same in NumPy alone; of many that are equal to the last only the first are sorted."""
    places = greatest_of(values, count)
    chosen = values.take(places)
    if len(chosen) > count:
        least = np.partition(chosen, len(chosen) - count)[len(chosen) - count] if count else np.inf
        (kept,) = (chosen >= least).nonzero()
        if len(kept) > count:
            # Of those that equal the last only the first are wanted.
            equal = chosen.take(kept) == least
            above, last = kept[~equal], kept[equal]
            wanted = count - len(above)
            first_last = np.argpartition(ranks(places.take(last)), wanted)[:wanted]
            kept = np.concatenate([above, last.take(first_last)])
        places, chosen = places.take(kept), chosen.take(kept)
    order = (-chosen).argsort()
    ordered = chosen.take(order)
    if (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((ranks(places), -chosen))
    return places.take(order)


def greatest_of(values: Floats, count: int) -> NDArray[np.int64]:
    """The places of some values that have the `count` greatest among them.

    The greatest of so many blocks are a bound: each of those blocks has one value from it up.
    """
    block = len(values) // (4 * count) if count > 0 else 0
    if block <= 8:
        return np.arange(len(values))
    tops = values[: len(values) // block * block].reshape(-1, block).max(1)
    least = np.partition(tops, len(tops) - count)[len(tops) - count]
    places: NDArray[np.int64] = (values >= least).nonzero()[0]
    return places

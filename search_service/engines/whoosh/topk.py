"""The first few of many, without sorting the many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.kernel import Kernel
from search_service.engines.whoosh.occurrences import Floats


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

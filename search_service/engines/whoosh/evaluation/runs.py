"""Runs of what is the same, in arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.arraytypes import Floats, Mask


def changes(values: NDArray[np.integer]) -> Mask:
    """Where a value differs from the one before; the first does."""
    fresh = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    return fresh


def run_sums(values: Floats, firsts: NDArray[np.int64]) -> Floats:
    """The sum of each run, of which the first places are given; of whole numbers below 2^53.

    A cumulative sum takes a fourth of the time of `np.add.reduceat` where runs are short, and what
    it adds up is exact.
    """
    ends = values.cumsum().take(np.append(firsts[1:], len(values)) - 1)
    ends[1:] -= ends[:-1].copy()
    return ends

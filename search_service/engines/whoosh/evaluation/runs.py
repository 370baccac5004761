"""Runs of what is the same, in arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.arraytypes import Mask


def changes(values: NDArray[np.integer]) -> Mask:
    """Where a value differs from the one before; the first does."""
    fresh = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    return fresh

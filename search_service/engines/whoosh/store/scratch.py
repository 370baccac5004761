"""Arrays as long as an index is large, out of the memory that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_HELD = 1 << 20
"""Bytes that are held in memory."""


def scratch(count: int, dtype: DTypeLike, folder: Path | None) -> NDArray[Any]:
    """Zeros, to be written; beyond a megabyte in a temporary file without a name, which is mapped.

    The system writes its pages to the disk when memory is needed for something else. The file is
    gone with the array. Raises `OSError` when the disk is full.
    """
    size = count * np.dtype(dtype).itemsize
    if size <= _HELD:
        return np.zeros(count, dtype)
    with TemporaryFile(dir=folder) as file:
        # Written, not only made so long: a page that a full disk has no room for kills the process.
        for _ in range(0, size, _HELD):
            file.write(bytes(_HELD))
        file.flush()
        return np.asarray(np.memmap(file, dtype, "r+", shape=(count,)))


def scratches(counts: Sequence[int], dtype: DTypeLike, folder: Path | None) -> list[NDArray[Any]]:
    """Several of them that lie in one: a file for each of many segments would be too many."""
    ends = list(accumulate(counts, initial=0))
    whole = scratch(ends[-1], dtype, folder)
    return [whole[low:high] for low, high in pairwise(ends)]

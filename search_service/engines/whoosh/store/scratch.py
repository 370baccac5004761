"""Arrays as long as an index is large, out of the memory that is counted."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_HELD = 1 << 16
"""Bytes that are held in memory: little, as there is one for each of many segments."""


def scratch(count: int, dtype: DTypeLike, folder: Path | None) -> NDArray[Any]:
    """Zeros, to be written; beyond 64 KB in a temporary file without a name, which is mapped.

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
        return np.memmap(file, dtype, "r+", shape=(count,))

"""Words in order into postings: a sort instead of loops."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.postings import MAX_POSITION, MAX_UNITS
from search_service.engines.whoosh.writing.packing import COMPILED, MAX_ROWS
from search_service.engines.whoosh.writing.prepared import GAP

Inverted = tuple[NDArray[np.integer], NDArray[np.uint32], NDArray[np.integer], NDArray[np.uint16]]
"""(postings a row, units, frequencies, positions)."""


def invert(
    words: NDArray[np.uint32],
    counts: NDArray[np.int32],
    row_of_form: NDArray[np.uint32],
    rows: int,
    *,
    compiled: bool | None = None,
) -> Inverted:
    """Postings of the words of units, in order. Those behind a unit's 65,536th take that position.

    In C every word goes to its place, in Python they are sorted.
    """
    if rows > MAX_ROWS or len(counts) > MAX_UNITS:
        raise OverflowError(f"{rows} forms and {len(counts)} units are too many for a segment")
    if not (COMPILED if compiled is None else compiled):
        return _sorted(_translate(words, row_of_form), counts, rows)
    made = import_module("search_service.engines.whoosh.writing._building").invert(
        words, np.ascontiguousarray(counts, np.int32), row_of_form, rows
    )
    types = (np.uint32, np.uint32, np.uint32, np.uint16)
    first, units, frequencies, positions = map(np.frombuffer, made, types)
    return first, units, frequencies, positions


def _translate(words: NDArray[np.uint32], table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """`table[word]` for each word, gaps staying gaps."""
    gaps = words == GAP
    if not gaps.any():
        return table[words]
    translated = np.full(len(words), GAP, np.uint32)
    translated[~gaps] = table[words[~gaps]]
    return translated


def _sorted(words: NDArray[np.uint32], counts: NDArray[np.int32], rows: int) -> Inverted:
    """Postings of words that are rows.

    One sort of 64-bit numbers (row: 24 bits, unit: 24, position: 16), which NumPy does with vector
    instructions: 15 million words take half a second, a stable argsort of their rows four times as
    long.
    """
    key = words.astype(np.uint64)
    key <<= np.uint64(24)
    key |= np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    key <<= np.uint64(16)
    starts = np.zeros(len(counts), np.int64)
    np.cumsum(counts[:-1], out=starts[1:])
    positions = np.arange(len(words), dtype=np.uint32)
    positions -= np.repeat(starts.astype(np.uint32), counts)
    np.minimum(positions, MAX_POSITION, out=positions)
    key |= positions
    if (words == GAP).any():
        key = key[words != GAP]
    key.sort()
    position = key.astype(np.uint16)
    key >>= np.uint64(16)
    begins = np.empty(len(key), bool)
    begins[:1] = True
    np.not_equal(key[1:], key[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    key = key[first]
    frequencies = np.diff(first, append=len(position))
    units = key.astype(np.uint32) & np.uint32(MAX_UNITS - 1)
    key >>= np.uint64(24)
    return np.bincount(key.astype(np.int64), minlength=rows), units, frequencies, position

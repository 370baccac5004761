"""Edit distance from one word to many at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def edits(word: str, others: Sequence[str], limit: int) -> NDArray[np.int32]:
    """int32: edits from `word` to each of `others`; `limit + 1` stands for any number above it.

    An edit is a letter added, left out, changed, or two neighbours swapped (optimal string
    alignment). The table is filled row by row within `limit` of its diagonal, all words together.
    """
    if not others:
        return np.zeros(0, np.int32)
    lengths = np.array([len(other) for other in others], np.int32)
    width = int(lengths.max())
    letters = np.array(others, dtype=f"U{max(width, 1)}").view(np.uint32).reshape(len(others), -1)
    letters = letters.T
    far = np.int32(limit + 1)
    table = np.full((len(word) + 1, width + 1, len(others)), far, np.int32)
    table[0, : limit + 1] = np.minimum(np.arange(width + 1, dtype=np.int32), far)[: limit + 1, None]
    for i, letter in enumerate(word, 1):
        if i <= limit:
            table[i, 0] = i
        code = ord(letter)
        before = ord(word[i - 2]) if i > 1 else -1
        for j in range(max(1, i - limit), min(width, i + limit) + 1):
            here = letters[j - 1]
            best = table[i - 1, j - 1] + (here != code)
            np.minimum(best, table[i - 1, j] + 1, out=best)
            np.minimum(best, table[i, j - 1] + 1, out=best)
            if i > 1 and j > 1:
                swapped = (here == before) & (letters[j - 2] == code)
                np.minimum(best, np.where(swapped, table[i - 2, j - 2] + 1, far), out=best)
            table[i, j] = best
    last: NDArray[np.int32] = table[len(word), lengths, np.arange(len(others))]
    return np.minimum(last, far)

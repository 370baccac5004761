"""What language a single word looks like: weighed runs of its letters, of one to five.

A word in small letters, with a space on either side, is cut into all its runs of letters; each is
hashed to a row of a table with one weight for each language of the script (hashed features:
Weinberger et al. 2009; the weights are those of a multinomial logistic regression). All words of a
batch are scored at once by NumPy. `data/train.py` makes the table and tells its sources.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from search_service.languages.wordtable import COMPILED, native

LONGEST = 5
"""Letters in a run."""
LONGEST_WORD = 24
"""Letters of a word that are looked at."""
_SAME = str.maketrans(
    {**dict.fromkeys("ʻʼ’‘`´′ʹ", "'"), "\u0307": None, "\u00ad": None, "I": "i", "İ": "i"}
)
_STEP = np.uint32(0x01000193)
_SPREAD = np.uint32(0x9E3779B1)
_SPACE = 32


@dataclass(frozen=True, slots=True)
class Table:
    """The weights of one script."""

    classes: tuple[str, ...]
    """Codes of languages; `az~` and `tr~` are these typed without diacritics, `und` all others."""
    weights: NDArray[np.int8]
    """One row a hash value, a power of two of them; one column a class."""
    scale: float
    """What a weight of 1 stands for, in nats."""

    def scores(self, words: Sequence[str], *, compiled: bool | None = None) -> NDArray[np.float32]:
        """Logits of words that `normal` has made: one row a word, one column a class."""
        bits = self.weights.shape[0].bit_length() - 1
        if COMPILED if compiled is None else compiled:
            added = native().letter_scores(list(words), self.weights, bits)
            sums = np.frombuffer(added, np.int32).reshape(len(words), -1)
        else:
            rows, starts = runs(words, bits)
            sums = np.add.reduceat(self.weights[rows], starts, axis=0, dtype=np.int32)
        logits: NDArray[np.float32] = sums.astype(np.float32) * np.float32(self.scale)
        return logits


@cache
def tables() -> dict[str, Table]:
    """The tables, by ISO 15924 code of their script; read once a process."""
    with (
        files(__package__).joinpath("data/identify.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        return {
            script: Table(
                classes=tuple(str(name) for name in stored[f"{script}.classes"]),
                weights=stored[f"{script}.weights"],
                scale=float(stored[f"{script}.scale"]),
            )
            for script in map(str, stored["scripts"])
        }


def normal(words: Sequence[str]) -> list[str]:
    """Words as the tables know them: small letters, one apostrophe; I and ı are told apart by ı."""
    lines = "\n".join([word[:LONGEST_WORD] for word in words])
    return unicodedata.normalize("NFC", lines.translate(_SAME).lower()).split("\n")


def runs(words: Sequence[str], bits: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The hashed runs of letters of many words, and where in them each word's begin."""
    letters = np.frombuffer("".join(f" {word} " for word in words).encode("utf-32-le"), np.uint32)
    lengths = np.array([len(word) + 2 for word in words], np.int64)
    ends = np.repeat(np.cumsum(lengths), lengths)
    left = ends - np.arange(len(letters))  # letters from here to the end of the word
    hashes = np.zeros(len(letters), np.uint32)
    found = np.zeros((len(letters), LONGEST), np.int64)
    valid = np.zeros((len(letters), LONGEST), np.bool_)
    for size in range(1, min(LONGEST, len(letters)) + 1):
        ahead = np.zeros(len(letters), np.uint32)
        ahead[: len(letters) - size + 1] = letters[size - 1 :]
        hashes = (hashes ^ ahead) * _STEP
        hashes ^= hashes >> np.uint32(15)
        salt = np.uint32(size * 0x85EBCA6B & 0xFFFFFFFF)
        found[:, size - 1] = (hashes * _SPREAD + salt) >> np.uint32(32 - bits)
        valid[:, size - 1] = left >= size
    valid[:, 0] &= letters != _SPACE
    counts = np.add.reduceat(valid.sum(axis=1), np.cumsum(lengths) - lengths)
    return found[valid], np.cumsum(counts) - counts

"""The text that all engines are timed on: synthetic with natural word frequencies, or a folder's.

A corpus is numbers: the words of all passages one after another, as places in a vocabulary. What is
made up is seeded: word frequencies follow Zipf and Mandelbrot's law, a document comes back to some
words of its own (as texts do, and so phrases occur), and passages have the lengths of paragraphs.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LANGUAGES = ("en", "az", "tr", "ru")
FIRST_DAY = 730_000
DAYS = 8_000

_ONSETS: list[str] = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "z",
    "br",
    "dr",
    "gr",
    "kr",
    "pl",
    "sh",
    "st",
    "tr",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea"]
_CODAS = ["", "", "", "l", "m", "n", "r", "s", "t", "nd", "rk"]


@dataclass(frozen=True)
class Corpus:
    """Passages as numbers of words, with what is filtered and sorted by."""

    vocabulary: list[str]
    words: NDArray[np.int32]
    """The words of all passages."""
    starts: NDArray[np.int64]
    """Where each passage begins in `words`, and the end."""
    documents: NDArray[np.int32]
    """The document of each passage, ascending from 0."""
    languages: NDArray[np.uint8]
    """Of each document, as a place in `LANGUAGES`."""
    days: NDArray[np.int32]
    """Of each document, as a proleptic ordinal."""

    @property
    def passage_count(self) -> int:
        return len(self.starts) - 1

    @property
    def document_count(self) -> int:
        return len(self.days)

    def tokens(self, passage: int) -> list[str]:
        """The words of a passage."""
        chosen = self.words[self.starts[passage] : self.starts[passage + 1]].tolist()
        return [self.vocabulary[word] for word in chosen]

    def document_frequencies(self) -> NDArray[np.int64]:
        """How many passages have each word."""
        passages = np.repeat(np.arange(self.passage_count), np.diff(self.starts))
        pairs = np.unique(passages * len(self.vocabulary) + self.words)
        return np.bincount(pairs % len(self.vocabulary), minlength=len(self.vocabulary))


def synthetic(passages: int, seed: int) -> Corpus:
    """So many passages, the same for the same seed."""
    rng = np.random.default_rng(seed)
    lengths = np.clip(rng.gamma(4.0, 19.0, passages).astype(np.int64), 5, 400)
    per_document = np.maximum(1, rng.geometric(0.1, passages))
    documents = np.repeat(np.arange(len(per_document)), per_document)[:passages].astype(np.int32)
    count = int(documents[-1]) + 1
    total = int(lengths.sum())
    # Heaps' law: a text of n words has about 45 n^0.5 different ones.
    size = int(45 * total**0.5)
    weights = 1 / (np.arange(size) + 2.7) ** 1.07
    edges = np.cumsum(weights / weights.sum())
    words = np.searchsorted(edges, rng.random(total)).astype(np.int32)
    # A fifth of the words are taken again from the 200 words before, in runs of two or three.
    again = np.flatnonzero(rng.random(total) < 0.08)
    back = rng.integers(20, 200, len(again))
    for step in range(3):
        places = again + step
        sound = (places < total) & (places >= back)
        words[places[sound]] = words[(places - back)[sound]]
    return Corpus(
        _vocabulary(size, seed),
        words,
        np.concatenate(([0], np.cumsum(lengths))),
        documents,
        rng.choice(len(LANGUAGES), count, p=(0.6, 0.2, 0.1, 0.1)).astype(np.uint8),
        (FIRST_DAY + rng.integers(0, DAYS, count)).astype(np.int32),
    )


def _vocabulary(size: int, seed: int) -> list[str]:
    """Different pronounceable words, the shorter ones first, as frequent words are short."""
    rng = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < size:
        syllables = 1 + min(5, int(len(words) ** 0.13)) if words else 1
        word = "".join(
            rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
            for _ in range(rng.choice((syllables, syllables + 1)))
        )
        words.setdefault(word)
    return list(words)


def from_folder(folder: Path, passages: int, seed: int) -> Corpus:
    """Paragraphs of a folder's text files, the first so many; languages and days are made up."""
    numbers: dict[str, int] = {}
    words: list[int] = []
    lengths: list[int] = []
    documents: list[int] = []
    count = 0
    for path in sorted(folder.rglob("*")):
        if len(lengths) >= passages or not path.is_file():
            continue
        pieces = re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace"))
        found = [re.findall(r"\w+", piece.lower()) for piece in pieces]
        found = [piece[:400] for piece in found if len(piece) >= 5]
        for piece in found[: passages - len(lengths)]:
            words.extend(numbers.setdefault(word, len(numbers)) for word in piece)
            lengths.append(len(piece))
            documents.append(count)
        count += bool(found)
    rng = np.random.default_rng(seed)
    return Corpus(
        list(numbers),
        np.array(words, np.int32),
        np.concatenate(([0], np.cumsum(lengths))),
        np.array(documents, np.int32),
        rng.choice(len(LANGUAGES), count, p=(0.6, 0.2, 0.1, 0.1)).astype(np.uint8),
        (FIRST_DAY + rng.integers(0, DAYS, count)).astype(np.int32),
    )

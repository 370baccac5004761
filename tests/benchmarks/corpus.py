"""The text that all engines are timed on: synthetic with natural word frequencies, or a folder's.

A corpus is numbers: the words of all passages one after another, as places in a vocabulary. What is
made up is seeded: word frequencies follow Zipf and Mandelbrot's law, a document comes back to some
words of its own (as texts do, and so phrases occur), and passages have the lengths of paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.vocabulary import made_up

LANGUAGES = ("en", "az", "tr", "ru")
FIRST_DAY = 730_000
DAYS = 8_000
_SENTENCE = 15
"""Words of a sentence."""


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
    signatures: NDArray[np.uint64]
    """Of each passage; no two are alike."""

    @property
    def passage_count(self) -> int:
        return len(self.starts) - 1

    @property
    def document_count(self) -> int:
        return len(self.days)

    @cached_property
    def bounds(self) -> list[int]:
        """Where each document's passages begin, and the end."""
        found: list[int] = np.searchsorted(
            self.documents, np.arange(self.document_count + 1)
        ).tolist()
        return found

    def tokens(self, passage: int) -> list[str]:
        """The words of a passage."""
        chosen = self.words[self.starts[passage] : self.starts[passage + 1]].tolist()
        return [self.vocabulary[word] for word in chosen]

    @cached_property
    def _written(self) -> tuple[bytes, list[int]]:
        pieces = [" ".join(self.tokens(n)).encode() for n in range(self.passage_count)]
        return b"".join(pieces), np.cumsum([0, *map(len, pieces)]).tolist()

    def text(self, passage: int) -> str:
        """The words of a passage with spaces between.

        All texts lie in one run of bytes, so that processes that build from them share it.
        """
        data, starts = self._written
        return data[starts[passage] : starts[passage + 1]].decode()

    @cached_property
    def _sentences(self) -> tuple[bytes, list[int]]:
        pieces = [_sentences(self.tokens(n)).encode() for n in range(self.passage_count)]
        return b"".join(pieces), np.cumsum([0, *map(len, pieces)]).tolist()

    def sentences(self, passage: int) -> str:
        """The words of a passage as sentences, kept as texts are."""
        data, starts = self._sentences
        return data[starts[passage] : starts[passage + 1]].decode()

    def write(self) -> int:
        """Have all texts ready, so that no engine's time is spent on it; returns their bytes."""
        return len(self._written[0])

    def document_frequencies(self) -> NDArray[np.int64]:
        """How many passages have each word."""
        size = len(self.vocabulary)
        counts = np.zeros(size, np.int64)
        step = 1 << 15
        for low in range(0, self.passage_count, step):
            starts = self.starts[low : low + step + 1]
            passages = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
            pairs = np.unique(passages * size + self.words[starts[0] : starts[-1]])
            counts += np.bincount(pairs % size, minlength=size)
        return counts


def _sentences(words: list[str]) -> str:
    """Words as sentences, which begin with a capital and end with a full stop."""
    return " ".join(_sentence(words[n : n + _SENTENCE]) for n in range(0, len(words), _SENTENCE))


def _sentence(words: list[str]) -> str:
    text = " ".join(words)
    return text[:1].upper() + text[1:] + "."


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
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return _described(made_up(size, seed), words, starts, documents, count, rng)


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
    if not lengths:
        raise SystemExit(f"{folder} has no text of five words: name a folder of text files")
    rng = np.random.default_rng(seed)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    array = np.array(documents, np.int32)
    return _described(list(numbers), np.array(words, np.int32), starts, array, count, rng)


def _described(
    vocabulary: list[str],
    words: NDArray[np.int32],
    starts: NDArray[np.int64],
    documents: NDArray[np.int32],
    count: int,
    rng: np.random.Generator,
) -> Corpus:
    """A corpus of so many documents with languages, days and signatures made up."""
    languages = rng.choice(len(LANGUAGES), count, p=(0.6, 0.2, 0.1, 0.1)).astype(np.uint8)
    days = (FIRST_DAY + rng.integers(0, DAYS, count)).astype(np.int32)
    signatures = rng.integers(1, 1 << 63, len(starts) - 1, np.uint64)
    return Corpus(vocabulary, words, starts, documents, languages, days, signatures)

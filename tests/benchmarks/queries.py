"""The classes of queries that are timed; the words of a query come from one passage.

Every engine compiles the same query for itself, so a query here is plain data.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tests.benchmarks.corpus import DAYS, FIRST_DAY, LANGUAGES, Corpus

RARE, COMMON = 50, 40_000
"""Words of a query are in at least so many passages, and in at most so many."""
FREQUENT = 15
"""How many of the most frequent words the class with frequent words draws from."""

Kind = Literal["or", "and", "phrase", "prefix", "fuzzy"]


@dataclass(frozen=True)
class Query:
    """Words and what is asked of them; with `ladder` each is met by its rungs too."""

    kind: Kind
    words: tuple[str, ...]
    language: str | None = None
    first_day: int | None = None
    by_date: bool = False
    page: bool = False
    ladder: bool = False


class Words:
    """Draws words from a corpus."""

    def __init__(self, corpus: Corpus, seed: int) -> None:
        self._corpus = corpus
        self._seed = seed
        self._frequencies = corpus.document_frequencies()
        self._common = min(COMMON, corpus.passage_count // 5)
        order = np.argsort(-self._frequencies, kind="stable")
        self._frequent = [corpus.vocabulary[word] for word in order[:FREQUENT]]

        self.again()

    def again(self) -> None:
        """Draw from the beginning."""
        self._rng = random.Random(self._seed)

    def _passage(self) -> list[int]:
        corpus = self._corpus
        passage = self._rng.randrange(corpus.passage_count)
        words: list[int] = corpus.words[
            corpus.starts[passage] : corpus.starts[passage + 1]
        ].tolist()
        return words

    def _usable(self, word: int) -> bool:
        return RARE <= int(self._frequencies[word]) <= self._common

    def some(self, count: int) -> tuple[str, ...]:
        """So many different words of one passage."""
        while True:
            found = sorted({word for word in self._passage() if self._usable(word)})
            if len(found) >= count:
                return tuple(
                    self._corpus.vocabulary[word] for word in self._rng.sample(found, count)
                )

    def phrase(self, count: int) -> tuple[str, ...]:
        """So many words that stand side by side."""
        while True:
            words = self._passage()
            if len(words) > count:
                start = self._rng.randrange(len(words) - count)
                found = words[start : start + count]
                if all(map(self._usable, found)):
                    return tuple(self._corpus.vocabulary[word] for word in found)

    def frequent(self, count: int) -> tuple[str, ...]:
        """Words that are nearly everywhere."""
        return tuple(self._rng.sample(self._frequent, count))

    def language(self) -> str:
        """A language."""
        return self._rng.choice(LANGUAGES)

    def day(self) -> int:
        """A day after which about half of the documents are."""
        return FIRST_DAY + self._rng.randrange(DAYS)


CLASSES: dict[str, Callable[[Words], Query]] = {
    "1 word": lambda w: Query("or", w.some(1)),
    "OR of 2": lambda w: Query("or", w.some(2)),
    "OR of 4": lambda w: Query("or", w.some(4)),
    "OR of 8": lambda w: Query("or", w.some(8)),
    "OR of 2 + 2 frequent": lambda w: Query("or", w.some(2) + w.frequent(2)),
    "AND of 2": lambda w: Query("and", w.some(2)),
    "AND of 3": lambda w: Query("and", w.some(3)),
    "phrase of 2": lambda w: Query("phrase", w.phrase(2)),
    "phrase of 3": lambda w: Query("phrase", w.phrase(3)),
    "prefix": lambda w: Query("prefix", (w.some(1)[0][:4],)),
    "fuzzy": lambda w: Query("fuzzy", w.some(1)),
    "filtered": lambda w: Query("or", w.some(2), language=w.language(), first_day=w.day()),
    "by date": lambda w: Query("or", w.some(2), by_date=True),
    "page": lambda w: Query("or", w.some(3), page=True),
    "ladder, 1 word": lambda w: Query("or", w.some(1), ladder=True),
    "ladder, OR of 2": lambda w: Query("or", w.some(2), ladder=True),
    "ladder, OR of 4": lambda w: Query("or", w.some(4), ladder=True),
    "ladder, AND of 2": lambda w: Query("and", w.some(2), ladder=True),
    "ladder, page": lambda w: Query("or", w.some(3), page=True, ladder=True),
}
"""Name -> a query of the class."""

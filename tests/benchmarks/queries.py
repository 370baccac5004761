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
    """Words and what is asked of them."""

    kind: Kind
    words: tuple[str, ...]
    language: str | None = None
    first_day: int | None = None
    by_date: bool = False
    page: Literal["", "grouped", "whole"] = ""
    """As the search page asks: documents with facets and exact totals, or that with snippets."""


class Words:
    """Draws words from a corpus."""

    def __init__(self, corpus: Corpus, seed: int) -> None:
        self._corpus = corpus
        self._seed = seed
        self._frequencies = corpus.document_frequencies()
        self._common = min(COMMON, corpus.passage_count // 5)
        self._rare = min(RARE, max(2, corpus.passage_count // 100))
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
        return self._rare <= int(self._frequencies[word]) <= self._common

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

    def near(self, postings: int) -> str:
        """One of the words whose number of passages is nearest to so many."""
        distance = np.abs(self._frequencies - postings)
        nearest: list[int] = np.argsort(distance, kind="stable")[:20].tolist()
        return self._corpus.vocabulary[self._rng.choice(nearest)]

    def language(self) -> str:
        """A language."""
        return self._rng.choice(LANGUAGES)

    def day(self) -> int:
        """A day after which about half of the documents are."""
        return FIRST_DAY + self._rng.randrange(DAYS)


Draw = Callable[[Words], Query]

RANKED: dict[str, Draw] = {
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
}
"""Name -> a query of the class; `Words.again` before each class, so that they draw alike."""

BARE, GROUPED, PAGE = "bare", "page, grouped and counted", "page, whole"
PAGES: dict[str, Draw] = {
    BARE: lambda w: Query("or", w.some(3)),
    GROUPED: lambda w: Query("or", w.some(3), page="grouped"),
    PAGE: lambda w: Query("or", w.some(3), page="whole"),
}
"""The page's own query, and the bare ranked one of the same words."""

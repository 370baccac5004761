"""What a part of a query finds: passages with scores, and what it says for documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from search_service.engines.whoosh.weights import LEVEL_WEIGHTS, Level
from tests.engines.oracle.corpus import PassageId


@dataclass
class Tally:
    """What a passage or document has of a word: weighted frequencies and its best form."""

    decided: int = 0
    total: int = 0
    best: int = 0

    def add(self, level: int, weight: int) -> None:
        self.total += weight
        self.decided += weight if level >= Level.TRANSLIT else 0
        self.best = max(self.best, LEVEL_WEIGHTS[level])

    def merge(self, other: Tally) -> None:
        self.decided += other.decided
        self.total += other.total
        self.best = max(self.best, other.best)


Scorer = Callable[[set[PassageId]], dict[str, float]]
"""From the passages that count, a score for each document that has any."""


@dataclass
class Evidence:
    passages: set[PassageId]
    """Those of which it may speak."""
    scorer: Scorer

    def within(self, passages: set[PassageId]) -> Evidence:
        return Evidence(self.passages & passages, self.scorer)

    def documents(self) -> dict[str, float]:
        return self.scorer(self.passages)


@dataclass
class Result:
    scores: dict[PassageId, float] = field(default_factory=dict)
    decided: set[PassageId] = field(default_factory=set)
    evidence: list[Evidence] = field(default_factory=list)

    def only(self, passages: set[PassageId]) -> Result:
        kept = {p: s for p, s in self.scores.items() if p in passages}
        return Result(kept, self.decided & passages, [e.within(set(kept)) for e in self.evidence])

    def sure(self) -> Result:
        return self.only(self.decided)


def total_of(scores: Iterable[dict[str, float]]) -> dict[str, float]:
    """The sums of the scores of each document."""
    total: dict[str, float] = defaultdict(float)
    for each in scores:
        for document, score in each.items():
            total[document] += score
    return total

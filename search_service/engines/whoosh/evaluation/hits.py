"""What a node of the query tree finds: passages with scores, and the evidence behind them.

Scores are of passages; a document's score is worked out at the end from the *evidence*: what each
word contributed, kept by passage until it is known which passages match the whole query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from search_service.engines.whoosh.evaluation.kernel import Kernel
from search_service.engines.whoosh.evaluation.occurrences import Occurrences
from search_service.engines.whoosh.evaluation.scoring import coverage_factor
from search_service.engines.whoosh.planning.plan import Counts
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask

Scored = tuple[Ints, Floats]
"""Units, ascending, with their scores."""


class Evidence(Protocol):
    """What a part of the query says for documents."""

    def within(self, units: Ints, kernel: Kernel) -> Evidence:
        """The same, from these passages (ascending) alone."""

    def documents(self, kernel: Kernel) -> Scored:
        """Its documents, ascending, with their scores."""


@dataclass(frozen=True)
class Hits:
    """Passages, ascending, with their scores."""

    units: Ints
    """int32."""
    scores: Floats
    similar: Mask | None = None
    """Which were met by similar words alone; None when none was."""
    evidence: tuple[Evidence, ...] = ()

    def take(self, kept: Mask, kernel: Kernel) -> Hits:
        """Some of them; the evidence follows."""
        units = self.units[kept]
        return Hits(
            units,
            self.scores[kept],
            None if self.similar is None else self.similar[kept],
            tuple(evidence.within(units, kernel) for evidence in self.evidence),
        )

    @cached_property
    def decided(self) -> Ints:
        """The passages that match by more than similarity."""
        return self.units if self.similar is None else self.units[~self.similar]

    def decide(self, kernel: Kernel) -> Hits:
        """Without those met by similar words alone."""
        return self if self.similar is None else self.take(~self.similar, kernel)


NOTHING = Hits(np.zeros(0, np.int32), np.zeros(0))


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """A word, phrase or pattern: its frequencies are summed over a document's passages."""

    found: Occurrences
    counts: Counts
    factor: float

    def within(self, units: Ints, kernel: Kernel) -> Evidence:
        """From these passages alone."""
        kept = kernel.contained(self.found.units, units)
        return self if kept.all() else WordEvidence(self.found.take(kept), self.counts, self.factor)

    def documents(self, kernel: Kernel) -> Scored:
        """BM25 of the summed frequencies."""
        return kernel.document_scores(self.found, self.counts, self.factor)


@dataclass(frozen=True, slots=True)
class ConstantEvidence:
    """A condition that is worth the same wherever it holds."""

    units: Ints
    value: float

    def within(self, units: Ints, kernel: Kernel) -> Evidence:
        """From these passages alone."""
        return ConstantEvidence(self.units[kernel.contained(self.units, units)], self.value)

    def documents(self, kernel: Kernel) -> Scored:
        """The value, once for a document."""
        having = kernel.documents_of(self.units)
        return having, np.full(len(having), self.value)


@dataclass(frozen=True, slots=True)
class BestEvidence:
    """Alternatives of which the best counts, and of the others a part."""

    alternatives: tuple[tuple[Evidence, ...], ...]
    tiebreak: float

    def within(self, units: Ints, kernel: Kernel) -> Evidence:
        """From these passages alone."""
        return BestEvidence(
            tuple(tuple(e.within(units, kernel) for e in parts) for parts in self.alternatives),
            self.tiebreak,
        )

    def documents(self, kernel: Kernel) -> Scored:
        """The best alternative's score and a part of the others'."""
        scored = [evidence_sum(parts, kernel) for parts in self.alternatives]
        numbers, total = kernel.unite(scored)
        return numbers, best_of(numbers, total, scored, self.tiebreak)


@dataclass(frozen=True, slots=True)
class WordsEvidence:
    """The plain words of a query, worth more together."""

    parts: tuple[Evidence, ...]
    shares: tuple[tuple[Ints, float], ...]
    """The documents (ascending) that have a part anywhere, and what share of the query it is."""

    def within(self, units: Ints, kernel: Kernel) -> Evidence:
        """From these passages alone; what the document has elsewhere still completes it."""
        return WordsEvidence(tuple(e.within(units, kernel) for e in self.parts), self.shares)

    def documents(self, kernel: Kernel) -> Scored:
        """The sum of the parts, by how much of the query the document has."""
        numbers, total = evidence_sum(self.parts, kernel)
        if len(self.shares) > 1:
            total = total * coverage_factor(kernel.shares(numbers, self.shares))
        return numbers, total


def evidence_sum(parts: Sequence[Evidence], kernel: Kernel) -> Scored:
    """What all the parts say together."""
    if len(parts) == 1:
        return parts[0].documents(kernel)
    return kernel.unite([evidence.documents(kernel) for evidence in parts])


def best_of(units: Ints, total: Floats, lists: Sequence[Scored], tiebreak: float) -> Floats:
    """The best score of each unit, and a part of the other scores; `total` is the sum of all."""
    best = np.zeros(len(units))
    for having, values in lists:
        where = np.searchsorted(units, having)
        best[where] = np.maximum(best[where], values)
    return best + tiebreak * (total - best)

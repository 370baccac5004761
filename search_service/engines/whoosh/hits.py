"""What a node of the query tree finds: passages with scores, and the evidence behind them.

Scores are of passages; a document's score is worked out at the end from the *evidence*: what each
word contributed, kept by passage until it is known which passages match the whole query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from search_service.engines.whoosh.occurrences import Occurrences
from search_service.engines.whoosh.scoring import Rarity, coverage_factor, scores
from search_service.engines.whoosh.snapshot import Floats, Ints, Mask, Snapshot


class Evidence(Protocol):
    """What a part of the query says for documents."""

    def within(self, units: Ints) -> Evidence:
        """The same, from these passages (ascending) alone."""

    def documents(self, snapshot: Snapshot, numbers: Ints) -> Floats:
        """A score for each of the documents (ascending), which include all of its own."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Passages, ascending, with their scores."""

    units: Ints
    """int32."""
    scores: Floats
    similar: Mask | None = None
    """Which were met by similar words alone; None when none was."""
    evidence: tuple[Evidence, ...] = ()

    def take(self, kept: Mask) -> Hits:
        """Some of them; the evidence follows."""
        units = self.units[kept]
        return Hits(
            units,
            self.scores[kept],
            None if self.similar is None else self.similar[kept],
            tuple(evidence.within(units) for evidence in self.evidence),
        )

    @property
    def decided(self) -> Ints:
        """The passages that match by more than similarity."""
        return self.units if self.similar is None else self.units[~self.similar]

    def decide(self) -> Hits:
        """Without those met by similar words alone."""
        return self if self.similar is None else self.take(~self.similar)


NOTHING = Hits(np.zeros(0, np.int32), np.zeros(0))


def contained(units: Ints, among: Ints) -> Mask:
    """Which units are among others; both ascending."""
    if not len(among):
        return np.zeros(len(units), bool)
    places = np.searchsorted(among, units)
    places[places == len(among)] = 0
    return among[places] == units


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """A word, phrase or pattern: its frequencies are summed over a document's passages."""

    found: Occurrences
    rarity: Rarity
    """Among documents."""
    factor: float

    def within(self, units: Ints) -> Evidence:
        """From these passages alone."""
        kept = contained(self.found.units, units)
        return self if kept.all() else WordEvidence(self.found.take(kept), self.rarity, self.factor)

    def documents(self, snapshot: Snapshot, numbers: Ints) -> Floats:
        """BM25 of the summed frequencies."""
        summed = by_document(self.found, snapshot)
        scored = scores(summed, self.rarity, snapshot.document_norms[summed.units], self.factor)
        return spread(summed.units, scored, numbers)


@dataclass(frozen=True, slots=True)
class ConstantEvidence:
    """A condition that is worth the same wherever it holds."""

    units: Ints
    value: float

    def within(self, units: Ints) -> Evidence:
        """From these passages alone."""
        return ConstantEvidence(self.units[contained(self.units, units)], self.value)

    def documents(self, snapshot: Snapshot, numbers: Ints) -> Floats:
        """The value, once for a document."""
        having = np.unique(snapshot.passage_document[self.units])
        return spread(having, np.full(len(having), self.value), numbers)


@dataclass(frozen=True, slots=True)
class BestEvidence:
    """Alternatives of which the best counts, and of the others a part."""

    alternatives: tuple[tuple[Evidence, ...], ...]
    tiebreak: float

    def within(self, units: Ints) -> Evidence:
        """From these passages alone."""
        return BestEvidence(
            tuple(tuple(e.within(units) for e in parts) for parts in self.alternatives),
            self.tiebreak,
        )

    def documents(self, snapshot: Snapshot, numbers: Ints) -> Floats:
        """The best alternative's score and a part of the others'."""
        best = np.zeros(len(numbers))
        total = np.zeros(len(numbers))
        for parts in self.alternatives:
            scored = evidence_sum(parts, snapshot, numbers)
            np.maximum(best, scored, out=best)
            total += scored
        return best + self.tiebreak * (total - best)


@dataclass(frozen=True, slots=True)
class WordsEvidence:
    """The plain words of a query, worth more together."""

    parts: tuple[Evidence, ...]
    shares: tuple[tuple[Ints, float], ...]
    """The documents (ascending) that have a part anywhere, and what share of the query it is."""

    def within(self, units: Ints) -> Evidence:
        """From these passages alone; what the document has elsewhere still completes it."""
        return WordsEvidence(tuple(e.within(units) for e in self.parts), self.shares)

    def documents(self, snapshot: Snapshot, numbers: Ints) -> Floats:
        """The sum of the parts, by how much of the query the document has."""
        total = evidence_sum(self.parts, snapshot, numbers)
        if len(self.shares) > 1:
            had = np.zeros(len(numbers))
            for having, share in self.shares:
                had[contained(numbers, having)] += share
            total *= coverage_factor(had)
        return total


def evidence_sum(parts: tuple[Evidence, ...], snapshot: Snapshot, numbers: Ints) -> Floats:
    """What all the parts say together."""
    total = np.zeros(len(numbers))
    for evidence in parts:
        total += evidence.documents(snapshot, numbers)
    return total


def by_document(found: Occurrences, snapshot: Snapshot) -> Occurrences:
    """Sums over the passages of each document; its `units` are documents."""
    if not len(found.units):
        return found
    documents = snapshot.passage_document[found.units]
    first = np.flatnonzero(np.diff(documents, prepend=-1))
    decided = np.add.reduceat(found.decided, first)
    total = decided if found.total is found.decided else np.add.reduceat(found.total, first)
    return Occurrences(documents[first], decided, total, np.maximum.reduceat(found.best, first))


def spread(numbers: Ints, values: Floats, among: Ints) -> Floats:
    """The values in the places of their numbers among others, all ascending; elsewhere 0."""
    out = np.zeros(len(among))
    out[np.searchsorted(among, numbers)] = values
    return out

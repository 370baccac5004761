"""The evaluation of a query tree: one method for each kind of node, from leaves to root.

A node answers with `Hits`. Words that are met by similar forms alone are carried along as such, so
that operators can leave them out; scores are added up in the order of the tree.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from whoosh import query as whoosh_query
from whoosh.query import Query

from search_service.engines.whoosh import conditions, expansions
from search_service.engines.whoosh.groups import Run, row_runs, word_runs
from search_service.engines.whoosh.hits import (
    NOTHING,
    BestEvidence,
    ConstantEvidence,
    Evidence,
    Hits,
    WordEvidence,
    WordsEvidence,
    by_document,
    contained,
)
from search_service.engines.whoosh.occurrences import SOURCES, Occurrences, Sources, occurrences
from search_service.engines.whoosh.phrases import phrase_occurrences
from search_service.engines.whoosh.scoring import (
    Rarity,
    coverage_factor,
    idf,
    scores,
    similar_only,
)
from search_service.engines.whoosh.snapshot import Ints, Mask, Snapshot
from search_service.engines.whoosh.stops import is_stop
from search_service.engines.whoosh.weights import STOP_FACTOR
from search_service.errors import InvalidValue, QueryTooCostly, UnknownName
from search_service.nodes import Word, WordPhrase, Words

SegmentRuns = tuple[tuple[Run, ...], ...]
"""Rows of the vocabulary for each segment."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of one part of a `Words` node after it was evaluated."""

    node: Query
    units: Ints
    """The passages that have it by more than similarity."""
    stop: bool
    """It is asked of nobody."""
    idf: float


@dataclass(slots=True)
class Evaluation:
    """One query over one snapshot."""

    snapshot: Snapshot
    by_documents: bool
    """Whether plain words speak of a document, and evidence is kept for its score."""
    deadline: float | None = None
    parts: list[Part] | None = field(default=None, init=False)
    """The parts of the tree's first `Words` node."""

    def hits(self, node: Query, factor: float = 1.0) -> Hits:
        """What a node finds; `factor` is the product of the boosts above it."""
        self.check()
        method = _METHODS.get(type(node))
        if method is None:
            known = ", ".join(sorted(kind.__name__ for kind in _METHODS))
            raise InvalidValue("query", type(node).__name__, f"use nodes of {known}")
        return method(self, node, factor * getattr(node, "boost", 1.0))

    def check(self) -> None:
        """Raise `QueryTooCostly` after the deadline."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise QueryTooCostly("the query took too long: ask for fewer or rarer words")

    # Leaves

    def word(self, node: Word, factor: float) -> Hits:
        """A word with its ladder."""
        sources = _sources(node.fieldname)
        runs = self.word_runs(node)
        if is_stop(self.snapshot, node, runs):
            factor *= STOP_FACTOR
        return self.scored(occurrences(self.snapshot, sources, runs), factor)

    def word_runs(self, node: Word) -> SegmentRuns:
        """The rows that meet a word, remembered for the next time it is asked."""
        key = (node.readings, node.rung, node.similar, node.synonyms)
        runs = self.snapshot.groups.get(key)
        if runs is None:
            runs = tuple(word_runs(segment.vocabulary, node) for segment in self.snapshot.segments)
            self.snapshot.groups[key] = runs
        return runs  # type: ignore[no-any-return]

    def term(self, node: whoosh_query.Term, factor: float) -> Hits:
        """A form as it is written, or a value of a keyword field."""
        if node.fieldname in conditions.KEYWORD_FIELDS:
            found = conditions.keyword(self.snapshot, node.fieldname, (_text(node.text),))
            return self.constant(found, factor)
        return self.scored(
            occurrences(self.snapshot, _own(node.fieldname), self.form_runs(_text(node.text))),
            factor,
        )

    def form_runs(self, form: str) -> SegmentRuns:
        """The rows of one exact form."""
        runs = self.snapshot.groups.get(form)
        if runs is None:
            runs = tuple(
                row_runs(segment.vocabulary.exact_rows(form)) for segment in self.snapshot.segments
            )
            self.snapshot.groups[form] = runs
        return runs  # type: ignore[no-any-return]

    def word_phrase(self, node: WordPhrase, factor: float) -> Hits:
        """Words in order, each by its ladder."""
        if not node.words:
            return NOTHING
        fields = {word.fieldname for word in node.words}
        if len(fields) > 1:
            raise InvalidValue("query", str(node), "a phrase asks one field")
        words = [self.decisive_runs(word) for word in node.words]
        return self.phrased(_sources(fields.pop()), words, node.slop, factor)

    def decisive_runs(self, word: Word) -> SegmentRuns:
        """The rows of a word without those that are only similar."""
        if not word.similar:
            return self.word_runs(word)
        return self.word_runs(
            Word(word.fieldname, word.text, word.readings, word.rung, False, word.synonyms)
        )

    def phrase(self, node: whoosh_query.Phrase, factor: float) -> Hits:
        """Forms in order; Whoosh's slop of 1 means that they are adjacent."""
        if not node.words:
            return NOTHING
        words = [self.form_runs(_text(word)) for word in node.words]
        return self.phrased(_own(node.fieldname), words, node.slop - 1, factor)

    def phrased(
        self, sources: Sources, words: Sequence[SegmentRuns], slop: int, factor: float
    ) -> Hits:
        """What a phrase finds."""
        if slop < 0:
            raise InvalidValue("slop", slop, "words of a phrase stand at least side by side")
        return self.scored(phrase_occurrences(self.snapshot, sources, words, slop), factor)

    def pattern(
        self,
        node: whoosh_query.Prefix
        | whoosh_query.Wildcard
        | whoosh_query.FuzzyTerm
        | whoosh_query.TermRange,
        factor: float,
    ) -> Hits:
        """All forms that a pattern stands for, as if they were one word."""
        sources = _own(node.fieldname)
        runs = []
        for segment in self.snapshot.segments:
            runs.append(expansions.expand(segment.vocabulary, node))
            self.check()
        found = occurrences(self.snapshot, sources, runs)
        if node.constantscore:
            return self.constant(found.units, factor)
        return self.scored(found, factor)

    def number_range(self, node: whoosh_query.NumericRange, factor: float) -> Hits:
        """Documents by date or year."""
        return self.constant(conditions.number_range(self.snapshot, node), factor)

    def every(self, node: whoosh_query.Every, factor: float) -> Hits:
        """All passages, or all that have anything in a field."""
        return self.constant(conditions.having(self.snapshot, node.fieldname), factor)

    def null(self, _node: Query, _factor: float) -> Hits:
        """Nothing."""
        return NOTHING

    def scored(self, found: Occurrences, factor: float) -> Hits:
        """Occurrences of something with their BM25."""
        if not len(found.units):
            return NOTHING
        snapshot = self.snapshot
        similar = similar_only(found)
        rarity = _rarity(snapshot.live_passage_count, len(found.units), similar)
        values = scores(found, rarity, snapshot.passage_norms[found.units], factor)
        if not self.by_documents:
            return Hits(found.units, values, similar)
        documents = by_document(found, snapshot)
        rarity = _rarity(
            snapshot.live_document_count, len(documents.units), similar_only(documents)
        )
        return Hits(found.units, values, similar, (WordEvidence(found, rarity, factor),))

    def constant(self, units: Ints, value: float) -> Hits:
        """Passages that are all worth the same."""
        if self.snapshot.live is not None:
            units = units[self.snapshot.live[units]]
        evidence: tuple[Evidence, ...] = (ConstantEvidence(units, value),)
        return Hits(units, np.full(len(units), value), None, evidence if self.by_documents else ())

    # Operators

    def all_of(self, node: whoosh_query.And, factor: float) -> Hits:
        """Passages that have all; what is negated is taken from the rest."""
        positive = [child for child in node.subqueries if not isinstance(child, whoosh_query.Not)]
        negative = [child for child in node.subqueries if isinstance(child, whoosh_query.Not)]
        found = self.common([self.hits(child, factor).decide() for child in positive])
        if not positive:
            found = self.constant(conditions.having(self.snapshot, None), 0.0)
            if not negative:
                return NOTHING
        for child in negative:
            found = found.take(~contained(found.units, self.hits(child.query).decided))
        return found

    @staticmethod
    def common(children: Sequence[Hits]) -> Hits:
        """The passages of all; scores and evidence are added up."""
        if not children:
            return NOTHING
        units = min((child.units for child in children), key=len)
        for child in children:
            units = units[contained(units, child.units)]
        total = np.zeros(len(units))
        evidence: list[Evidence] = []
        for child in children:
            total += child.scores[np.searchsorted(child.units, units)]
            evidence.extend(part.within(units) for part in child.evidence)
        return Hits(units, total, None, tuple(evidence))

    def any_of(self, node: whoosh_query.Or, factor: float) -> Hits:
        """Passages that have any (or `minmatch` of them)."""
        if node.scale:
            raise InvalidValue("scale", node.scale, "put the words in a `Words` node")
        children = [self.hits(child, factor) for child in node.subqueries]
        found = self.united(children)
        if node.minmatch > 1:
            had = np.zeros(len(found.units), np.int32)
            for child in children:
                had[np.searchsorted(found.units, child.decided)] += 1
            found = found.take(had >= node.minmatch)
        return found

    def united(self, children: Sequence[Hits]) -> Hits:
        """The passages of any; scores are added up in the order of the children."""
        children = [child for child in children if len(child.units)]
        if len(children) < 2:
            return children[0] if children else NOTHING
        units = union([child.units for child in children], self.snapshot)
        sums = self.snapshot.scratch.sums
        for child in children:
            sums[child.units] += child.scores
        total = sums[units]
        sums[units] = 0
        similar = self.undecided(children, units)
        return Hits(units, total, similar, tuple(e for child in children for e in child.evidence))

    def undecided(self, children: Sequence[Hits], units: Ints) -> Mask | None:
        """Which of the units no child has by more than similarity."""
        if all(child.similar is None for child in children):
            return None
        marks = self.snapshot.scratch.marks
        for child in children:
            marks[child.decided] = 1
        similar = marks[units] == 0
        marks[units] = 0
        return similar if similar.any() else None

    def none_of(self, node: whoosh_query.Not, _factor: float) -> Hits:
        """Passages that do not have it; they are worth nothing by that."""
        found = self.constant(conditions.having(self.snapshot, None), 0.0)
        return found.take(~contained(found.units, self.hits(node.query).decided))

    def and_not(self, node: whoosh_query.AndNot, factor: float) -> Hits:
        """Passages of the one without those of the other."""
        found = self.hits(node.a, factor)
        return found.take(~contained(found.units, self.hits(node.b).decided))

    def and_maybe(self, node: whoosh_query.AndMaybe, factor: float) -> Hits:
        """Passages of the one; the other adds score."""
        return self.enriched(self.hits(node.a, factor), [self.hits(node.b, factor)])

    @staticmethod
    def enriched(found: Hits, others: Sequence[Hits]) -> Hits:
        """The passages of the first, with what the others add to them."""
        total = found.scores.copy()
        evidence = list(found.evidence)
        for other in others:
            shared = contained(other.units, found.units)
            units = other.units[shared]
            total[np.searchsorted(found.units, units)] += other.scores[shared]
            evidence.extend(part.within(units) for part in other.evidence)
        return Hits(found.units, total, found.similar, tuple(evidence))

    def require(self, node: whoosh_query.Require, factor: float) -> Hits:
        """Passages of both, with the score of the one."""
        found = self.hits(node.a, factor).decide()
        return found.take(contained(found.units, self.hits(node.b).decided))

    def best_of(self, node: whoosh_query.DisjunctionMax, factor: float) -> Hits:
        """Passages of any; the best counts, and of the others `tiebreak`."""
        children = [self.hits(child, factor) for child in node.subqueries]
        children = [child for child in children if len(child.units)]
        if not children:
            return NOTHING
        units = union([child.units for child in children], self.snapshot)
        best = np.zeros(len(units))
        total = np.zeros(len(units))
        for child in children:
            where = np.searchsorted(units, child.units)
            best[where] = np.maximum(best[where], child.scores)
            total[where] += child.scores
        evidence = BestEvidence(tuple(child.evidence for child in children), node.tiebreak)
        return Hits(
            units,
            best + node.tiebreak * (total - best),
            self.undecided(children, units),
            (evidence,) if self.by_documents else (),
        )

    def fixed(self, node: whoosh_query.ConstantScoreQuery, factor: float) -> Hits:
        """Passages of the child, all worth the same."""
        return self.constant(self.hits(node.child).decided, node.score * factor)

    # Plain words

    def words(self, node: Words, factor: float) -> Hits:
        """Any of them finds, having all is worth more; `every` asks for all.

        A stop word adds score where another word has found something. A query of nothing but stop
        words is taken at its word.
        """
        first = self.parts is None
        if first:
            self.parts = []
        found = [self.hits(part, factor) for part in node.parts]
        stops = [
            isinstance(part, Word) and is_stop(self.snapshot, part, self.word_runs(part))
            for part in node.parts
        ]
        if all(stops):
            stops = [False] * len(stops)
        parts = [
            Part(part, hits.decided, stop, idf(self.snapshot.live_passage_count, len(hits.decided)))
            for part, hits, stop in zip(node.parts, found, stops, strict=True)
        ]
        if first:
            self.parts = parts
        asked = [part for part in parts if not part.stop]
        answers = [hits for hits, part in zip(found, parts, strict=True) if not part.stop]
        result = self.united(answers)
        extra = [hits for hits, part in zip(found, parts, strict=True) if part.stop]
        if extra:
            result = self.enriched(result, extra)
        shares = _shares(asked)
        if len(shares) > 1:
            had = np.zeros(len(result.units))
            for part, share in shares:
                had[np.searchsorted(result.units, part.units)] += share
            scored = result.scores * coverage_factor(had)
            result = Hits(result.units, scored, result.similar, result.evidence)
        if self.by_documents:
            wholes = tuple(
                (np.unique(self.snapshot.passage_document[part.units]), share)
                for part, share in shares
            )
            result = Hits(
                result.units,
                result.scores,
                result.similar,
                (WordsEvidence(result.evidence, wholes),),
            )
        if node.every:
            result = result.decide()
            result = result.take(self.having_all(result.units, asked))
        return result

    def having_all(self, units: Ints, parts: Sequence[Part]) -> Mask:
        """Which passages have all the parts, in themselves or anywhere in their document."""
        kept = np.ones(len(units), bool)
        for part in parts:
            if self.by_documents:
                kept &= self.documents_with(part)[self.snapshot.passage_document[units]]
            else:
                kept &= contained(units, part.units)
        return kept

    def documents_with(self, part: Part) -> Mask:
        """bool[D]: the documents that have a part in any passage."""
        having = np.zeros(self.snapshot.document_count, bool)
        having[self.snapshot.passage_document[part.units]] = True
        return having


def union(lists: Sequence[Ints], snapshot: Snapshot) -> Ints:
    """The units of any list, ascending."""
    if sum(map(len, lists)) * 8 > snapshot.passage_count:
        mask = np.zeros(snapshot.passage_count, bool)
        for units in lists:
            mask[units] = True
        return np.flatnonzero(mask).astype(np.int32)
    together = np.concatenate(lists)
    together.sort()
    fresh = np.empty(len(together), bool)
    fresh[:1] = True
    np.not_equal(together[1:], together[:-1], out=fresh[1:])
    return together[fresh]


def _shares(parts: Sequence[Part]) -> list[tuple[Part, float]]:
    """Each part's share of the query by its idf; what nobody has is asked of nobody."""
    present = [part for part in parts if len(part.units)]
    total = sum(part.idf for part in present)
    return [(part, part.idf / total) for part in present]


def _rarity(count: int, having: int, similar: Mask | None) -> Rarity:
    decided = having if similar is None else having - int(np.count_nonzero(similar))
    return Rarity.of(count, decided, having)


def _sources(field_name: str) -> Sources:
    if field_name not in SOURCES:
        raise UnknownName("field", field_name, (*SOURCES, *conditions.KEYWORD_FIELDS))
    return SOURCES[field_name]


def _own(field_name: str) -> Sources:
    """The postings of the field itself: Whoosh's nodes do not look for text in the context."""
    _sources(field_name)
    return ((field_name, 1),)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


_METHODS: dict[type[Query], Callable[[Evaluation, Any, float], Hits]] = {
    Word: Evaluation.word,
    WordPhrase: Evaluation.word_phrase,
    Words: Evaluation.words,
    whoosh_query.Term: Evaluation.term,
    whoosh_query.Phrase: Evaluation.phrase,
    whoosh_query.Prefix: Evaluation.pattern,
    whoosh_query.Wildcard: Evaluation.pattern,
    whoosh_query.FuzzyTerm: Evaluation.pattern,
    whoosh_query.TermRange: Evaluation.pattern,
    whoosh_query.NumericRange: Evaluation.number_range,
    whoosh_query.DateRange: Evaluation.number_range,
    whoosh_query.Every: Evaluation.every,
    type(whoosh_query.NullQuery): Evaluation.null,
    whoosh_query.And: Evaluation.all_of,
    whoosh_query.Or: Evaluation.any_of,
    whoosh_query.Not: Evaluation.none_of,
    whoosh_query.AndNot: Evaluation.and_not,
    whoosh_query.AndMaybe: Evaluation.and_maybe,
    whoosh_query.Require: Evaluation.require,
    whoosh_query.DisjunctionMax: Evaluation.best_of,
    whoosh_query.ConstantScoreQuery: Evaluation.fixed,
}

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
    best_of,
)
from search_service.engines.whoosh.kernel import Kernel
from search_service.engines.whoosh.occurrences import Gathered, Occurrences
from search_service.engines.whoosh.phrases import PhrasePlans, phrase_occurrences
from search_service.engines.whoosh.plan import SOURCES, Counts, Plan, Sources, make_plan
from search_service.engines.whoosh.scoring import coverage_factor, idf, scores
from search_service.engines.whoosh.snapshot import Ints, Mask, Snapshot
from search_service.engines.whoosh.stops import is_stop
from search_service.engines.whoosh.weights import DECISIVE, STOP_FACTOR
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

    @property
    def kernel(self) -> Kernel:
        """The inner loops."""
        return self.snapshot.kernel

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
        return self.gathered(*self.word_plan(node, factor))

    def word_plan(self, node: Word, factor: float) -> tuple[Plan, float]:
        """What a word asks of the postings, and what it is worth."""
        plan = self.word_plan_in(node, _sources(node.fieldname))
        return plan, factor * STOP_FACTOR if self.stops(node) else factor

    def word_runs(self, node: Word) -> SegmentRuns:
        """The rows that meet a word, for each segment."""
        return tuple(word_runs(segment.vocabulary, node) for segment in self.snapshot.segments)

    def stops(self, node: Query) -> bool:
        """Whether it is a stop word in what the index holds."""
        if not isinstance(node, Word):
            return False
        return is_stop(self.snapshot, node, lambda: self.word_runs(node))

    def term(self, node: whoosh_query.Term, factor: float) -> Hits:
        """A form as it is written, or a value of a keyword field."""
        if node.fieldname in conditions.KEYWORD_FIELDS:
            found = conditions.keyword(self.snapshot, node.fieldname, (_text(node.text),))
            return self.constant(found, factor)
        return self.gathered(self.form_plan(_own(node.fieldname), _text(node.text)), factor)

    def form_plan(self, sources: Sources, form: str) -> Plan:
        """What one exact form asks of the postings."""
        key = (sources, form)
        plan = self.snapshot.memory.get(key)
        if plan is None:
            runs = [row_runs(s.vocabulary.exact_rows(form)) for s in self.snapshot.segments]
            plan = self.snapshot.memory[key] = make_plan(self.snapshot, sources, runs)
        return plan  # type: ignore[no-any-return]

    def leaf_plan(self, node: Query, factor: float) -> tuple[Plan, float] | None:
        """The plan of a node that is nothing but one, with its factor; else None."""
        factor *= getattr(node, "boost", 1.0)
        if type(node) is Word:
            planned = self.word_plan(node, factor)
        elif type(node) is whoosh_query.Term and node.fieldname not in conditions.KEYWORD_FIELDS:
            planned = self.form_plan(_own(node.fieldname), _text(node.text)), factor
        else:
            return None
        return None if planned[0].of_documents else planned

    def word_phrase(self, node: WordPhrase, factor: float) -> Hits:
        """Words in order, each by its ladder."""
        if not node.words:
            return NOTHING
        fields = {word.fieldname for word in node.words}
        if len(fields) > 1:
            raise InvalidValue("query", str(node), "a phrase asks one field")
        words = [
            Word(word.fieldname, word.text, word.readings, word.rung, False, word.synonyms)
            for word in node.words
        ]
        fields = [
            ([self.word_plan_in(word, ((name, 1),)) for word in words], factor_there)
            for name, factor_there in _sources(fields.pop())
        ]
        return self.phrased(fields, node.slop, factor)

    def word_plan_in(self, node: Word, sources: Sources) -> Plan:
        """What a word asks of one field's postings."""
        key = (sources, node.readings, node.rung, node.similar, node.synonyms)
        plan = self.snapshot.memory.get(key)
        if plan is None:
            plan = make_plan(self.snapshot, sources, self.word_runs(node))
            self.snapshot.memory[key] = plan
        return plan  # type: ignore[no-any-return]

    def phrase(self, node: whoosh_query.Phrase, factor: float) -> Hits:
        """Forms in order; Whoosh's slop of 1 means that they are adjacent."""
        if not node.words:
            return NOTHING
        sources = _own(node.fieldname)
        plans = [self.form_plan(sources, _text(word)) for word in node.words]
        return self.phrased([(plans, 1)], node.slop - 1, factor)

    def phrased(self, fields: Sequence[PhrasePlans], slop: int, factor: float) -> Hits:
        """What a phrase finds."""
        if slop < 0:
            raise InvalidValue("slop", slop, "words of a phrase stand at least side by side")
        found = phrase_occurrences(self.kernel, fields, slop)
        return self.scored(found, factor, of_documents=fields[0][0][0].of_documents)

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
        plan = make_plan(self.snapshot, sources, runs)
        if not node.constantscore:
            return self.gathered(plan, factor)
        return self.constant(self.to_passages(plan, self.kernel.units(plan)), factor)

    def number_range(self, node: whoosh_query.NumericRange, factor: float) -> Hits:
        """Documents by date or year."""
        return self.constant(conditions.number_range(self.snapshot, node), factor)

    def every(self, node: whoosh_query.Every, factor: float) -> Hits:
        """All passages, or all that have anything in a field."""
        return self.constant(conditions.having(self.snapshot, node.fieldname), factor)

    def null(self, _node: Query, _factor: float) -> Hits:
        """Nothing."""
        return NOTHING

    def gathered(self, plan: Plan, factor: float, within: Ints | None = None) -> Hits:
        """What a plan finds, with its BM25."""
        if not plan.postings:
            return NOTHING
        if plan.of_documents:
            return self.scored(self.kernel.gather_documents(plan), factor, of_documents=True)
        result = self.kernel.gather(plan, factor, within, evidence=self.by_documents)
        if self.by_documents and within is None:
            plan.counts = result.counts
        return self.answered(result, factor)

    def answered(self, result: Gathered, factor: float) -> Hits:
        """Gathered occurrences as hits."""
        if not len(result.units):
            return NOTHING
        evidence: tuple[Evidence, ...] = ()
        if result.found is not None:
            evidence = (WordEvidence(result.found, result.counts, factor),)
        return Hits(result.units, result.scores, result.similar, evidence)

    def scored(self, found: Occurrences, factor: float, *, of_documents: bool) -> Hits:
        """What was found in documents' titles, or as phrases, with its BM25."""
        snapshot = self.snapshot
        if of_documents:
            found = spread_over_passages(found, snapshot.document_starts)
        if snapshot.live is not None:
            found = found.take(snapshot.live[found.units])
        weak = found.total is not found.decided and not np.array_equal(found.total, found.decided)
        if not weak:
            found = Occurrences(found.units, found.decided, found.decided, found.best)
        similar = found.decided == 0
        counts = Counts(
            int(np.count_nonzero(~similar)),
            len(found.units),
            len(self.kernel.documents_of(found.units[~similar])),
            len(self.kernel.documents_of(found.units)),
            weak,
        )
        values = scores(
            found,
            snapshot.passage_norms[found.units],
            snapshot.live_passage_count,
            counts.passages,
            counts.all_passages,
            weak=weak,
            factor=factor,
        )
        kept = found if self.by_documents else None
        return self.answered(
            Gathered(found.units, values, similar if similar.any() else None, kept, counts), factor
        )

    def to_passages(self, plan: Plan, units: Ints) -> Ints:
        """A plan's units as passages."""
        if not plan.of_documents:
            return units
        none = np.zeros(len(units))
        found = Occurrences(units, none, none, none)
        return spread_over_passages(found, self.snapshot.document_starts).units

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
        found = self.common(positive, factor)
        if not positive:
            found = self.constant(conditions.having(self.snapshot, None), 0.0)
            if not negative:
                return NOTHING
        for child in negative:
            found = self.without(found, child.query)
        return found

    def without(self, found: Hits, node: Query) -> Hits:
        """Hits that are not among those of a node."""
        hidden = self.hits(node).decided
        return found.take(~self.kernel.contained(found.units, hidden), self.kernel)

    def common(self, nodes: Sequence[Query], factor: float) -> Hits:
        """The passages of all nodes; scores and evidence are added up in their order.

        A word whose statistics are known is looked up only in the passages that the rarer ones
        leave.
        """
        plans = {i: plan for i, n in enumerate(nodes) if (plan := self.leaf_plan(n, factor))}
        children = {
            i: self.hits(n, factor).decide(self.kernel)
            for i, n in enumerate(nodes)
            if i not in plans
        }
        lists = sorted((child.units for child in children.values()), key=len)
        for i in sorted(plans, key=lambda i: plans[i][0].postings):
            plan, worth = plans[i]
            self.check()
            within = None
            if lists and (plan.counts or self.count_single(plan)):
                within = self.intersection(lists)
                lists = [within]
            children[i] = self.gathered(plan, worth, within).decide(self.kernel)
            lists.insert(0, children[i].units)
        if not lists:
            return NOTHING
        units = self.intersection(lists)
        total = np.zeros(len(units))
        evidence: list[Evidence] = []
        for i in range(len(nodes)):
            child = children[i]
            total += child.scores[self.kernel.contained(child.units, units)]
            evidence.extend(part.within(units, self.kernel) for part in child.evidence)
        return Hits(units, total, None, tuple(evidence))

    def count_single(self, plan: Plan) -> bool:
        """Find a plan's counts without reading its postings, where that is possible."""
        decides = bool(len(plan.levels)) and int(plan.levels.min()) >= DECISIVE
        if not plan.single or self.snapshot.live is not None or self.by_documents or not decides:
            return False
        plan.counts = Counts(plan.postings, plan.postings, 0, 0, False)
        return True

    def intersection(self, lists: Sequence[Ints]) -> Ints:
        """The units of all lists."""
        units = min(lists, key=len)
        for other in lists:
            if other is not units:
                units = units[self.kernel.contained(units, other)]
        return units

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
            found = found.take(had >= node.minmatch, self.kernel)
        return found

    def united(self, children: Sequence[Hits]) -> Hits:
        """The passages of any; scores are added up in the order of the children."""
        children = [child for child in children if len(child.units)]
        if len(children) < 2:
            return children[0] if children else NOTHING
        units, total = self.kernel.unite([(child.units, child.scores) for child in children])
        similar = self.undecided(children, units)
        return Hits(units, total, similar, tuple(e for child in children for e in child.evidence))

    def undecided(self, children: Sequence[Hits], units: Ints) -> Mask | None:
        """Which of the units no child has by more than similarity."""
        if all(child.similar is None for child in children):
            return None
        similar = np.ones(len(units), bool)
        for child in children:
            similar[self.kernel.contained(units, child.decided)] = False
        return similar if similar.any() else None

    def none_of(self, node: whoosh_query.Not, _factor: float) -> Hits:
        """Passages that do not have it; they are worth nothing by that."""
        found = self.constant(conditions.having(self.snapshot, None), 0.0)
        return self.without(found, node.query)

    def and_not(self, node: whoosh_query.AndNot, factor: float) -> Hits:
        """Passages of the one without those of the other."""
        return self.without(self.hits(node.a, factor), node.b)

    def and_maybe(self, node: whoosh_query.AndMaybe, factor: float) -> Hits:
        """Passages of the one; the other adds score."""
        return self.enriched(self.hits(node.a, factor), [self.hits(node.b, factor)])

    def enriched(self, found: Hits, others: Sequence[Hits]) -> Hits:
        """The passages of the first, with what the others add to them."""
        total = found.scores.copy()
        evidence = list(found.evidence)
        for other in others:
            shared = self.kernel.contained(other.units, found.units)
            units = other.units[shared]
            total[np.searchsorted(found.units, units)] += other.scores[shared]
            evidence.extend(part.within(units, self.kernel) for part in other.evidence)
        return Hits(found.units, total, found.similar, tuple(evidence))

    def require(self, node: whoosh_query.Require, factor: float) -> Hits:
        """Passages of both, with the score of the one."""
        found = self.hits(node.a, factor).decide(self.kernel)
        needed = self.hits(node.b).decided
        return found.take(self.kernel.contained(found.units, needed), self.kernel)

    def best_of(self, node: whoosh_query.DisjunctionMax, factor: float) -> Hits:
        """Passages of any; the best counts, and of the others `tiebreak`."""
        children = [self.hits(child, factor) for child in node.subqueries]
        children = [child for child in children if len(child.units)]
        if not children:
            return NOTHING
        lists = [(child.units, child.scores) for child in children]
        units, total = self.kernel.unite(lists)
        evidence = BestEvidence(tuple(child.evidence for child in children), node.tiebreak)
        return Hits(
            units,
            best_of(units, total, lists, node.tiebreak),
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
        stops = [self.stops(part) for part in node.parts]
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
            had = self.kernel.shares(result.units, [(part.units, share) for part, share in shares])
            scored = result.scores * coverage_factor(had)
            result = Hits(result.units, scored, result.similar, result.evidence)
        if self.by_documents:
            wholes = tuple((self.kernel.documents_of(part.units), share) for part, share in shares)
            result = Hits(
                result.units,
                result.scores,
                result.similar,
                (WordsEvidence(result.evidence, wholes),),
            )
        if node.every:
            result = result.decide(self.kernel)
            result = result.take(self.having_all(result.units, asked), self.kernel)
        return result

    def having_all(self, units: Ints, parts: Sequence[Part]) -> Mask:
        """Which passages have all the parts, in themselves or anywhere in their document."""
        kept = np.ones(len(units), bool)
        for part in parts:
            if self.by_documents:
                kept &= self.documents_with(part)[self.snapshot.passage_document[units]]
            else:
                kept &= self.kernel.contained(units, part.units)
        return kept

    def documents_with(self, part: Part) -> Mask:
        """bool[D]: the documents that have a part in any passage."""
        having = np.zeros(self.snapshot.document_count, bool)
        having[self.snapshot.passage_document[part.units]] = True
        return having


def spread_over_passages(found: Occurrences, starts: Ints) -> Occurrences:
    """What is true of documents is true of each of their passages."""
    counts = starts[found.units + 1] - starts[found.units]
    places = np.repeat(np.arange(len(counts)), counts)
    offsets = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = found.take(places)
    units = (starts[taken.units] + offsets).astype(np.int32)
    return Occurrences(units, taken.decided, taken.total, taken.best)


def _shares(parts: Sequence[Part]) -> list[tuple[Part, float]]:
    """Each part's share of the query by its idf; what nobody has is asked of nobody."""
    present = [part for part in parts if len(part.units)]
    total = sum(part.idf for part in present)
    return [(part, part.idf / total) for part in present]


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

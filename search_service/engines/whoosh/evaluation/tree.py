"""The evaluation of a query tree: one method for each kind of node, from leaves to root.

A node answers with `Hits`. Words that are met by similar forms alone are carried along as such, so
that operators can leave them out; scores are added up in the order of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from whoosh import query as whoosh_query
from whoosh.query import Query

from search_service.engines.whoosh.evaluation import conditions
from search_service.engines.whoosh.evaluation.hits import (
    NOTHING,
    BestEvidence,
    Evidence,
    Hits,
    WordsEvidence,
    best_of,
)
from search_service.engines.whoosh.evaluation.kernel import WordsKernel
from search_service.engines.whoosh.evaluation.leaves import Leaves
from search_service.engines.whoosh.evaluation.scoring import coverage_factor, idf
from search_service.engines.whoosh.planning.plan import Counts, Plan
from search_service.engines.whoosh.store.arraytypes import Ints, Mask
from search_service.engines.whoosh.weights import DECISIVE, SURFACE_SHARE, Level
from search_service.errors import InvalidValue
from search_service.nodes import Word, WordPhrase, Words


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of one part of a `Words` node after it was evaluated."""

    node: Query
    units: Ints
    """The passages that have it by more than similarity."""
    documents: Ints
    """Their documents."""
    stop: bool
    """It is asked of nobody."""
    idf: float


@dataclass
class Evaluation(Leaves):
    """One query over one snapshot."""

    parts: list[Part] | None = field(default=None, init=False)
    """The parts of the tree's first `Words` node."""
    phrases: dict[tuple[int, float], tuple[Query, Hits]] = field(default_factory=dict, init=False)
    """(id of a phrase, factor) -> itself, and what it finds: it may stand in several places."""

    def hits(self, node: Query, factor: float = 1.0) -> Hits:
        """What a node finds; `factor` is the product of the boosts above it."""
        self.check()
        # The words of a day have the same phrases as alternatives.
        shared = (id(node), factor) if isinstance(node, WordPhrase) else None
        if shared in self.phrases:
            return self.phrases[shared][1]
        method = _METHODS.get(type(node))
        if method is None:
            known = ", ".join(sorted(kind.__name__ for kind in _METHODS))
            raise InvalidValue("query", type(node).__name__, f"use nodes of {known}")
        found: Hits = method(self, node, factor * getattr(node, "boost", 1.0))
        if shared:
            self.phrases[shared] = node, found
        return found

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
        plans = {i: leaf for i, n in enumerate(nodes) if (leaf := self.leaf_plan(n, factor))}
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
            if lists and (counted := self.counted(plan)):
                plan = counted
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

    def counted(self, plan: Plan) -> Plan | None:
        """The plan with its counts, if they are known or need no reading of its postings."""
        if plan.counts:
            return plan
        decides = DECISIVE <= plan.least <= Level.EXACT
        if not plan.single or self.snapshot.live is not None or self.by_documents or not decides:
            return None
        # Documents are not counted, so this holds for this query alone.
        return plan.counted(Counts(plan.postings, plan.postings, 0, 0, False))

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
        having = self.kernel.shares(units, [(child.decided, 1.0) for child in children])
        similar = having == 0
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

        A stop word adds score where another word has found something, and so does what is written
        as it was asked. A query of nothing but stop words is taken at its word.
        """
        first = self.parts is None
        if first:
            self.parts = []
        surfaces = [self.surface(part) for part in node.parts]
        read = self.read_together(node, surfaces, factor)
        found = (
            [hits for hits, _ in read]
            if read
            else [
                self.hits(part, factor * (1 - SURFACE_SHARE) if surface else factor)
                for part, surface in zip(node.parts, surfaces, strict=True)
            ]
        )
        stops = [self.stops(part) for part in node.parts]
        if all(stops):
            stops = [False] * len(stops)
        parts = [
            Part(
                part,
                hits.decided,
                self.kernel.documents_of(hits.decided),
                stop,
                idf(self.snapshot.live_passage_count, len(hits.decided)),
            )
            for part, hits, stop in zip(node.parts, found, stops, strict=True)
        ]
        if first:
            self.parts = parts
        asked = [part for part in parts if not part.stop]
        answers = [hits for hits, part in zip(found, parts, strict=True) if not part.stop]
        result = self.united(answers)
        extra = [hits for hits, part in zip(found, parts, strict=True) if part.stop]
        if read:
            extra += [hits for _, hits in read if hits]
        else:
            extra += [self.hits(word, factor * SURFACE_SHARE) for word in surfaces if word]
        if extra:
            result = self.enriched(result, extra)
        shares = _shares(asked)
        if len(shares) > 1:
            had = self.kernel.shares(result.units, [(part.units, share) for part, share in shares])
            scored = result.scores * coverage_factor(had)
            result = Hits(result.units, scored, result.similar, result.evidence)
        if self.by_documents:
            wholes = tuple((part.documents, share) for part, share in shares)
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

    def read_together(
        self, node: Words, surfaces: Sequence[Word | None], factor: float
    ) -> list[tuple[Hits, Hits | None]] | None:
        """What each word finds, and its surface, all read in one go; None where that can not be.

        For documents, as `words` answers for passages; and if the kernel does, as NumPy's.
        """
        if not self.by_documents or not isinstance(self.kernel, WordsKernel):
            return None
        plans, factors, extras = [], [], []
        for part, surface in zip(node.parts, surfaces, strict=True):
            if type(part) is not Word:
                return None
            boost = factor * (1 - SURFACE_SHARE) if surface else factor
            plan, worth = self.word_plan(part, boost * part.boost)
            if plan.of_documents:
                return None
            plans.append(plan)
            factors.append(worth)
            extras.append(factor * SURFACE_SHARE * part.boost if surface else None)
            self.check()
        gathered = self.kernel.gather_words(plans, factors, extras, self.check)
        if gathered is None:
            return None
        return [
            (
                self.answered(word, worth),
                None if extra is None or more is None else self.answered(extra, more),
            )
            for (word, extra), worth, more in zip(gathered, factors, extras, strict=True)
        ]

    def having_all(self, units: Ints, parts: Sequence[Part]) -> Mask:
        """Which passages have all the parts, in themselves or anywhere in their document."""
        kept = np.ones(len(units), bool)
        for part in parts:
            if self.by_documents:
                having = np.zeros(self.snapshot.document_count, bool)
                having[part.documents] = True
                kept &= having[self.snapshot.passage_document[units]]
            else:
                kept &= self.kernel.contained(units, part.units)
        return kept


def _shares(parts: Sequence[Part]) -> list[tuple[Part, float]]:
    """Each part's share of the query by its idf; what nobody has is asked of nobody."""
    present = [part for part in parts if len(part.units)]
    total = sum(part.idf for part in present)
    return [(part, part.idf / total) for part in present]


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

"""The leaves of a query tree: words, forms, phrases, patterns and conditions.

A leaf is a plan over the postings, which the kernel gathers and scores, or a condition that is
worth the same wherever it holds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from whoosh import query as whoosh_query
from whoosh.query import Query

from search_service.engines.whoosh.evaluation import conditions
from search_service.engines.whoosh.evaluation.hits import (
    NOTHING,
    ConstantEvidence,
    Evidence,
    Hits,
    WordEvidence,
)
from search_service.engines.whoosh.evaluation.kernel import Kernel
from search_service.engines.whoosh.evaluation.occurrences import Gathered, Occurrences
from search_service.engines.whoosh.evaluation.phrases import PhrasePlans, phrase_occurrences
from search_service.engines.whoosh.evaluation.scoring import scores
from search_service.engines.whoosh.planning import expansions
from search_service.engines.whoosh.planning.plan import SOURCES, Counts, Plan, Sources
from search_service.engines.whoosh.planning.stops import is_stop
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Ints
from search_service.engines.whoosh.weights import STOP_FACTOR, Level
from search_service.errors import InvalidValue, QueryTooCostly, UnknownName
from search_service.model import Rung
from search_service.nodes import Word, WordPhrase
from search_service.schema import TEXT_FIELD

_FIELDS: dict[str, list[tuple[Sources, int]]] = {
    field: [(((name, 1),), worth) for name, worth in sources] for field, sources in SOURCES.items()
}
"""For a word of a field, where it is looked for one by one, and what an occurrence there counts."""

Pattern = (
    whoosh_query.Prefix | whoosh_query.Wildcard | whoosh_query.FuzzyTerm | whoosh_query.TermRange
)
PATTERNS = (
    whoosh_query.Prefix,
    whoosh_query.Wildcard,
    whoosh_query.FuzzyTerm,
    whoosh_query.TermRange,
)
"""Nodes that stand for forms of the vocabulary."""


@dataclass
class Leaves:
    """What the leaves of one query find in one snapshot."""

    snapshot: Snapshot
    by_documents: bool
    """Whether plain words speak of a document, and evidence is kept for its score."""
    deadline: float | None = None

    @property
    def kernel(self) -> Kernel:
        """The inner loops."""
        return self.snapshot.kernel

    def check(self) -> None:
        """Raise `QueryTooCostly` after the deadline."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise QueryTooCostly("the query took too long: ask for fewer or rarer words")

    def word(self, node: Word, factor: float) -> Hits:
        """A word with its ladder."""
        return self.gathered(*self.word_plan(node, factor))

    def word_plan(self, node: Word, factor: float) -> tuple[Plan, float]:
        """What a word asks of the postings, and what it is worth."""
        plan = self.word_plan_in(node, sources_of(node.fieldname))
        return plan, factor * STOP_FACTOR if self.stops(node) else factor

    def stops(self, node: Query) -> bool:
        """Whether it is a stop word in what the index holds."""
        if not isinstance(node, Word):
            return False
        return is_stop(self.snapshot, node)

    def term(self, node: whoosh_query.Term, factor: float) -> Hits:
        """A form as it is written, or a value of a keyword field."""
        if node.fieldname in conditions.KEYWORD_FIELDS:
            found = conditions.keyword(self.snapshot, node.fieldname, (_text(node.text),))
            return self.constant(found, factor)
        return self.gathered(self.form_plan(_own(node.fieldname), _text(node.text)), factor)

    def form_plan(self, sources: Sources, form: str) -> Plan:
        """What one exact form asks of the postings."""
        return self.snapshot.planner.form(form, sources)

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
        return self.phrased(*self.word_phrase_plans(node), factor)

    def word_phrase_plans(self, node: WordPhrase) -> tuple[list[PhrasePlans], int]:
        """For each field a plan for each word; and how many places one is behind another."""
        name = node.words[0].fieldname
        for word in node.words:
            if word.fieldname != name:
                raise InvalidValue("query", str(node), "a phrase asks one field")
        sources_of(name)
        plan = self.decisive_plan_in
        fields: list[PhrasePlans] = [
            ([plan(word, source) for word in node.words], worth) for source, worth in _FIELDS[name]
        ]
        return fields, _reach(node.slop)

    def word_plan_in(self, node: Word, sources: Sources) -> Plan:
        """What a word asks of some fields' postings."""
        return self.snapshot.planner.word(node, sources, node.similar)

    def decisive_plan_in(self, node: Word, sources: Sources) -> Plan:
        """The same without what is only similar."""
        return self.snapshot.planner.word(node, sources, False)

    def surface(self, node: Query) -> Word | None:
        """A word without what is deeper than its folded form; None where it has nothing deeper."""
        if type(node) is not Word or node.fieldname != TEXT_FIELD or self.stops(node):
            return None
        plan = self.word_plan_in(node, SOURCES[TEXT_FIELD])
        if plan.least >= Level.FOLD:
            return None
        return replace(node, rung=min(node.rung, Rung.FOLD), similar=False, synonyms=())

    def phrase(self, node: whoosh_query.Phrase, factor: float) -> Hits:
        """Forms in order; Whoosh's slop of 1 means that they are adjacent."""
        if not node.words:
            return NOTHING
        return self.phrased(*self.phrase_plans(node), factor)

    def phrase_plans(self, node: whoosh_query.Phrase) -> tuple[list[PhrasePlans], int]:
        """The same of a phrase of forms."""
        sources = _own(node.fieldname)
        plans = [self.form_plan(sources, _text(word)) for word in node.words]
        return [(plans, 1)], _reach(node.slop - 1)

    def phrased(self, fields: Sequence[PhrasePlans], reach: int, factor: float) -> Hits:
        """What a phrase finds."""
        found = phrase_occurrences(self.kernel, fields, reach)
        return self.scored(found, factor, of_documents=fields[0][0][0].of_documents)

    def pattern(self, node: Pattern, factor: float) -> Hits:
        """All forms that a pattern stands for, as if they were one word."""
        plan = self.pattern_plan(node)
        if not node.constantscore:
            return self.gathered(plan, factor)
        return self.constant(self.to_passages(plan, self.kernel.units(plan)), factor)

    def pattern_plan(self, node: Pattern) -> Plan:
        """What the forms that a pattern stands for ask of the postings."""
        sources = _own(node.fieldname)
        planner = self.snapshot.planner
        ranges = []
        for number, segment in enumerate(self.snapshot.segments):
            ranges.append(expansions.expand(planner, number, segment.vocabulary, node))
            self.check()
        return planner.ranges(ranges, sources)

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
        similar = found.decided == 0 if weak else None
        sure = found.units if similar is None else found.units[~similar]
        counts = Counts(
            len(sure),
            len(found.units),
            len(self.kernel.documents_of(sure)) if self.by_documents else 0,
            len(self.kernel.documents_of(found.units)) if self.by_documents else 0,
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
        if similar is not None and not similar.any():
            similar = None
        return self.answered(Gathered(found.units, values, similar, kept, counts), factor)

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


def spread_over_passages(found: Occurrences, starts: Ints) -> Occurrences:
    """What is true of documents is true of each of their passages."""
    counts = starts[found.units + 1] - starts[found.units]
    places = np.repeat(np.arange(len(counts)), counts)
    offsets = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = found.take(places)
    units = (starts[taken.units] + offsets).astype(np.int32)
    return Occurrences(units, taken.decided, taken.total, taken.best)


def sources_of(field_name: str) -> Sources:
    """The postings that are asked for a word of a field. Raises `UnknownName`."""
    if field_name not in SOURCES:
        raise UnknownName("field", field_name, (*SOURCES, *conditions.KEYWORD_FIELDS))
    return SOURCES[field_name]


def _own(field_name: str) -> Sources:
    """The postings of the field itself: Whoosh's nodes do not look for text in the context."""
    sources_of(field_name)
    return ((field_name, 1),)


def _reach(slop: int) -> int:
    if slop < 0:
        raise InvalidValue("slop", slop, "words of a phrase stand at least side by side")
    return slop + 1


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)

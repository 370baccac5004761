"""The inner nodes of a query tree."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from whoosh import query as q
from whoosh.query import Query

from search_service.engines.whoosh import weights
from search_service.model import Rung
from search_service.nodes import Word, WordPhrase, Words
from tests.engines.oracle.corpus import Identity, PassageId
from tests.engines.oracle.leaves import Leaves
from tests.engines.oracle.results import Evidence, Result, total_of


class Nodes(Leaves):
    """What the nodes of one request's query find."""

    def evaluate(self, node: Query, factor: float = 1.0) -> Result:  # noqa: C901 - a list of kinds
        factor *= getattr(node, "boost", 1.0)
        every = set(self.archive.passages)
        match node:
            case Word():
                factor *= weights.STOP_FACTOR if self.stop(node) else 1.0
                least = self.least(node)

                def met(row: Identity) -> int:
                    level = self.level(node, row)
                    return level if level >= least else 0

                return self.scored(self.tallies(node.fieldname, met, wide=True), factor)
            case WordPhrase():
                if not node.words:
                    return Result()
                words = [self.decisive(word) for word in node.words]
                return self.phrase(node.words[0].fieldname, words, node.slop, factor, wide=True)
            case q.Phrase():
                forms = [self.exactly(text) for text in node.words]
                if not forms:
                    return Result()
                return self.phrase(node.fieldname, forms, node.slop - 1, factor, wide=False)
            case Words():
                return self.words(node, factor)
            case q.DateRange() | q.NumericRange():
                return self.constant(self.numbers(node), factor)
            case q.Prefix() | q.Wildcard() | q.FuzzyTerm() | q.TermRange():
                found = self.tallies(node.fieldname, self.pattern(node), wide=False)
                return (
                    self.constant(found, factor)
                    if node.constantscore
                    else self.scored(found, factor)
                )
            case q.Term() if node.fieldname in ("text", "context", "title"):
                return self.scored(
                    self.tallies(node.fieldname, self.exactly(node.text), wide=False), factor
                )
            case q.Term():
                return self.constant(
                    (p for p in every if self.value(p, node.fieldname) == node.text), factor
                )
            case q.Every():
                return self.constant(every, factor)
            case q.ConstantScoreQuery():
                return self.constant(self.evaluate(node.child).decided, node.score * factor)
            case q.Not():
                return self.constant(every - self.evaluate(node.query).decided, 0.0)
            case q.And():
                return self.conjunction(node, factor)
            case q.Or():
                return self.disjunction(node, factor)
            case q.DisjunctionMax():
                return self.best(node, factor)
            case q.AndNot():
                found_a = self.evaluate(node.a, factor)
                return found_a.only(set(found_a.scores) - self.evaluate(node.b).decided)
            case q.Require():
                found_a = self.evaluate(node.a, factor).sure()
                return found_a.only(self.evaluate(node.b).decided)
            case q.AndMaybe():
                found_a = self.evaluate(node.a, factor)
                return self.add(found_a, self.evaluate(node.b, factor))
        return Result()

    def conjunction(self, node: Any, factor: float) -> Result:
        positive = [c for c in node.subqueries if not isinstance(c, q.Not)]
        negative = [c for c in node.subqueries if isinstance(c, q.Not)]
        if not positive and not negative:
            return Result()
        result = self.constant(self.archive.passages, 0.0)
        for child in positive:
            found = self.evaluate(child, factor).sure()
            shared = set(result.scores) & set(found.scores)
            result = self.add(result.only(shared), found.only(shared))
        for child in negative:
            result = result.only(set(result.scores) - self.evaluate(child.query).decided)
        return result

    @staticmethod
    def add(result: Result, other: Result) -> Result:
        """The passages of the first with the scores of both."""
        other = other.only(set(result.scores))
        scores = {p: s + other.scores.get(p, 0.0) for p, s in result.scores.items()}
        return Result(scores, result.decided, result.evidence + other.evidence)

    def disjunction(self, node: Any, factor: float) -> Result:
        children = [self.evaluate(child, factor) for child in node.subqueries]
        result = self.union(children)
        if node.minmatch > 1:
            result = result.only(
                {
                    p
                    for p in result.scores
                    if sum(p in child.decided for child in children) >= node.minmatch
                }
            )
        return result

    @staticmethod
    def union(children: Sequence[Result]) -> Result:
        scores: dict[PassageId, float] = defaultdict(float)
        for child in children:
            for p, s in child.scores.items():
                scores[p] += s
        decided = set().union(*(child.decided for child in children))
        return Result(dict(scores), decided, [e for child in children for e in child.evidence])

    def best(self, node: Any, factor: float) -> Result:
        children = [self.evaluate(child, factor) for child in node.subqueries]
        union = self.union(children)

        def combined(values: list[float]) -> float:
            top = max([0.0, *values])
            tiebreak: float = node.tiebreak
            return top + tiebreak * (sum(values) - top)

        scores = {
            p: combined([c.scores[p] for c in children if p in c.scores]) for p in union.scores
        }

        def scorer(passages: set[PassageId]) -> dict[str, float]:
            per_child = [
                total_of(e.within(passages).documents() for e in child.evidence)
                for child in children
            ]
            documents = set().union(*per_child)
            return {d: combined([s[d] for s in per_child if d in s]) for d in documents}

        return Result(scores, union.decided, [Evidence(set(scores), scorer)])

    def words(self, node: Words, factor: float) -> Result:  # noqa: C901 - one rule after another
        first = self.parts is None
        if first:
            self.parts = []
        stops = [self.stop(part) for part in node.parts]
        share = weights.SURFACE_SHARE
        surfaces = [
            replace(part, rung=min(part.rung, Rung.FOLD), similar=False, synonyms=())
            if isinstance(part, Word) and part.fieldname == "text" and not stop
            else None
            for part, stop in zip(node.parts, stops, strict=True)
        ]
        found = [
            self.evaluate(part, factor * (1 - share) if surface else factor)
            for part, surface in zip(node.parts, surfaces, strict=True)
        ]
        if all(stops):
            stops = [False] * len(stops)
        if first:
            self.parts = [
                (part, result.decided, stop)
                for part, result, stop in zip(node.parts, found, stops, strict=True)
            ]
        asked = [result for result, stop in zip(found, stops, strict=True) if not stop]
        result = self.union(asked)
        for extra in (r for r, stop in zip(found, stops, strict=True) if stop):
            result = self.add(result, extra)
        for surface in filter(None, surfaces):
            result = self.add(result, self.evaluate(surface, factor * share))
        count = len(self.archive.passages)
        present = [r for r in asked if r.decided]
        idfs = [
            math.log(1 + (count - len(r.decided) + 0.5) / (len(r.decided) + 0.5)) for r in present
        ]
        shares = [value / sum(idfs) for value in idfs]

        def has_passage(p: PassageId) -> Callable[[Result], bool]:
            return lambda r: p in r.decided

        def has_document(d: str) -> Callable[[Result], bool]:
            return lambda r: any(p[0] == d for p in r.decided)

        def factor_of(has: Callable[[Result], bool]) -> float:
            if len(present) < 2:
                return 1.0
            had = sum(share for r, share in zip(present, shares, strict=True) if has(r))
            return 1 - weights.COVERAGE + weights.COVERAGE * had

        scores = {p: s * factor_of(has_passage(p)) for p, s in result.scores.items()}

        def scorer(passages: set[PassageId]) -> dict[str, float]:
            total = total_of(e.within(passages).documents() for e in result.evidence)
            return {d: s * factor_of(has_document(d)) for d, s in total.items()}

        combined = Result(scores, result.decided, [Evidence(set(scores), scorer)])
        if node.every:
            combined = combined.sure()
            combined = combined.only(
                {p for p in combined.scores if all(self.has(r.decided, p) for r in asked)}
            )
        return combined

    def has(self, decided: set[PassageId], passage_id: PassageId) -> bool:
        if self.grouped:
            return any(p[0] == passage_id[0] for p in decided)
        return passage_id in decided

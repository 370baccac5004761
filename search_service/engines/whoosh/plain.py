"""Flat queries for passages alone, in NumPy: nothing is worked out that is not asked for.

The operations on scores are those of the executor, in its order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search_service.engines.base import Answer, Found, FoundPassage, Request
from search_service.engines.whoosh.conditions import Filters
from search_service.engines.whoosh.flat import Clause, Flat, Kind, flatten
from search_service.engines.whoosh.leaves import Leaves
from search_service.engines.whoosh.matches import Known, Listed, Matches, Raw, Units, is_listed
from search_service.engines.whoosh.occurrences import Floats
from search_service.engines.whoosh.plan import Plan
from search_service.engines.whoosh.topk import first_of
from search_service.engines.whoosh.weights import DECISIVE
from search_service.nodes import Words


def plain(leaves: Leaves, request: Request) -> Flat | None:
    """The query as clauses, if this module can answer it; else None."""
    if request.group != "passage" or request.facets or isinstance(request.query, Words):
        return None
    flat = flatten(leaves, request.query)
    if flat is None or not all(map(_is_sure, flat.clauses)):
        return None
    return flat


def _is_sure(clause: Clause) -> bool:
    """Whether all that it finds is found by forms that decide."""
    return all(_least(plan) >= DECISIVE for plan in clause.plans)


def _least(plan: Plan) -> int:
    # NumPy takes longer than Python for the few levels of a plain form.
    if plan.single:
        return min(plan.levels.tolist(), default=DECISIVE)
    return int(plan.levels.min(initial=DECISIVE))


def answer(leaves: Leaves, flat: Flat, request: Request) -> Answer:
    """Answer a request whose query is plain."""
    return _Plain(leaves, flat, request).answer()


class _Plain:
    """The way from clauses to what is shown."""

    def __init__(self, leaves: Leaves, flat: Flat, request: Request) -> None:
        self._leaves = leaves
        self._snapshot = leaves.snapshot
        self._request = request
        self._filters = Filters(leaves.snapshot, request)
        self._every = flat.every
        self._matches = []
        for clause in flat.clauses:
            leaves.check()
            self._matches.append(_matches(leaves, clause))

    def answer(self) -> Answer:
        """The whole answer."""
        request = self._request
        count = request.offset + request.limit
        if request.sort == "relevance":
            units, scores = self._scored()
            self._leaves.check()
            places = first_of(scores, count, lambda some: self._ranks(units[some]))
            places = places[request.offset :]
            shown, worth = units[places], scores[places]
        else:
            units = self._units()
            self._leaves.check()
            keys = self._days(units)
            places = first_of(keys, count, lambda some: self._ranks(units[some]))
            shown = units[places[request.offset :]]
            worth = self._scores_at(shown)
        of_passages = self._snapshot.passage_document.take(units)
        documents = int(np.count_nonzero(of_passages[1:] != of_passages[:-1])) + (len(units) > 0)
        total = len(units)
        return Answer(self._found(shown, worth), documents, total, total, {}, ())

    def _scored(self) -> tuple[Units, Floats]:
        """What is found, with its scores."""
        if self._every and len(self._matches) > 1:
            return self._all_scored()
        if len(self._matches) == 1:
            [matches] = self._matches
            units, raw = matches.all()
            if self._filters:
                kept = self._filters.keep(units)
                units, raw = units[kept], raw[kept]
            return units, matches.scores(units, raw)
        return self._any_scored()

    def _any_scored(self) -> tuple[Units, Floats]:
        lists = [(matches, *matches.all()) for matches in self._matches]
        scored = [(units, matches.scores(units, raw)) for matches, units, raw in lists]
        self._leaves.check()
        sums = self._snapshot.scratch.sums
        for units, values in scored:
            sums[units] += values
        together = self._union([units for units, _ in scored])
        kept = together[self._filters.keep(together)] if self._filters else together
        total = sums[kept]
        sums[together] = 0
        return kept, total

    def _union(self, lists: Sequence[Units]) -> Units:
        marks = self._snapshot.scratch.marks
        for units in lists:
            marks[units] = True
        together = marks.nonzero()[0]
        marks[together] = False
        return together

    def _all_scored(self) -> tuple[Units, Floats]:
        units, known = self._common()
        total = np.zeros(len(units))
        for matches, raw in zip(self._matches, known, strict=True):
            total += matches.scores(units, raw)
        return units, total

    def _common(self) -> tuple[Units, Sequence[Raw]]:
        """What all clauses find, the rarest looked for first; and what each knows of it."""
        order = sorted(range(len(self._matches)), key=lambda i: self._matches[i].size)
        units, raw = self._matches[order[0]].all()
        if self._filters:
            kept = self._filters.keep(units)
            units, raw = units[kept], raw[kept]
        known = {order[0]: raw}
        for i in order[1:]:
            self._leaves.check()
            kept, raw = self._matches[i].among(units)
            units = units[kept]
            known = {j: before[kept] for j, before in known.items()}
            known[i] = raw
        return units, [known[i] for i in range(len(known))]

    def _units(self) -> Units:
        """What is found."""
        if self._every and len(self._matches) > 1:
            return self._common()[0]
        units = [matches.all()[0] for matches in self._matches]
        together = units[0] if len(units) == 1 else self._union(units)
        return together[self._filters.keep(together)] if self._filters else together

    def _scores_at(self, units: Units) -> Floats:
        """The scores of a few passages in any order."""
        order = np.argsort(units)
        ascending = units[order]
        total = np.zeros(len(units))
        for matches in self._matches:
            found, raw = matches.among(ascending)
            total[order[found]] += matches.scores(ascending[found], raw)
        return total

    def _days(self, units: Units) -> Floats:
        days = self._snapshot.first_day[self._snapshot.passage_document[units]].astype(np.float64)
        return np.where(days > 0, days if self._request.sort == "-date" else -days, -np.inf)

    def _ranks(self, units: Units) -> NDArray[np.int64]:
        """The order of document ids, and of passages in their document, that breaks ties."""
        documents = self._snapshot.document_ranks[self._snapshot.passage_document[units]]
        return (documents.astype(np.int64) << 32) + units

    def _found(self, units: Units, scores: Floats) -> tuple[Found, ...]:
        snapshot = self._snapshot
        documents = snapshot.passage_document[units]
        ordinals = units - snapshot.document_starts[documents]
        return tuple(
            Found(snapshot.document_id(document), score, (FoundPassage(ordinal, score),), 1, ())
            for document, ordinal, score in zip(
                documents.tolist(), ordinals.tolist(), scores.tolist(), strict=True
            )
        )


def _matches(leaves: Leaves, clause: Clause) -> Matches:
    """What a clause finds, read now or when it is asked for."""
    [plan, *_] = clause.plans
    if clause.kind == Kind.WORD and is_listed(plan):
        return Listed(leaves.snapshot, plan, clause.factor)
    if clause.kind == Kind.WORD:
        hits = leaves.gathered(plan, clause.factor)
    elif clause.kind == Kind.CONSTANT:
        hits = leaves.constant(leaves.kernel.units(plan), clause.factor)
    else:
        words = len(clause.plans) // len(clause.field_factors)
        fields = [
            (clause.plans[field * words : (field + 1) * words], int(factor))
            for field, factor in enumerate(clause.field_factors)
        ]
        hits = leaves.phrased(fields, clause.reach, clause.factor)
    return Known(hits.units, hits.scores)

"""Flat queries for passages alone, in NumPy: nothing is worked out that is not asked for.

The operations on scores are those of the executor, in its order.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from search_service.engines.base import Answer, Request
from search_service.engines.whoosh.evaluation.conditions import Filters
from search_service.engines.whoosh.evaluation.flat import Clause, Flat, Kind
from search_service.engines.whoosh.evaluation.hits import Hits
from search_service.engines.whoosh.evaluation.leaves import Leaves
from search_service.engines.whoosh.evaluation.matches import (
    Known,
    Listed,
    Matches,
    Raw,
    Units,
    is_listed,
)
from search_service.engines.whoosh.evaluation.passages import (
    days,
    documents,
    first_in_order,
    ranks,
    told,
)
from search_service.engines.whoosh.evaluation.topk import first_of, greatest_of
from search_service.engines.whoosh.store.arraytypes import Floats
from search_service.engines.whoosh.weights import DECISIVE

_SHORT_LISTS = 0.4
"""The part of all postings that lists may have to be added up first, in the hope that the others
need not be."""


_LIKELY = 0.5
"""What a list's best few are worth at least, as a part of what is possible: a guess that costs
only time when it is wrong."""


def can_answer(flat: Flat, request: Request) -> bool:
    """Whether a request is one of this module's."""
    if request.group != "passage" or request.facets or flat.words:
        return False
    return all(map(_is_sure, flat.clauses))


def _is_sure(clause: Clause) -> bool:
    """Whether all that it finds is found by forms that decide."""
    return all(plan.least >= DECISIVE for plan in clause.plans)


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
        self._constant = [clause.kind for clause in flat.clauses] == [Kind.CONSTANT]
        """All that is found is worth the same."""
        self._matches = []
        for clause in flat.clauses:
            leaves.check()
            self._matches.append(_matches(leaves, clause))

    def answer(self) -> Answer:
        """The whole answer."""
        request = self._request
        count = request.offset + request.limit
        if request.sort == "relevance":
            units, best, scores = self._best(count)
            self._leaves.check()
            if self._constant:
                places = first_in_order(self._snapshot, best, count)
            else:
                places = first_of(scores, count, lambda some: ranks(self._snapshot, best[some]))
            places = places[request.offset :]
            shown, worth = best[places], scores[places]
        else:
            units = self._units()
            self._leaves.check()
            of_units = self._snapshot.passage_document[units]
            keys = days(self._snapshot, of_units, newest=request.sort == "-date")
            places = first_of(keys, count, lambda some: ranks(self._snapshot, units[some]))
            shown = units[places[request.offset :]]
            worth = self._scores_at(shown)
        total = len(units)
        found = told(self._snapshot, shown, worth)
        return Answer(found, documents(self._snapshot, units), total, total, {}, ())

    def _best(self, count: int) -> tuple[Units, Units, Floats]:
        """What is found; and those among which the best are, with their scores."""
        if not self._every and len(self._matches) > 1:
            return self._best_of_any(count)
        if self._every and len(self._matches) > 1:
            units, scores = self._all_scored()
        else:
            [matches] = self._matches
            units, raw = self._kept(*matches.all())
            scores = matches.scores(units, raw)
        return units, units, scores

    def _best_of_any(self, count: int) -> tuple[Units, Units, Floats]:
        together = self._union([matches.all()[0] for matches in self._matches])
        if self._filters:
            together = together[self._filters.keep(together)]
        self._leaves.check()
        candidates = self._candidates(count)
        if candidates is None:
            return together, together, self._sums(self._matches, together)
        total = np.zeros(len(candidates))
        for matches in self._matches:
            found, raw = matches.among(candidates)
            total[found] += matches.scores(candidates[found], raw)
        return together, candidates, total

    def _candidates(self, count: int) -> Units | None:
        """The passages that may be among the best, by MaxScore (Turtle and Flood 1995).

        If the long lists together can give less than what the short ones give to the least of the
        best, then a passage that only long ones have cannot be among them. None where it is not so,
        or where they are not long enough to be worth the look.
        """
        ascending = sorted(self._matches, key=lambda matches: matches.size)
        sizes = [*accumulate(matches.size for matches in ascending)]
        split = bisect(sizes, sizes[-1] * _SHORT_LISTS)
        short, long = ascending[:split], ascending[split:]
        bound = sum(matches.bound for matches in long)
        likely = max((some.bound for some in short if some.size >= count), default=0.0)
        if count <= 0 or bound >= likely * _LIKELY:
            return None
        units = self._union([self._kept(*matches.all())[0] for matches in short])
        values = self._sums(short, units)
        if len(units) < count or bound >= (least := _least_of_best(values, count)):
            return None
        # What is added up in another order may be less by a rounding.
        return units[values + bound >= least * (1 - 1e-12)]

    def _sums(self, some: Sequence[Matches], units: Units) -> Floats:
        """What some clauses together give to passages."""
        sums = self._snapshot.scratch.sums
        lists = [(matches, *matches.all()) for matches in some]
        for matches, having, raw in lists:
            sums[having] += matches.scores(having, raw)
        total = sums[units]
        for _, having, _ in lists:
            sums[having] = 0
        return total

    def _kept(self, units: Units, raw: Raw) -> tuple[Units, Raw]:
        """Those that the filters let pass."""
        if not self._filters:
            return units, raw
        kept = self._filters.keep(units)
        return units[kept], raw[kept]

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
        units, raw = self._kept(*self._matches[order[0]].all())
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


def _least_of_best(values: Floats, count: int) -> float:
    """The least of the `count` greatest values."""
    greatest = values[greatest_of(values, count)]
    return float(np.partition(greatest, len(greatest) - count)[len(greatest) - count])


def _matches(leaves: Leaves, clause: Clause) -> Matches:
    """What a clause finds, read now or when it is asked for."""
    if clause.kind == Kind.WORD and is_listed(clause.plans[0]):
        return Listed(leaves.snapshot, clause.plans[0], clause.factor)
    hits = found_by(leaves, clause)
    # Arrays are indexed by int64; other types would be converted each time.
    return Known(hits.units.astype(np.int64), hits.scores)


def found_by(leaves: Leaves, clause: Clause) -> Hits:
    """What a clause finds, with its scores."""
    if clause.kind == Kind.WORD:
        return leaves.gathered(clause.plans[0], clause.factor)
    if clause.kind == Kind.CONSTANT:
        return leaves.constant(leaves.kernel.units(clause.plans[0]), clause.factor)
    words = len(clause.plans) // len(clause.field_factors)
    fields = [
        (clause.plans[field * words : (field + 1) * words], int(factor))
        for field, factor in enumerate(clause.field_factors)
    ]
    return leaves.phrased(fields, clause.reach, clause.factor)

"""From a query to an answer: filter, count, rank, choose passages."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise

from search_service.engines.base import Answer, Found, FoundPassage
from search_service.engines.whoosh import weights
from search_service.nodes import Word
from search_service.schema import FACETS
from tests.engines.oracle.corpus import PassageId
from tests.engines.oracle.nodes import Nodes
from tests.engines.oracle.results import Result, total_of


class Run(Nodes):
    """One request."""

    def passes(self, passage_id: PassageId, ignoring: str | None = None) -> bool:
        request = self.request
        document = self.archive.documents[passage_id[0]]
        if request.document is not None and document.id != request.document:
            return False
        if request.first_day is not None or request.last_day is not None:
            if not document.first_day:
                return False
            if request.first_day is not None and document.last_day < request.first_day:
                return False
            if request.last_day is not None and document.first_day > request.last_day:
                return False
        return all(
            name == ignoring or self.value(passage_id, name) in values
            for name, values in request.filters.items()
        )

    def answer(self) -> Answer:
        request = self.request
        matched = self.evaluate(request.query)
        hits = matched.only({p for p in matched.scores if self.passes(p)})
        units: dict[tuple[str, int], list[PassageId]] = defaultdict(list)
        for p in sorted(hits.scores):
            units[(p[0], -1) if self.grouped else p].append(p)
        whole = total_of(e.documents() for e in hits.evidence)
        scores = {
            unit: max(hits.scores[p] for p in passages)
            + (weights.DOCUMENT_SHARE * whole.get(unit[0], 0.0) if self.grouped else 0.0)
            for unit, passages in units.items()
        }
        if request.sort == "relevance":
            self._draw_near(units, scores, hits)
            order = sorted(scores, key=lambda unit: (-scores[unit], unit))
        else:
            sign = 1 if request.sort == "date" else -1
            sure = {unit for unit in units if any(p in hits.decided for p in units[unit])}
            days = {unit: self.archive.documents[unit[0]].first_day for unit in sure}
            order = sorted(sure, key=lambda unit: (not days[unit], sign * days[unit], unit))
        page = order[request.offset : request.offset + request.limit]
        asked = [(i, has) for i, (_, has, stop) in enumerate(self.parts or []) if not stop]
        decided_units = {p[0] if self.grouped else p for p in hits.decided}
        return Answer(
            tuple(self._found(units[unit], scores[unit], hits, asked) for unit in page),
            len({p[0] for p in hits.decided}),
            len(hits.decided),
            sum(
                all(
                    any(p[0] == unit for p in has) if self.grouped else unit in has
                    for _, has in asked
                )
                for unit in decided_units
            ),
            {name: self._facet(name, matched.decided) for name in request.facets},
            tuple(len({p[0] for p in has if self.passes(p)}) for _, has, _ in self.parts or []),
        )

    def _draw_near(
        self,
        units: Mapping[tuple[str, int], list[PassageId]],
        scores: dict[tuple[str, int], float],
        hits: Result,
    ) -> None:
        """Add what nearness adds to the best candidates, and to their best passages."""
        words = [
            (part, has)
            for part, has, stop in self.parts or []
            if isinstance(part, Word) and part.fieldname == "text" and not stop and has
        ]
        best = sorted(scores, key=lambda unit: (-scores[unit], unit))[: weights.PROXIMITY_DEPTH]
        count = len(self.archive.passages)
        for unit in best:
            added = [0.0]
            for p in self._ranked(units[unit], hits)[: weights.PROXIMITY_PASSAGES]:
                bonus = 0.0
                for (left, left_has), (right, right_has) in pairwise(words):
                    rarest = max(len(left_has), len(right_has))
                    idf = math.log(1 + (count - rarest + 0.5) / (rarest + 0.5))
                    nearest = self._nearest(p, left, right)
                    if nearest <= weights.PROXIMITY_WINDOW:
                        bonus += weights.PROXIMITY * idf / nearest
                hits.scores[p] += bonus
                added.append(bonus)
            scores[unit] += max(added)

    def _nearest(self, passage_id: PassageId, left: Word, right: Word) -> float:
        rows = self.archive.passages[passage_id].text
        at = [
            [i for i, r in enumerate(rows) if r and self.decisive(word)(r.identity)]
            for word in (left, right)
        ]
        gaps = [b - a if a < b else a - b + 1 for a in at[0] for b in at[1] if a != b]
        return min(gaps, default=math.inf)

    @staticmethod
    def _ranked(passages: list[PassageId], hits: Result) -> list[PassageId]:
        return sorted(passages, key=lambda p: (p not in hits.decided, -hits.scores[p], p[1]))

    def _found(
        self,
        passages: list[PassageId],
        score: float,
        hits: Result,
        asked: list[tuple[int, set[PassageId]]],
    ) -> Found:
        ranked = self._ranked(passages, hits)
        shown = sorted(ranked[: self.request.passages])
        return Found(
            passages[0][0],
            score,
            tuple(self._found_passage(p, hits) for p in shown),
            sum(p in hits.decided for p in passages) or len(passages),
            tuple(i for i, has in asked if not self.has(has, passages[0])),
        )

    def _found_passage(self, p: PassageId, hits: Result) -> FoundPassage:
        signature = self.archive.passages[p].signature
        return FoundPassage(p[1], hits.scores[p], p not in hits.decided, signature)

    def _facet(self, name: str, matched: set[PassageId]) -> dict[str, int]:
        assert any(facet.name == name for facet in FACETS)
        pairs = {(p[0], self.value(p, name)) for p in matched if self.passes(p, ignoring=name)}
        return dict(Counter(value for _, value in pairs if value is not None))

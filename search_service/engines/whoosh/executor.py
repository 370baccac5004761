"""From a request to an answer: evaluate the tree, filter, count, rank, choose passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search_service.engines.base import Answer, Found, FoundPassage, Request
from search_service.engines.whoosh.conditions import Filters
from search_service.engines.whoosh.facets import facet_counts
from search_service.engines.whoosh.hits import Hits, evidence_sum
from search_service.engines.whoosh.kernel import chosen_kernel
from search_service.engines.whoosh.segment import Segment
from search_service.engines.whoosh.snapshot import Floats, Ints, Snapshot
from search_service.engines.whoosh.topk import first
from search_service.engines.whoosh.tree import Evaluation, Part
from search_service.engines.whoosh.weights import DOCUMENT_SHARE


class Executor:
    """Answers requests over the segments of one generation; safe to share between threads."""

    def __init__(self, segments: Sequence[Segment], kernel: str | None = None) -> None:
        """`kernel` is a name of `kernel.KERNELS`; None is the best there is."""
        self.kernel = kernel or chosen_kernel()
        self.snapshot = Snapshot(tuple(segments), self.kernel)

    def execute(self, request: Request) -> Answer:
        """Raises `QueryTooCostly`, `InvalidValue` for unknown nodes and `UnknownName` for fields."""
        evaluation = Evaluation(self.snapshot, request.group == "document", request.deadline)
        matched = evaluation.hits(request.query)
        return _Ranking(self.snapshot, request, evaluation, matched).answer()


def execute(segments: Sequence[Segment], request: Request) -> Answer:
    """Answer one request; who has several keeps an `Executor`, which remembers word groups."""
    return Executor(segments).execute(request)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """What can be a hit: documents, or passages where those are asked for.

    The passages of candidate i are `[starts[i], starts[i + 1])` in the hits' order.
    """

    numbers: Ints
    """Of documents."""
    starts: NDArray[np.intp]
    scores: Floats
    decided: NDArray[np.int64]
    """How many of its passages match by more than similarity."""


class _Ranking:
    """The way from what matches to what is shown."""

    def __init__(
        self, snapshot: Snapshot, request: Request, evaluation: Evaluation, matched: Hits
    ) -> None:
        self._snapshot = snapshot
        self._request = request
        self._evaluation = evaluation
        self._filters = Filters(snapshot, request)
        self._matched = matched
        self._hits = (
            matched.take(self._filters.keep(matched.units), snapshot.kernel)
            if self._filters
            else matched
        )
        evaluation.check()

    def answer(self) -> Answer:
        """The whole answer."""
        candidates = self._candidates()
        self._evaluation.check()
        chosen = self._chosen(candidates)
        found = tuple(self._found(candidates, place) for place in chosen)
        self._evaluation.check()
        decided = self._hits.decided
        return Answer(
            found,
            self._count_documents(decided),
            len(decided),
            self._total_all(candidates),
            self._facets(decided),
            self._word_documents(),
        )

    def _candidates(self) -> _Candidates:
        hits = self._hits
        documents = self._snapshot.passage_document[hits.units]
        decided = (
            np.ones(len(documents), np.int64)
            if hits.similar is None
            else (~hits.similar).astype(np.int64)
        )
        if self._request.group == "passage" or not len(documents):
            return _Candidates(documents, np.arange(len(documents) + 1), hits.scores, decided)
        starts = np.flatnonzero(np.diff(documents, prepend=-1))
        numbers = documents[starts]
        scores = np.maximum.reduceat(hits.scores, starts)
        having, whole = evidence_sum(hits.evidence, self._snapshot.kernel)
        scores[np.searchsorted(numbers, having)] += DOCUMENT_SHARE * whole
        return _Candidates(
            numbers,
            np.append(starts, len(documents)),
            scores,
            np.add.reduceat(decided, starts),
        )

    def _chosen(self, candidates: _Candidates) -> list[int]:
        request, kernel = self._request, self._snapshot.kernel

        def ranks(places: NDArray[np.intp]) -> NDArray[np.int64]:
            of_documents = self._snapshot.document_ranks[candidates.numbers[places]]
            # Passages of one document are in reading order, and so are their numbers.
            units = self._hits.units[candidates.starts[places]]
            return (of_documents.astype(np.int64) << 32) + units

        if request.sort == "relevance":
            places = first(kernel, candidates.scores, request.offset + request.limit, ranks)
        else:
            days = self._snapshot.first_day[candidates.numbers].astype(np.float64)
            keys = np.where(days > 0, days if request.sort == "-date" else -days, -np.inf)
            sure = np.flatnonzero(candidates.decided)
            places = sure[
                first(kernel, keys[sure], request.offset + request.limit, lambda p: ranks(sure[p]))
            ]
        return places[request.offset :].tolist()

    def _found(self, candidates: _Candidates, place: int) -> Found:
        snapshot, hits = self._snapshot, self._hits
        number = int(candidates.numbers[place])
        low, high = int(candidates.starts[place]), int(candidates.starts[place + 1])
        similar = np.zeros(high - low, bool) if hits.similar is None else hits.similar[low:high]
        order = np.lexsort((-hits.scores[low:high], similar))[: self._request.passages]
        start = snapshot.document_starts[number]
        passages = tuple(
            FoundPassage(
                int(hits.units[low + i] - start), float(hits.scores[low + i]), bool(similar[i])
            )
            for i in sorted(order.tolist())
        )
        unit = int(hits.units[low])
        return Found(
            snapshot.document_id(number),
            float(candidates.scores[place]),
            passages,
            int(candidates.decided[place]) or high - low,
            tuple(i for i, part in self._asked() if not self._has(part, number, unit)),
        )

    def _asked(self) -> list[tuple[int, Part]]:
        parts = self._evaluation.parts or []
        return [(i, part) for i, part in enumerate(parts) if not part.stop]

    def _has(self, part: Part, document: int, unit: int) -> bool:
        """Whether the document, or where those are asked for the passage, has a part."""
        low, high = unit, unit + 1
        if self._request.group == "document":
            low, high = self._snapshot.document_starts[document : document + 2].tolist()
        place = int(np.searchsorted(part.units, low))
        return place < len(part.units) and bool(part.units[place] < high)

    def _total_all(self, candidates: _Candidates) -> int:
        """Candidates that have every word; all of them where the tree has no plain words."""
        sure = candidates.decided > 0
        for _, part in self._asked():
            if self._request.group == "document":
                sure &= self._evaluation.documents_with(part)[candidates.numbers]
            else:
                sure &= self._snapshot.kernel.contained(self._hits.units, part.units)
        return int(np.count_nonzero(sure))

    def _facets(self, decided: Ints) -> Mapping[str, Mapping[str, int]]:
        matched = self._matched.decided
        return {
            name: facet_counts(self._snapshot, name, matched, decided, self._filters)
            for name in self._request.facets
        }

    def _word_documents(self) -> tuple[int, ...]:
        counts = []
        for part in self._evaluation.parts or ():
            units = part.units
            if self._filters:
                units = units[self._filters.keep(units)]
            counts.append(self._count_documents(units))
        return tuple(counts)

    def _count_documents(self, units: Ints) -> int:
        return len(self._snapshot.kernel.documents_of(units))

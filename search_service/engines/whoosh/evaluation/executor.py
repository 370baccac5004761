"""From a request to an answer: evaluate the tree, filter, count, rank, choose passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from search_service.engines.base import Answer, Found, FoundPassage, Request
from search_service.engines.whoosh.evaluation import passages, plain, whole, words
from search_service.engines.whoosh.evaluation.conditions import Filters
from search_service.engines.whoosh.evaluation.facets import count_facets
from search_service.engines.whoosh.evaluation.flat import flatten
from search_service.engines.whoosh.evaluation.hits import Hits, evidence_sum
from search_service.engines.whoosh.evaluation.kernel import WholeKernel, chosen_kernel
from search_service.engines.whoosh.evaluation.leaves import Leaves
from search_service.engines.whoosh.evaluation.proximity import nearness, neighbours
from search_service.engines.whoosh.evaluation.topk import first
from search_service.engines.whoosh.evaluation.tree import Evaluation, Part
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.weights import (
    DOCUMENT_SHARE,
    PROXIMITY_DEPTH,
    PROXIMITY_PASSAGES,
)
from search_service.errors import InvalidValue

_MOST = 2**31 - 1
"""A kernel counts hits in 32 bits."""

MOST_PASSAGES = 1000
"""Passages that are shown of a document."""


class Executor:
    """Answers requests over the segments of one generation; safe to share between threads."""

    def __init__(self, segments: Sequence[Segment], kernel: str | None = None) -> None:
        """`kernel` is a name of `kernel.KERNELS`; None is the best there is."""
        self.kernel = kernel or chosen_kernel()
        self.snapshot = Snapshot(tuple(segments), self.kernel)
        kernel_there = self.snapshot.kernel
        self._whole = kernel_there if isinstance(kernel_there, WholeKernel) else None

    def execute(self, request: Request) -> Answer:
        """Raises `QueryTooCostly`, `InvalidValue` for other nodes, `UnknownName` for fields."""
        if not (
            0 <= request.limit <= _MOST
            and 0 <= request.offset <= _MOST
            and 0 < request.passages <= MOST_PASSAGES
        ):
            raise _no_page(request)
        by_documents = request.group == "document"
        if self._whole or not by_documents:
            leaves = Leaves(self.snapshot, by_documents, request.deadline)
            leaves.check()
            flat = flatten(leaves, request.query)
            if flat and self._whole:
                return whole.answer(self.snapshot, self._whole, flat, request)
            if flat and plain.can_answer(flat, request):
                return plain.answer(leaves, flat, request)
            if flat and words.can_answer(self.snapshot, flat, request):
                return words.answer(leaves, flat, request)
        evaluation = Evaluation(self.snapshot, by_documents, request.deadline)
        matched = evaluation.hits(request.query)
        return _Ranking(self.snapshot, request, evaluation, matched).answer()


def _no_page(request: Request) -> InvalidValue:
    """What is wrong with the page that is asked for."""
    for name, value in (("limit", request.limit), ("offset", request.offset)):
        if not 0 <= value <= _MOST:
            return InvalidValue(name, value, "a number from 0 to %(most)s", most=_MOST)
    cure = "from 1 to %(most)s of a document are shown"
    return InvalidValue("passages", request.passages, cure, most=MOST_PASSAGES)


def execute(segments: Sequence[Segment], request: Request) -> Answer:
    """Answer one request; who has several keeps an `Executor`, which remembers word groups."""
    return Executor(segments).execute(request)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """What can be a hit: documents, or passages where those are asked for."""

    numbers: Ints | None
    """Of documents; None where passages are asked for."""
    starts: NDArray[np.int64] | None
    """The passages of document i are the hits [starts[i], starts[i + 1]); None: i is the hit i."""
    scores: Floats
    decided: NDArray[np.int64] | None
    """How many of its passages match by more than similarity; None: all of them."""

    def sure(self) -> Mask:
        """Which have any passage that matches by more than similarity."""
        if self.decided is None:
            return np.ones(len(self.scores), bool)
        return self.decided > 0

    def lows(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first hit of some candidates."""
        return places if self.starts is None else self.starts[places]

    def highs(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The end of the hits of some candidates."""
        return places + 1 if self.starts is None else self.starts[places + 1]


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
        candidates = self._drawn_near(candidates)
        chosen = self._chosen(candidates)
        found = self._found(candidates, chosen)
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
        decided = None if hits.similar is None else (~hits.similar).astype(np.int64)
        if self._request.group == "passage" or not len(hits.units):
            return _Candidates(None, None, hits.scores, decided)
        kernel = self._snapshot.kernel
        numbers, starts, best = kernel.grouped(hits.units, hits.scores)
        scores = best.copy()
        having, whole = evidence_sum(hits.evidence, kernel)
        if len(having) == len(numbers):
            scores += DOCUMENT_SHARE * whole
        else:
            scores[np.searchsorted(numbers, having)] += DOCUMENT_SHARE * whole
        return _Candidates(
            numbers,
            starts,
            scores,
            None if decided is None else np.add.reduceat(decided, starts[:-1]),
        )

    def _drawn_near(self, candidates: _Candidates) -> _Candidates:
        """The candidates, the best of them with what their words' nearness adds."""
        pairs = neighbours(self._evaluation.parts or ())
        if self._request.sort != "relevance" or not pairs:
            return candidates
        best = self._best(candidates, PROXIMITY_DEPTH)
        looked = [
            place
            for low, high in zip(
                candidates.lows(best).tolist(), candidates.highs(best).tolist(), strict=True
            )
            for place in self._best_passages(low, high, PROXIMITY_PASSAGES)
        ]
        places = np.array(sorted(looked), np.int64)
        bonus = np.zeros(len(self._hits.units))
        bonus[places] = nearness(self._evaluation, pairs, self._hits.units[places])
        scores = self._hits.scores + bonus
        self._hits = replace(self._hits, scores=scores)
        if candidates.starts is None:
            return replace(candidates, scores=scores)
        added = np.zeros(len(candidates.scores))
        for place, low, high in zip(
            best.tolist(),
            candidates.lows(best).tolist(),
            candidates.highs(best).tolist(),
            strict=True,
        ):
            added[place] = bonus[low:high].max()
        return replace(candidates, scores=candidates.scores + added)

    def _best_passages(self, low: int, high: int, count: int) -> list[int]:
        """The best of the hits [low, high), in reading order."""
        if high - low <= count:
            return list(range(low, high))
        similar = self._hits.similar
        worst = np.zeros(high - low, bool) if similar is None else similar[low:high]
        order = np.lexsort((-self._hits.scores[low:high], worst))[:count]
        return sorted((order + low).tolist())

    def _best(self, candidates: _Candidates, count: int) -> NDArray[np.int64]:
        """The best candidates by score."""

        def ranks(places: NDArray[np.int64]) -> NDArray[np.int64]:
            return self._ranks(candidates, places)

        return first(self._snapshot.kernel, candidates.scores, count, ranks)

    def _ranks(self, candidates: _Candidates, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """What breaks ties."""
        return passages.ranks(self._snapshot, self._hits.units[candidates.lows(places)])

    def _chosen(self, candidates: _Candidates) -> NDArray[np.int64]:
        """The candidates of the page that is asked for, in order."""
        request = self._request
        count = request.offset + request.limit
        if request.sort == "relevance":
            return self._best(candidates, count)[request.offset :]
        numbers = candidates.numbers
        if numbers is None:
            numbers = self._snapshot.passage_document[self._hits.units]
        keys = passages.days(self._snapshot, numbers, newest=request.sort == "-date")
        sure = np.flatnonzero(candidates.sure())
        places = first(
            self._snapshot.kernel,
            keys[sure],
            count,
            lambda chosen: self._ranks(candidates, sure[chosen]),
        )
        return sure[places][request.offset :]

    def _found(self, candidates: _Candidates, chosen: NDArray[np.int64]) -> tuple[Found, ...]:
        """The candidates at some places, with the passages to be shown."""
        snapshot = self._snapshot
        lows = candidates.lows(chosen)
        numbers = snapshot.passage_document[self._hits.units[lows]]
        rows = zip(
            numbers.tolist(),
            snapshot.document_starts[numbers].tolist(),
            lows.tolist(),
            candidates.highs(chosen).tolist(),
            candidates.scores[chosen].tolist(),
            strict=True,
        )
        missing_of = self._missing(numbers, lows)
        found = []
        for (number, start, low, high, score), missing in zip(rows, missing_of, strict=True):
            shown, count = self._shown(low, high, start), self._count(low, high)
            found.append(Found(snapshot.document_id(number), score, shown, count, missing))
        return tuple(found)

    def _shown(self, low: int, high: int, start: int) -> tuple[FoundPassage, ...]:
        """The best of the hits [low, high), in reading order."""
        units, scores, similar = self._hits.units, self._hits.scores, self._hits.similar
        signature = self._snapshot.signature
        if high - low == 1 and similar is None:
            unit = int(units[low])
            return (FoundPassage(unit - start, float(scores[low]), False, signature(unit)),)
        places = self._best_passages(low, high, self._request.passages)
        return tuple(
            FoundPassage(
                int(units[place]) - start,
                float(scores[place]),
                similar is not None and bool(similar[place]),
                signature(int(units[place])),
            )
            for place in places
        )

    def _count(self, low: int, high: int) -> int:
        """How many of the hits [low, high) match by more than similarity; all if none does."""
        if self._hits.similar is None:
            return high - low
        return int(np.count_nonzero(~self._hits.similar[low:high])) or high - low

    def _asked(self) -> list[tuple[int, Part]]:
        parts = self._evaluation.parts or []
        return [(i, part) for i, part in enumerate(parts) if not part.stop]

    def _missing(self, documents: Ints, lows: NDArray[np.int64]) -> list[tuple[int, ...]]:
        """Which parts each document, or where those are asked for each passage, does not have."""
        missing: list[tuple[int, ...]] = [()] * len(lows)
        for number, part in self._asked():
            among, units = part.documents, documents
            if self._request.group == "passage":
                among, units = part.units, self._hits.units[lows]
            places = np.searchsorted(among, units)
            has = among.take(places, mode="clip") == units if len(among) else places > 0
            for place in np.flatnonzero(~has).tolist():
                missing[place] += (number,)
        return missing

    def _total_all(self, candidates: _Candidates) -> int:
        """Candidates that have every word; all of them where the tree has no plain words."""
        asked = self._asked()
        if not asked and candidates.decided is None:
            return len(candidates.scores)
        sure = candidates.sure()
        for _, part in asked:
            if candidates.numbers is not None:
                sure &= self._snapshot.kernel.contained(candidates.numbers, part.documents)
            else:
                sure &= self._snapshot.kernel.contained(self._hits.units, part.units)
        return int(np.count_nonzero(sure))

    def _facets(self, decided: Ints) -> Mapping[str, Mapping[str, int]]:
        matched = self._matched.decided
        return count_facets(self._snapshot, self._request.facets, matched, decided, self._filters)

    def _word_documents(self) -> tuple[int, ...]:
        counts = []
        for part in self._evaluation.parts or ():
            if self._filters:
                units = part.units[self._filters.keep(part.units)]
                counts.append(self._count_documents(units))
            else:
                counts.append(len(part.documents))
        return tuple(counts)

    def _count_documents(self, units: Ints) -> int:
        return len(self._snapshot.kernel.documents_of(units))

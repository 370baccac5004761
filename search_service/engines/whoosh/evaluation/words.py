"""Flat queries of words with their ladders, for passages alone, in NumPy.

The postings of all words are read, summed and scored together: what a query costs is mostly the
number of NumPy's calls. The operations on scores are those of the executor, in its order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from search_service.engines.base import Answer, Found, Request
from search_service.engines.whoosh.evaluation import passages
from search_service.engines.whoosh.evaluation.conditions import Filters
from search_service.engines.whoosh.evaluation.facets import count_facets
from search_service.engines.whoosh.evaluation.flat import Clause, Flat, Kind, Role
from search_service.engines.whoosh.evaluation.leaves import Leaves
from search_service.engines.whoosh.evaluation.numpy_kernel import NumpyKernel
from search_service.engines.whoosh.evaluation.plain import found_by
from search_service.engines.whoosh.evaluation.proximity import nearness_in
from search_service.engines.whoosh.evaluation.runs import changes
from search_service.engines.whoosh.evaluation.scoring import coverage_factor, idf, saturated
from search_service.engines.whoosh.evaluation.sums import Numbers, Reading, Sums
from search_service.engines.whoosh.evaluation.topk import first_of
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Floats, Mask
from search_service.engines.whoosh.weights import PROXIMITY_DEPTH, SIMILAR_SHARE

_NO_UNITS: Numbers = np.zeros(0, np.int64)


class _Found(NamedTuple):
    """What clauses find: an entry for a clause and a passage, clause after clause."""

    units: Numbers
    bounds: Sequence[int]
    """The entries of clause i are [bounds[i], bounds[i + 1])."""
    values: Floats
    """What each is worth."""
    decided: Mask | None
    """Which are met by more than similarity; None is all."""


class _Extra(NamedTuple):
    """What is added to passages that are found otherwise."""

    units: Numbers
    values: Floats


def can_answer(snapshot: Snapshot, flat: Flat, request: Request) -> bool:
    """Whether a request is one of this module's."""
    if request.group != "passage" or not isinstance(snapshot.kernel, NumpyKernel):
        return False
    return Reading.fits(len(flat.clauses), snapshot.passage_count)


def answer(leaves: Leaves, flat: Flat, request: Request) -> Answer:
    """Answer a request whose query is flat."""
    kernel = leaves.kernel
    if not isinstance(kernel, NumpyKernel):
        raise TypeError(f"{type(kernel).__name__} is not the kernel in NumPy")
    return _Words(leaves, kernel, flat, request).answer()


class _Words:
    """The way from clauses to what is shown."""

    def __init__(self, leaves: Leaves, kernel: NumpyKernel, flat: Flat, request: Request) -> None:
        self._leaves = leaves
        self._snapshot = leaves.snapshot
        self._request = request
        self._flat = flat
        self._filters = Filters(leaves.snapshot, request)
        self._asked = [i for i, clause in enumerate(flat.clauses) if clause.role == Role.ASKED]
        words = [clause for clause in flat.clauses if clause.kind == Kind.WORD]
        found = _Found(_NO_UNITS, (0,), np.zeros(0), None)
        self._surface: _Extra | None = None
        if words:
            plans = [clause.plans[0] for clause in words]
            self._reading = Reading(kernel.views, plans, leaves.snapshot.passage_count)
            leaves.check()
            found, self._surface = self._scored(words)
        self._found = self._together(found) if len(words) < len(flat.clauses) else found
        leaves.check()
        self._decided = self._decided_entries()

    # What the clauses find

    def _scored(self, words: Sequence[Clause]) -> tuple[_Found, _Extra | None]:
        """What words find, and what is added where they are written as they were asked."""
        surfaces = [clause.surface for clause in words]
        shown = any(surface is not None for surface in surfaces)
        sums = self._reading.sums(self._snapshot.live, surface=shown)
        norms = self._snapshot.passage_norms.take(sums.units)
        surface = self._surfaces(surfaces, sums, norms) if shown else None
        return self._words_found(words, sums, norms), surface

    def _words_found(self, words: Sequence[Clause], sums: Sums, norms: Floats) -> _Found:
        values = saturated(sums.decided, sums.best, norms)
        lengths = [last - first for first, last in pairwise(sums.bounds)]
        live = self._snapshot.live_passage_count
        if sums.decided is sums.total:
            factors = [
                idf(live, length) * clause.factor
                for clause, length in zip(words, lengths, strict=True)
            ]
            values *= np.repeat(factors, lengths)
            return _Found(sums.units, sums.bounds, values, None)
        decided = sums.decided > 0
        weak = _counts(sums.decided != sums.total, sums.bounds)
        factors, every = [], []
        for clause, length, some, sure in zip(
            words, lengths, weak, _counts(decided, sums.bounds), strict=True
        ):
            factor = idf(live, sure) * clause.factor
            factors.append(factor * (1 - SIMILAR_SHARE) if some else factor)
            every.append(idf(live, length) * clause.factor * SIMILAR_SHARE if some else 0.0)
        values *= np.repeat(factors, lengths)
        values += saturated(sums.total, sums.best, norms) * np.repeat(every, lengths)
        return _Found(sums.units, sums.bounds, values, None if decided.all() else decided)

    def _surfaces(self, factors: Sequence[float | None], sums: Sums, norms: Floats) -> _Extra:
        """What is written as it was asked, or folded to it."""
        shown = sums.surface > 0
        live = self._snapshot.live_passage_count
        every = [
            0.0 if factor is None else idf(live, count) * factor
            for factor, count in zip(factors, _counts(shown, sums.bounds), strict=True)
        ]
        if None in factors:
            shown &= np.repeat([factor is not None for factor in factors], np.diff(sums.bounds))
        (places,) = shown.nonzero()
        values = saturated(sums.surface[places], sums.best[places], norms[places])
        values *= np.repeat(every, np.diff(places.searchsorted(sums.bounds)))
        return _Extra(sums.units[places], values)

    def _together(self, words: _Found) -> _Found:
        """The entries of all clauses, those of words among them."""
        units, values, decided = [_NO_UNITS], [np.zeros(0)], [np.zeros(0, bool)]
        of_words = pairwise(words.bounds)
        bounds = [0]
        for clause in self._flat.clauses:
            if clause.kind == Kind.WORD:
                part = slice(*next(of_words))
                units.append(words.units[part])
                values.append(words.values[part])
                sure = None if words.decided is None else words.decided[part]
            else:
                self._leaves.check()
                hits = found_by(self._leaves, clause)
                units.append(hits.units.astype(np.int64))
                values.append(hits.scores)
                sure = None if hits.similar is None else ~hits.similar
            decided.append(np.ones(len(units[-1]), bool) if sure is None else sure)
            bounds.append(bounds[-1] + len(units[-1]))
        sures = np.concatenate(decided)
        return _Found(
            np.concatenate(units),
            bounds,
            np.concatenate(values),
            None if sures.all() else sures,
        )

    def _decided_entries(self) -> tuple[Numbers, list[int]]:
        """The passages that clauses find by more than similarity, and the bounds of clauses."""
        found = self._found
        if found.decided is None:
            return found.units, list(found.bounds)
        (places,) = found.decided.nonzero()
        return found.units.take(places), places.searchsorted(found.bounds).tolist()

    # What the query finds

    def answer(self) -> Answer:
        """The whole answer."""
        request, snapshot = self._request, self._snapshot
        units, scores, met = self._united()
        matched = units[met > 0] if request.facets else units
        if self._filters:
            (kept,) = self._filters.keep(units).nonzero()
            units, scores, met = units.take(kept), scores.take(kept), met.take(kept)
        self._leaves.check()
        (decided,) = met.nonzero()
        sure = units if len(decided) == len(units) else units.take(decided)
        count = request.offset + request.limit
        if request.sort == "relevance":
            places, worth = self._best(units, scores, count)
        else:
            of_sure = snapshot.passage_document[sure]
            keys = passages.days(snapshot, of_sure, newest=request.sort == "-date")
            chosen = first_of(keys, count, lambda some: passages.ranks(snapshot, sure[some]))
            places = decided[chosen]
            worth = scores[places]
        places, worth = places[request.offset : count], worth[request.offset : count]
        self._leaves.check()
        plain = not self._flat.words
        return Answer(
            self._told(units[places], worth, met[places]),
            passages.documents(snapshot, sure),
            len(sure),
            len(sure) if plain else int(np.count_nonzero((met & self._whole) == self._whole)),
            self._facets(matched, sure),
            () if plain else self._word_documents(),
        )

    def _united(self) -> tuple[Numbers, Floats, Numbers]:
        """What is found, the scores, and which of the asked clauses each passage has."""
        found, scratch = self._found, self._snapshot.scratch
        units, values = self._ordered()
        marks, sums, bits = scratch.marks, scratch.sums, scratch.bits
        asked = units if values is found.values else self._of_asked(found.units, found.bounds)
        marks[asked] = True
        (together,) = marks.nonzero()
        marks[together] = False
        # One after another, so in the order of the clauses.
        np.add.at(sums, units, values)
        if self._surface is not None:
            np.add.at(sums, self._surface.units, self._surface.values)
        total = sums.take(together)
        sums[units] = 0.0
        sure, bounds = self._decided
        having = self._of_asked(sure, bounds)
        lengths = [bounds[i + 1] - bounds[i] for i in self._asked]
        np.add.at(bits, having, np.repeat([1 << i for i in self._asked], lengths))
        met = bits.take(together)
        bits[having] = 0
        if self._flat.words:
            shares = self._shares()
            if sum(share > 0 for share in shares) > 1:
                np.add.at(sums, having, np.repeat(shares, lengths))
                total *= coverage_factor(sums.take(together))
                sums[having] = 0.0
        if self._flat.every:
            whole = (met & self._whole) == self._whole
            return together[whole], total[whole], met[whole]
        return together, total, met

    @property
    def _whole(self) -> int:
        """The bits of all clauses that are asked."""
        return sum(1 << i for i in self._asked)

    def _ordered(self) -> tuple[Numbers, Floats]:
        """All entries, those of stop words behind those of others."""
        found, count = self._found, len(self._flat.clauses)
        if len(self._asked) == count:
            return found.units, found.values
        order = [*self._asked, *(i for i in range(count) if i not in self._asked)]
        parts = [slice(found.bounds[i], found.bounds[i + 1]) for i in order]
        return (
            np.concatenate([found.units[part] for part in parts]),
            np.concatenate([found.values[part] for part in parts]),
        )

    def _of_asked(self, units: Numbers, bounds: Sequence[int]) -> Numbers:
        """The passages of the clauses that are asked."""
        if len(self._asked) == len(self._flat.clauses):
            return units
        return np.concatenate([units[bounds[i] : bounds[i + 1]] for i in self._asked])

    def _idfs(self) -> list[float]:
        """Of each clause; 0 of what nobody has."""
        live = self._snapshot.live_passage_count
        counts = [last - first for first, last in pairwise(self._decided[1])]
        return [idf(live, count) if count else 0.0 for count in counts]

    def _shares(self) -> list[float]:
        """Each asked clause's share of the query by its idf; what nobody has is asked of nobody."""
        idfs = [self._idfs()[i] for i in self._asked]
        total = sum(idfs)
        return [value / total if total else 0.0 for value in idfs]

    # What is shown

    def _best(self, units: Numbers, scores: Floats, count: int) -> tuple[Numbers, Floats]:
        """The places of the best, in order, and what they are worth."""
        chain = self._chain()
        wanted = max(count, PROXIMITY_DEPTH) if len(chain) > 1 else count

        def ranks(places: Numbers) -> Numbers:
            return passages.ranks(self._snapshot, units[places])

        places = first_of(scores, wanted, ranks)
        worth = scores[places]
        if len(chain) < 2 or not len(places):
            return places, worth
        self._leaves.check()
        near = np.sort(units[places[:PROXIMITY_DEPTH]])
        stand = self._reading.places(near, self._snapshot.scratch.marks, text=True)
        bonus = nearness_in(stand, chain, len(near))
        looked = places[:PROXIMITY_DEPTH]
        worth[:PROXIMITY_DEPTH] += bonus[near.searchsorted(units[looked])]
        order = np.lexsort((ranks(places), -worth))
        return places[order], worth[order]

    def _chain(self) -> list[tuple[int, float]]:
        """The words whose nearness counts, by their numbers among the words, and their idf."""
        if not self._flat.words:
            return []
        chain = []
        word = 0
        for i, (clause, value) in enumerate(zip(self._flat.clauses, self._idfs(), strict=True)):
            if clause.chained and i in self._asked and value:
                chain.append((word, value))
            word += clause.kind == Kind.WORD
        return chain

    def _told(self, units: Numbers, worth: Floats, met: Numbers) -> tuple[Found, ...]:
        missing = None
        if self._flat.words:
            missing = [tuple(i for i in self._asked if not bits >> i & 1) for bits in met.tolist()]
        return passages.told(self._snapshot, units, worth, met == 0, missing)

    def _facets(self, matched: Numbers, sure: Numbers) -> Mapping[str, Mapping[str, int]]:
        """Of the passages that match, and those of them that the filters let pass."""
        every, kept = matched.astype(np.int32), sure.astype(np.int32)
        return count_facets(self._snapshot, self._request.facets, every, kept, self._filters)

    def _word_documents(self) -> tuple[int, ...]:
        """How many documents each word finds alone."""
        units, bounds = self._decided
        if self._filters:
            (places,) = self._filters.keep(units).nonzero()
            units, bounds = units[places], places.searchsorted(bounds).tolist()
        documents = self._snapshot.passage_document.take(units)
        fresh = changes(documents)
        firsts = np.array(bounds[:-1])
        fresh[firsts[firsts < len(fresh)]] = True
        return tuple(_counts(fresh, bounds))


def _counts(which: Mask, bounds: Sequence[int]) -> list[int]:
    """How many there are of each clause."""
    if len(bounds) == 2:
        return [int(np.count_nonzero(which))]
    places = which.nonzero()[0].searchsorted(bounds).tolist()
    return [last - first for first, last in pairwise(places)]

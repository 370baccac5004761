"""A flat query answered in one call of a kernel that can."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import islice

from search_service.engines.base import Answer, Found, FoundPassage, Request
from search_service.engines.whoosh.conditions import LEVELS, Filters
from search_service.engines.whoosh.flat import Clause, Flat, Role
from search_service.engines.whoosh.kernel import Page, WholeKernel
from search_service.engines.whoosh.plan import Counts
from search_service.engines.whoosh.snapshot import Coded, Snapshot
from search_service.errors import QueryTooCostly, UnknownName

_ROW = struct.Struct("=diiIi")
"""Score, document, passages found, which clauses it has, passages shown."""
_SHOWN = struct.Struct("=dii")
"""Score, ordinal, whether it has similar forms alone."""
_ORDERS = {"relevance": 0, "-date": 1, "date": 2}


def answer(snapshot: Snapshot, kernel: WholeKernel, flat: Flat, request: Request) -> Answer:
    """Answer a request whose query is flat. Raises `QueryTooCostly` after the deadline."""
    filters = Filters(snapshot, request)
    names = sorted(filters.names)
    facets = [(name, _coded(snapshot, name)) for name in request.facets]
    by_date = request.sort != "relevance"
    by_documents = request.group == "document"

    def search(*, ranks: bool) -> Page | None:
        return kernel.search(
            [_asked(clause) for clause in flat.clauses],
            flat.every and not flat.words,
            flat.words,
            flat.every and flat.words,
            by_documents,
            (request.offset, request.limit, request.passages),
            _ORDERS[request.sort],
            snapshot.first_day if by_date else None,
            [(snapshot.coded(n).codes, LEVELS[n] == "document", filters.table(n)) for n in names],
            filters.fixed,
            [
                (
                    coded.codes,
                    LEVELS[name] == "document",
                    names.index(name) if name in names else -1,
                    len(coded.values),
                )
                for name, coded in facets
            ],
            snapshot.document_ranks if ranks else None,
            request.deadline or 0.0,
        )

    try:
        page = search(ranks=snapshot.ranks_known)
        while page is None:
            page = search(ranks=True)
    except TimeoutError as error:
        raise QueryTooCostly("the query took too long: ask for fewer or rarer words") from error
    if by_documents and (flat.words or not flat.every):
        _remember(flat.clauses, page)
    return Answer(
        _found(snapshot, flat, page),
        page.documents,
        page.passages_found,
        page.all_words,
        _facets(facets, page.facets),
        _word_documents(flat, page) if flat.words else (),
    )


def _word_documents(flat: Flat, page: Page) -> tuple[int, ...]:
    return tuple(
        int(row[5])
        for clause, row in zip(flat.clauses, page.statistics, strict=True)
        if clause.role != Role.SURFACE
    )


def _asked(clause: Clause) -> tuple[object, ...]:
    plans = tuple((plan.entries, plan.levels) for plan in clause.plans)
    asked = (clause.kind, clause.factor, clause.role, clause.chained, clause.plans[0].counts, plans)
    return (*asked, clause.field_factors, clause.reach) if clause.field_factors else asked


def _coded(snapshot: Snapshot, name: str) -> Coded:
    if name not in LEVELS:
        raise UnknownName("facet", name, LEVELS)
    return snapshot.coded(name)


def _remember(clauses: Sequence[Clause], page: Page) -> None:
    """Keep what was counted of each plan: it holds for the generation."""
    for clause, row in zip(clauses, page.statistics, strict=True):
        if clause.kind == 0 and clause.plans[0].counts is None:
            clause.plans[0].counts = Counts(row[0], row[1], row[2], row[3], bool(row[4]))


def _found(snapshot: Snapshot, flat: Flat, page: Page) -> tuple[Found, ...]:
    asked = (
        [i for i, clause in enumerate(flat.clauses) if clause.role == Role.ASKED]
        if flat.words
        else []
    )
    whole = sum(1 << i for i in asked)
    shown = iter(
        [
            FoundPassage(ordinal, score, bool(similar))
            for score, ordinal, similar in _SHOWN.iter_unpack(page.shown)
        ]
    )
    # One segment is asked without going through the snapshot: this is done for each hit.
    document_id = (
        snapshot.segments[0].document_id if len(snapshot.segments) == 1 else snapshot.document_id
    )
    return tuple(
        [
            Found(
                document_id(document),
                score,
                tuple(islice(shown, count)),
                passages,
                () if had & whole == whole else tuple(i for i in asked if not had >> i & 1),
            )
            for score, document, passages, had, count in _ROW.iter_unpack(page.rows)
        ]
    )


def _facets(facets: Sequence[tuple[str, Coded]], counts: bytes) -> dict[str, dict[str, int]]:
    numbers = iter(memoryview(counts).cast("q").tolist())
    return {
        name: {
            value: count
            for value, count in zip(coded.values, islice(numbers, len(coded.values)), strict=True)
            if count
        }
        for name, coded in facets
    }

"""A flat query answered in one call of a kernel that can."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from search_service.engines.base import Answer, Request
from search_service.engines.whoosh.conditions import LEVELS, Filters
from search_service.engines.whoosh.flat import Flat
from search_service.engines.whoosh.kernel import WholeKernel
from search_service.engines.whoosh.snapshot import Coded, Snapshot
from search_service.errors import QueryTooCostly, UnknownName

_ORDERS = {"relevance": 0, "-date": 1, "date": 2}


def answer(snapshot: Snapshot, kernel: WholeKernel, flat: Flat, request: Request) -> Answer:
    """Answer a request whose query is flat. Raises `QueryTooCostly` after the deadline."""
    filters, fixed, names = _filters(snapshot, request)
    facets = [(name, _coded(snapshot, name)) for name in request.facets]
    asked = (
        flat.clauses,
        flat.every,
        flat.words,
        request.group == "document",
        (request.offset, request.limit, request.passages),
        _ORDERS[request.sort],
        None if request.sort == "relevance" else snapshot.first_day,
        filters,
        fixed,
        [
            (
                coded.codes,
                LEVELS[name] == "document",
                names.index(name) if name in names else -1,
                len(coded.values),
            )
            for name, coded in facets
        ],
    )
    deadline = request.deadline or 0.0
    try:
        page = kernel.search(
            *asked, snapshot.document_ranks if snapshot.ranks_known else None, deadline
        )
        while page is None:
            page = kernel.search(*asked, snapshot.document_ranks, deadline)
    except TimeoutError as error:
        raise QueryTooCostly("the query took too long: ask for fewer or rarer words") from error
    found, documents, passages, all_words, word_documents, counts = page
    counted = _facets(facets, counts) if facets else {}
    return Answer(found, documents, passages, all_words, counted, word_documents)


def _filters(snapshot: Snapshot, request: Request) -> tuple[list[Any], Any, Sequence[str]]:
    """Conditions on facets, a mask of documents for the others, and the facets' names."""
    if not Filters.asked(request):
        return [], None, ()
    filters = Filters(snapshot, request)
    names = sorted(filters.names)
    conditions = [
        (snapshot.coded(name).codes, LEVELS[name] == "document", filters.table(name))
        for name in names
    ]
    return conditions, filters.fixed, names


def _coded(snapshot: Snapshot, name: str) -> Coded:
    if name not in LEVELS:
        raise UnknownName("facet", name, LEVELS)
    return snapshot.coded(name)


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

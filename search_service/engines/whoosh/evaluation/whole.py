"""A flat query answered in one call of a kernel that can."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from search_service.engines.base import Answer, Request
from search_service.engines.whoosh.evaluation.conditions import LEVELS, document_mask, facet_table
from search_service.engines.whoosh.evaluation.flat import Flat
from search_service.engines.whoosh.evaluation.kernel import WholeKernel
from search_service.engines.whoosh.snapshot import Coded, Snapshot
from search_service.engines.whoosh.store.arraytypes import Mask
from search_service.errors import QueryTooCostly, UnknownName
from search_service.making import maker

_answer = maker(Answer)

_LAST_DAY = 2**31 - 1
_ANY_DAY = None, None, 0, 0
_ORDERS = {"relevance": 0, "-date": 1, "date": 2}


def answer(snapshot: Snapshot, kernel: WholeKernel, flat: Flat, request: Request) -> Answer:
    """Answer a request whose query is flat. Raises `QueryTooCostly` after the deadline."""
    names = sorted(request.filters)
    facets = [(name, _coded(snapshot, name)) for name in request.facets] if request.facets else []
    asked = (
        flat.clauses,
        flat.every,
        flat.words,
        request.group == "document",
        (request.offset, request.limit, request.passages),
        _ORDERS[request.sort],
        None if request.sort == "relevance" else snapshot.first_day,
        [_condition(snapshot, name, request.filters[name]) for name in names] if names else [],
        None if request.document is None else document_mask(snapshot, (request.document,)),
        _span(snapshot, request),
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
    return _answer(found, documents, passages, all_words, counted, word_documents)


def _condition(snapshot: Snapshot, name: str, values: tuple[str, ...]) -> tuple[Any, bool, Mask]:
    """The codes of a facet, whether they are of documents, and which of them are asked for."""
    table = facet_table(snapshot, name, values)
    return snapshot.coded(name).codes, LEVELS[name] == "document", table


def _span(snapshot: Snapshot, request: Request) -> tuple[Any, Any, int, int]:
    """The days of documents, and those that they must meet; no days where any will do."""
    if request.first_day is None and request.last_day is None:
        return _ANY_DAY
    since = 0 if request.first_day is None else request.first_day
    until = _LAST_DAY if request.last_day is None else request.last_day
    return snapshot.first_day, snapshot.last_day, _day(since), _day(until)


def _day(day: int) -> int:
    """As a document's days are kept."""
    return max(-1, min(day, _LAST_DAY))


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

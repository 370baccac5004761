"""Flat queries: words, patterns and phrases, of which a passage has any or all.

Nearly all that people ask is of this shape. A kernel that can answers such a query in one call;
other trees are evaluated one step after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from whoosh import query as whoosh_query
from whoosh.query import CompoundQuery, Query

from search_service.engines.whoosh.evaluation.leaves import PATTERNS, Leaves, sources_of
from search_service.engines.whoosh.evaluation.phrases import PhrasePlans
from search_service.engines.whoosh.planning.plan import Plan
from search_service.engines.whoosh.weights import STOP_FACTOR, SURFACE_SHARE, Level
from search_service.nodes import Word, WordPhrase, Words
from search_service.schema import TEXT_FIELD

MAX_CLAUSES = 32
"""What was met of a query is kept in so many bits."""


class Kind(IntEnum):
    """What the units of a clause are worth."""

    WORD = 0
    """BM25 of what they have."""
    CONSTANT = 1
    """The clause's factor."""
    PHRASE = 2
    """BM25 of how often they have its words in order."""


class Role(IntEnum):
    """What a clause does."""

    ASKED = 0
    """It finds."""
    STOP_WORD = 1
    """It adds score where another clause has found something."""


class Clause(NamedTuple):
    """A word, pattern or phrase."""

    kind: Kind
    factor: float
    plans: tuple[Plan, ...]
    """One; of a phrase one for each word, field after field."""
    role: int = Role.ASKED
    chained: bool = False
    """A word of the text, whose nearness to the next one adds score."""
    field_factors: tuple[float, ...] = ()
    """Of a phrase: what it counts in each field."""
    reach: int = 0
    """Of a phrase: how many places a word is at most behind the one before."""
    surface: float | None = None
    """Of a word: what is added where it is written as it was asked, or folded to it."""


_WORD, _STOP_WORD = Kind.WORD, Role.STOP_WORD


class Flat(NamedTuple):
    """A query of nothing but clauses."""

    clauses: tuple[Clause, ...]
    every: bool
    """All clauses are asked for: of a passage, or of a document's plain words anywhere in it."""
    words: bool
    """They are plain words: any of them finds, and having more of them is worth more."""


def flatten(leaves: Leaves, query: Query) -> Flat | None:
    """The query as clauses, or None if it is a deeper tree."""
    if isinstance(query, Words):
        return _plain_words(leaves, query)
    every = type(query) is whoosh_query.And
    members = query if every or _is_plain_or(query) else None
    if isinstance(members, CompoundQuery):
        clauses = _clauses(leaves, members.subqueries, members.boost)
    else:
        clauses = _clauses(leaves, (query,), 1.0)
    return None if clauses is None else Flat(clauses, every, False)


def _is_plain_or(query: Query) -> bool:
    # Whoosh's subclasses mean something else.
    if not isinstance(query, whoosh_query.Or) or type(query) is not whoosh_query.Or:
        return False
    return query.minmatch <= 1 and not query.scale


def _plain_words(leaves: Leaves, query: Words) -> Flat | None:
    stops = [leaves.stops(part) for part in query.parts]
    asks = not all(stops)
    clauses = []
    surfaces = 0
    for part, stop in zip(query.parts, stops, strict=True):
        if type(part) is Word:
            plan = leaves.word_plan_in(part, sources_of(part.fieldname))
            if plan.of_documents:
                return None
            text = part.fieldname == TEXT_FIELD
            if text and not stop and plan.least < Level.FOLD:
                factor, surface = (1 - SURFACE_SHARE) * part.boost, SURFACE_SHARE * part.boost
                clause = Clause(_WORD, factor, (plan,), 0, text, (), 0, surface)
                surfaces += 1
            else:
                factor = part.boost * STOP_FACTOR if stop else part.boost
                clause = Clause(_WORD, factor, (plan,), 0, text)
        elif found := _clause(leaves, part, 1.0):
            clause = found
        else:
            return None
        clauses.append(clause._replace(role=_STOP_WORD) if stop and asks else clause)
    if not 0 < len(clauses) + surfaces <= MAX_CLAUSES:
        return None
    return Flat(tuple(clauses), query.every, True)


def _clauses(leaves: Leaves, nodes: Sequence[Query], factor: float) -> tuple[Clause, ...] | None:
    if not 0 < len(nodes) <= MAX_CLAUSES:
        return None
    clauses = []
    for node in nodes:
        clause = _clause(leaves, node, factor)
        if clause is None:
            return None
        clauses.append(clause)
    return tuple(clauses)


def _clause(leaves: Leaves, node: Query, outer: float) -> Clause | None:
    if type(node) is Word or type(node) is whoosh_query.Term:
        planned = leaves.leaf_plan(node, outer)
        if planned is None:
            return None
        chained = type(node) is Word and node.fieldname == TEXT_FIELD
        return Clause(_WORD, planned[1], (planned[0],), 0, chained)
    factor = outer * getattr(node, "boost", 1.0)
    if type(node) is WordPhrase:
        fields, reach = leaves.word_phrase_plans(node) if node.words else ([], 0)
        return _phrase(fields, reach, factor)
    if type(node) is whoosh_query.Phrase:
        fields, reach = leaves.phrase_plans(node) if node.words else ([], 0)
        return _phrase(fields, reach, factor)
    if isinstance(node, PATTERNS) and type(node) in PATTERNS:
        plan = leaves.pattern_plan(node)
        if not plan.of_documents:
            return Clause(Kind.CONSTANT if node.constantscore else _WORD, factor, (plan,))
    return None


def _phrase(fields: Sequence[PhrasePlans], reach: int, factor: float) -> Clause | None:
    if not fields or fields[0][0][0].of_documents:
        return None
    plans: list[Plan] = []
    factors = []
    for there, worth in fields:
        plans += there
        factors.append(float(worth))
    return Clause(Kind.PHRASE, factor, tuple(plans), 0, False, tuple(factors), reach)

"""How a query is to be read, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from whoosh.query import Query

from search_service.languages.base import Form
from search_service.model import Rung


class Synonyms(Protocol):
    """The owner's further spellings of a word."""

    def of(self, word: str) -> tuple[Form, ...]:
        """Forms that are to be found for a word as well; none for most."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a query is to be read."""

    languages: tuple[str, ...]
    """Those that the index holds, the commonest first."""
    match: Rung = Rung.TRANSLIT
    """How far down the match ladder an unquoted word goes, SIMILAR not among them."""
    every: bool = False
    """`op=and`: all plain words are asked for."""
    synonyms: Synonyms | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a query asks for, by its words."""

    text: str
    """For people: as typed, without the punctuation around it."""
    query: Query
    typed: str = ""
    """As it stands in the normalised query, to be replaced there; empty for a group."""
    exact_phrase: bool = False
    """Whether it is a phrase in quotation marks, met only as it is written."""


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as the engine takes it, and what its reader should know."""

    text: str
    tree: Query
    parts: tuple[Part, ...] = ()
    """What it asks for, in order; the parts of the tree's `Words` node where it has one."""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet -> values, from `lang:az` and its like."""
    first_day: date | None = None
    last_day: date | None = None
    notes: tuple[str, ...] = ()
    """Codes of what was ignored or read differently: `quote_unbalanced` ..."""

"""The nodes that our query trees have beside Whoosh's own.

A tree is made of Whoosh's query classes (`And`, `Or`, `Not`, `AndMaybe`, `DisjunctionMax`,
`Prefix`, `FuzzyTerm`, `Term`, `NumericRange`, `Every` ...) and of these. `query` builds it, an
engine evaluates it, `highlight` reads its words.
"""

from __future__ import annotations

from dataclasses import dataclass

from whoosh.query import Every, NullQuery, Query

from search_service.languages.base import Form
from search_service.model import Rung

__all__ = ["EVERYTHING", "NOTHING", "Query", "Word", "WordPhrase", "Words"]

EVERYTHING: Query = Every()  # type: ignore[no-untyped-call]  # Whoosh has no types
NOTHING: Query = NullQuery


@dataclass(frozen=True)
class Word(Query):
    """One word of the query with its ladder: it meets a form of the text at the best rung."""

    fieldname: str
    text: str
    """As typed."""
    readings: tuple[tuple[str, Form], ...]
    """How each language that the index holds reads it: (language code, form)."""
    rung: Rung = Rung.TRANSLIT
    """The deepest rung that decides a match; EXACT in quotes."""
    similar: bool = True
    """Whether words with the same first letters add score."""
    synonyms: tuple[Form, ...] = ()
    """Further forms from the owner's file; they count as TRANSLIT."""
    boost: float = 1.0

    def __str__(self) -> str:
        return f"{self.fieldname}:{self.text}"


@dataclass(frozen=True)
class Words(Query):
    """The plain words of a query: any of them finds, all of them are preferred.

    With `every`, a document (or, ungrouped, a passage) must have them all; stop words are asked
    of nobody. Its parts are `Word`, `WordPhrase` or any other node.
    """

    parts: tuple[Query, ...]
    every: bool = False

    def __str__(self) -> str:
        return f"({(' + ' if self.every else ' ').join(map(str, self.parts))})"


@dataclass(frozen=True)
class WordPhrase(Query):
    """Words in this order, at most `slop` further apart than written (0: adjacent)."""

    words: tuple[Word, ...]
    slop: int = 0
    boost: float = 1.0
    synonym: bool = False
    """Not what was typed but the same day written otherwise: its marks say so."""

    def __str__(self) -> str:
        near = f"~{self.slop}" if self.slop else ""
        return f'"{" ".join(word.text for word in self.words)}"{near}'

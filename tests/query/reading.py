"""What is typed, as it is read; and what a tree has of it."""

from __future__ import annotations

from whoosh.query import (
    Query,
)

from search_service.nodes import Word, WordPhrase, Words
from search_service.query.parsed import Options, ParsedQuery
from search_service.query.parsing import parse

LANGUAGES = ("en", "az", "ru", "und")


def read(text: str, **options: object) -> ParsedQuery:
    return parse(text, Options(LANGUAGES, **options))  # type: ignore[arg-type]


def words(query: Query) -> list[str]:
    """The words of a node, in order."""
    match query:
        case Word(text=text):
            return [text]
        case WordPhrase(words=found):
            return [word.text for word in found]
        case Words(parts=parts):
            return [text for part in parts for text in words(part)]
        case _:
            return [text for child in query.children() for text in words(child)]


def only(text: str, **options: object) -> Query:
    """The one part of a query."""
    (part,) = read(text, **options).parts
    return part.query

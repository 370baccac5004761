"""The leaves of a query tree that a hit may owe its place to, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator

from whoosh.query import AndNot, FuzzyTerm, Not, Prefix, Query

from search_service.nodes import Word, WordPhrase, Words


def leaves(query: Query) -> Iterator[Query]:
    """The leaves that a hit may owe its place to: those under NOT are left out."""
    match query:
        case Not():
            return
        case AndNot():
            yield from leaves(query.a)
        case Words(parts=parts):
            for part in parts:
                yield from leaves(part)
        case Word() | WordPhrase() | Prefix() | FuzzyTerm():
            yield query
        case _:
            for child in query.children():
                yield from leaves(child)


def names(query: Query) -> set[str]:
    """The `word`s of the matches that a query makes."""
    return {name(node) for node in leaves(query)}


def name(node: Query) -> str:
    """What a leaf is called in its matches: as it may be typed."""
    match node:
        case Word(text=text):
            return text
        case WordPhrase(words=words):
            return " ".join(word.text for word in words)
        case FuzzyTerm():
            return f"{node.text}~{node.maxdist}"
        case Prefix():
            return f"{node.text}*"
        case _:
            return str(node)

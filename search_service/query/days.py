"""Days that a query names, and how else they are written."""

from __future__ import annotations

from whoosh.query import Query

from search_service.languages import datewords
from search_service.model import Rung
from search_service.nodes import WordPhrase
from search_service.query import syntax
from search_service.query.syntax import Sign
from search_service.query.words import WordReader
from search_service.schema import TEXT_FIELD


def days(reader: WordReader, items: list[tuple[Sign, syntax.Item]]) -> dict[int, list[Query]]:
    """Places of the items that name a day -> how else that day is written.

    The words of one day share their nodes, so that an engine looks for them once.
    """
    found: dict[int, list[Query]] = {}
    text = ""
    spans: list[tuple[int, int]] = []
    for place, (sign, item) in enumerate(items):
        if sign is Sign.PLAIN and isinstance(item, syntax.Chunk):
            spans.append((place, len(text)))
            text += f"{item.text} "
        else:
            text += "\n"
    for day in datewords.dates_in(text):
        inside = [place for place, start in spans if day.start <= start < day.end]
        typed = text[day.start : day.end].casefold().split()
        others: list[Query] = [
            _spelling(reader, words)
            for words in datewords.spellings(day.day, day.month, day.year)
            if list(words) != typed
        ]
        found |= dict.fromkeys(inside, others)
    return found


def _spelling(reader: WordReader, words: tuple[str, ...]) -> WordPhrase:
    """A day in other words; their cases are left to stems."""
    return WordPhrase(
        tuple(reader.word(word, reader.languages, TEXT_FIELD, Rung.STEM) for word in words),
        synonym=True,
    )

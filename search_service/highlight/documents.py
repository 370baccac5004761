"""The marks of a whole document, its headings and its title too."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from search_service.highlight.marking import Marker, Vocabulary
from search_service.languages import LANGUAGES, UNDETERMINED
from search_service.model import BlockKind, Document, Match
from search_service.nodes import Query
from search_service.schema import TEXT_FIELD, TITLE_FIELD


def mark_document(
    query: Query, document: Document, vocabulary: Vocabulary | None = None
) -> Iterator[tuple[int, Match]]:
    """The marks of a whole document: (ordinal of the passage, match), in reading order.

    `vocabulary` is that of the index the document is from.

    A heading's marks belong to the first passage that follows it, as its words do in an index.
    """
    marker = Marker(query, vocabulary=vocabulary)
    titled = Marker(query, (TEXT_FIELD, TITLE_FIELD), vocabulary)
    usual = document.languages[0] if document.languages else UNDETERMINED
    title = " ".join(document.title.split())
    starts = [passage.start for passage in document.passages]
    found: dict[int, tuple[int, Match]] = {}
    for block in document.blocks if starts else ():
        if block.kind is not BlockKind.HEADING:
            continue
        text = document.text[block.start : block.end]
        language = block.language if block.language in LANGUAGES else usual
        # What is asked of titles is no question to the headings below.
        asked = titled if " ".join(text.split()) == title else marker
        ordinal = min(bisect_left(starts, block.start), len(starts) - 1)
        marked = asked.mark(text, language, document.languages)
        for match in asked.matches(marked, block.start):
            found[match.start] = ordinal, match
    for passage in document.passages:
        text = document.text[passage.start : passage.end]
        marked = marker.mark(text, passage.language, document.languages)
        for match in marker.matches(marked, passage.start):
            found.setdefault(match.start, (passage.ordinal, match))
    yield from sorted(found.values(), key=lambda entry: entry[1].start)


def mark_title(
    query: Query, document: Document, vocabulary: Vocabulary | None = None
) -> tuple[Match, ...]:
    """The marks of a document's title, in places of the title."""
    marker = Marker(query, (TEXT_FIELD, TITLE_FIELD), vocabulary)
    language = document.languages[0] if document.languages else UNDETERMINED
    return marker.matches(marker.mark(document.title, language, document.languages))

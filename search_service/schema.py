"""What is stored and searched: the fields, filters and facets as tables, and their version.

Adding a facet is one line in `FACETS`; when something new is stored for it, `SCHEMA_VERSION`
rises, and the next run builds the index anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from whoosh.fields import Schema

    from search_service.model import Document

SCHEMA_VERSION = 1

TEXT_FIELD = "text"
"""The words of a passage."""
CONTEXT_FIELD = "context"
"""The words of its document's title, its heading path and its lead-in: they rank it and match."""
TITLE_FIELD = "title"
"""The words of its document's title alone, for `title:`."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A property by which hits are counted and filtered."""

    name: str
    """As the API names it."""
    parameter: str
    """The request parameter that filters by it."""
    level: Literal["passage", "document"]
    label: str


FACETS = (
    Facet("language", "lang", "passage", "Language"),
    Facet("year", "year", "document", "Year of publication"),
    Facet("source", "source", "document", "Source"),
    Facet("author", "author", "document", "Author"),
    Facet("folder", "folder", "document", "Folder"),
    Facet("format", "format", "document", "Format"),
)

UNDATED = "undated"
"""The value of the `year` facet for documents without a date."""


def facet_value(document: Document, name: str) -> str | None:
    """The document's value of a facet: computed, or of the metadata of that name."""
    metadata = document.metadata
    match name:
        case "year":
            return metadata.date.value.text[:4] if metadata.date else UNDATED
        case "folder":
            return document.path.rpartition("/")[0]
        case "format":
            return document.format
    sourced = getattr(metadata, name, None) or metadata.extra.get(name)
    return str(sourced.value) if sourced else None


def whoosh_schema() -> Schema:
    """The index's schema as Whoosh sees it: one Whoosh document is one passage.

    Its analyser serves other programs' query parsers: every word is indexed, stop words too.
    """
    # A run that finds one changed file needs none of it.
    from whoosh.analysis import LowercaseFilter, RegexTokenizer
    from whoosh.fields import ID, NUMERIC, TEXT, Schema

    words = RegexTokenizer() | LowercaseFilter()
    return Schema(
        document=ID(stored=True),
        anchor=ID(stored=True),
        language=ID(stored=True),
        source=ID(stored=True),
        author=ID(stored=True),
        folder=ID(stored=True),
        format=ID(stored=True),
        year=ID(stored=True),
        date=NUMERIC(numtype=int, bits=32, signed=True, stored=True),
        text=TEXT(analyzer=words, phrase=True, stored=True),
        context=TEXT(analyzer=words, phrase=True, stored=False),
        title=TEXT(analyzer=words, phrase=True, stored=True),
    )

"""The nouns of the service: documents, passages, and what a search answers. All frozen.

Offsets are code points into `Document.text`, `start` included and `end` not, so that
`document.text[passage.start : passage.end]` is the passage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A value and where it came from, in words: "text, line 5", "front matter", "metadata.csv"."""

    value: T
    where: str


@dataclass(frozen=True, slots=True, order=True)
class PublicationDate:
    """A date as it was written, in ISO 8601 and no more precise than that.

    `text` is one of `2020`, `2020-11`, `2020-11-08`, `2022-11-08T10:23`, `2022-11-08T10:23+04:00`.
    """

    text: str

    @property
    def first_day(self) -> date:
        """The first day it may mean: 2020-11 is 2020-11-01."""
        year, month, day = [*(int(part) for part in self.text[:10].split("-")), 1, 1][:3]
        return date(year, month, day)

    @property
    def last_day(self) -> date:
        """The last day it may mean: 2020-11 is 2020-11-30."""
        first = self.first_day
        match len(self.text[:10].split("-")):
            case 1:
                return date(first.year, 12, 31)
            case 2 if first.month == 12:
                return date(first.year, 12, 31)
            case 2:
                return date(first.year, first.month + 1, 1) - timedelta(days=1)
            case _:
                return first

    @property
    def moment(self) -> datetime | None:
        """The moment, where the time of day was written too; aware if its zone was."""
        return datetime.fromisoformat(self.text) if "T" in self.text else None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a document, each value with where it came from; unknown is None."""

    title: Sourced[str] | None = None
    author: Sourced[str] | None = None
    date: Sourced[PublicationDate] | None = None
    source: Sourced[str] | None = None
    section: Sourced[str] | None = None
    url: Sourced[str] | None = None
    language: Sourced[str] | None = None
    """The language declared by the file or its owner, an ISO 639-1 code."""
    identifier: Sourced[str] | None = None
    """An id declared by the file or its owner: it then is the document's id."""
    extra: Mapping[str, Sourced[str]] = field(default_factory=dict)


class BlockKind(StrEnum):
    """What a stretch of text is, as far as its format tells."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    QUOTE = "quote"
    VERSE = "verse"
    CODE = "code"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item ... of a document's text; blocks never overlap."""

    start: int
    end: int
    kind: BlockKind
    level: int = 0
    """Of a heading 1 to 6; of an item its depth, from 1; otherwise 0."""
    language: str | None = None
    """Declared by the file (HTML's `lang`), an ISO 639-1 code."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a format reads out of one file, or out of one row of a file of many documents."""

    text: str
    """NFC, lines ended by \\n; a hyphen at a PDF's line end is already joined."""
    blocks: tuple[Block, ...]
    """In order, without overlap; what lies between them is white space."""
    metadata: Metadata
    key: str = ""
    """The row's id within its file; empty where the file is the document."""
    page_starts: tuple[int, ...] = ()
    """Where each page begins, the first at 0; empty where the format has no pages."""
    warnings: tuple[str, ...] = ()
    """What its owner should know: "page 3 has no text", "decoded as windows-1254"."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of search: a slice of its document's text."""

    ordinal: int
    """Its place among the document's passages, from 0."""
    start: int
    end: int
    language: str
    """An ISO 639-1 code, or `und`."""
    anchor: str
    """Names its first sentence: the passage's permanent link. Unique in the document."""
    headings: tuple[tuple[int, int], ...] = ()
    """The heading path, outermost first, as slices of the text. They are not in the passage."""
    lead_in: tuple[int, int] | None = None
    """The sentence that introduces the list this passage is an item of, as a slice."""
    page: int | None = None
    """From 1; None where the format has no pages."""
    signature: int = 0
    """Near-duplicates have like signatures: a 64-bit MinHash or SimHash."""


@dataclass(frozen=True, slots=True)
class Document:
    """The unit of reading: a whole text, its metadata and its passages."""

    id: str
    path: str
    """Relative to the corpus, with `/`; a row's document has its file's."""
    key: str
    format: str
    text: str
    metadata: Metadata
    blocks: tuple[Block, ...]
    passages: tuple[Passage, ...]
    languages: tuple[str, ...]
    """Those of its passages, the commonest first."""
    page_starts: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    stale: bool = False
    """Its file could not be read at the last run; this is its last good version."""

    @property
    def title(self) -> str:
        """Its title, or else its file's name."""
        return self.metadata.title.value if self.metadata.title else self.path.rsplit("/", 1)[-1]


class Rung(IntEnum):
    """How a word of the text meets a word of the query: the rungs of the match ladder.

    The first four decide what matches, down to the query's `match`; SIMILAR only adds score and
    further hits that are marked as such.
    """

    EXACT = 0
    FOLD = 1
    STEM = 2
    TRANSLIT = 3
    SIMILAR = 4


class Match(NamedTuple):
    """One marked word or phrase, in code points of the document's text.

    A tuple, as a snippet is, because compiled code makes many of them.
    """

    start: int
    end: int
    rung: Rung
    form: str
    """The word as the text has it."""
    word: str
    """The word of the query it answers."""
    synonym: bool = False
    """Met through the owner's synonyms, or as a date written otherwise."""


class Snippet(NamedTuple):
    """A passage prepared for showing: safe HTML, and the same marks as numbers."""

    html: str
    """Escaped text with `<mark>` and `<mark class="...">` for the lower rungs."""
    start: int
    end: int
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage that was found."""

    passage: Passage
    score: float
    snippet: Snippet
    context: tuple[Snippet, ...] = ()
    """Its heading path, with marks, outermost first."""
    lead_in: Snippet | None = None
    """The sentence that introduces the list it is an item of, with marks."""
    similar_only: bool = False
    """It was met by similar words alone, so it is not counted in the totals."""
    duplicates: tuple[tuple[str, str], ...] = ()
    """Document id and anchor of near-duplicates that were grouped under this one."""


@dataclass(frozen=True, slots=True)
class DocumentHit:
    """A document that was found, with the passages that answer; one passage if `group=none`."""

    document: Document
    """Without text, blocks and passages: those are fetched when it is opened."""
    score: float
    passages: tuple[PassageHit, ...]
    passages_found: int
    """How many of its passages match; at most three are shown."""
    missing: tuple[str, ...] = ()
    """Words of the query that it does not have."""
    title: Snippet | None = None
    """Its title with marks; the numbers are places in the title."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet with the number of matching documents."""

    value: str
    label: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another spelling that this index has and that finds more, worded neutrally.

    Or, with a rung, a phrase that stands nowhere as it is quoted, met that far down the ladder.
    """

    query: str
    """The whole query with it, to be searched with `match` at `rung` where there is one."""
    word: str
    documents: int
    """How many documents the other spelling, or the phrase, alone finds."""
    rung: Rung | None = None


@dataclass(frozen=True, slots=True)
class WordReport:
    """How one word of the query was met in this index."""

    word: str
    documents: int
    """How many documents it alone would find."""
    forms: tuple[tuple[str, Rung, int], ...] = ()
    """Other forms met in the hits shown, with their rung and number of passages."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A filter without which something would be found, when nothing is."""

    name: str
    """A facet, `date` or `document`."""
    values: tuple[str, ...]
    documents: int
    """How many documents are found without this filter, the others in force."""


@dataclass(frozen=True, slots=True)
class Similar:
    """How much is found by similar words alone, where nothing else is."""

    documents: int
    passages: int
    whole: bool
    """Whether these are all that there are; else there are more."""


@dataclass(frozen=True, slots=True)
class Results:
    """What one search answers."""

    query: str
    hits: tuple[DocumentHit, ...]
    total_documents: int
    total_passages: int
    total_all_words: int
    """Documents that have every word: what `op=and` would find."""
    exact_totals: bool
    limit: int
    offset: int
    generation: str
    took_ms: float
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()
    words: tuple[WordReport, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    """When nothing is found: the filters that stand in the way."""
    similar: Similar | None = None
    """When nothing else is found: how much is, by similar words alone. Facets then count these."""
    notes: tuple[str, ...] = ()
    """Codes of what the reader should know: "phrase_not_exact", "limit_clamped" ..."""

    def reach(self, *, by_passage: bool) -> int:
        """How many hits there are to be paged through, those that are only similar among them."""
        if self.similar is not None:
            return self.similar.passages if by_passage else self.similar.documents
        return self.total_passages if by_passage else self.total_documents

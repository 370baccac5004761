"""What an engine does: it stores analysed documents and evaluates query trees.

Analysis, query parsing and highlighting are not an engine's business, so that every engine
finds, ranks and marks alike. `tests/test_engines.py` is the contract that each must pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from search_service.model import Block, Document, Passage, Rung

if TYPE_CHECKING:  # What writes an index asks nothing: it need not wait for Whoosh.
    from whoosh.query import Query

    from search_service.nodes import Word


@dataclass(frozen=True, slots=True)
class Request:
    """One question to an engine."""

    query: Query
    """What finds and ranks; `Every()` for browsing."""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet name -> values of which a hit has one; several facets must all hold."""
    first_day: int | None = None
    """Publication date from, as a proleptic ordinal day; a document's whole span is compared."""
    last_day: int | None = None
    document: str | None = None
    """Only this document."""
    group: Literal["document", "passage"] = "document"
    sort: Literal["relevance", "date", "-date"] = "relevance"
    """By publication date the undated come last; ties by place in the index."""
    limit: int = 10
    offset: int = 0
    passages: int = 3
    """How many passages of each document are wanted."""
    facets: tuple[str, ...] = ()
    """Names from `schema.FACETS`. A facet's counts ignore the filter on itself."""
    deadline: float | None = None
    """`time.monotonic()` after which `QueryTooCostly` is raised."""


class FoundPassage(NamedTuple):
    """A passage that was found, by its place among its document's passages."""

    ordinal: int
    score: float
    similar_only: bool = False
    signature: int = 0
    """Near-duplicates have like ones; 0 is like no other."""


class Found(NamedTuple):
    """A document that was found (with `group="passage"`, once for each passage)."""

    document_id: str
    score: float
    passages: tuple[FoundPassage, ...]
    """The best ones, in reading order."""
    passages_found: int
    missing: tuple[int, ...] = ()
    """Which parts of the tree's `Words` node it has nowhere, stop words left out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine answers. Totals count before paging and leave out what is similar only."""

    found: tuple[Found, ...]
    total_documents: int
    total_passages: int
    total_all_words: int
    """Documents (passages if so grouped) that have every word of the tree's `Words` node."""
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Facet -> value -> number of matching documents."""
    word_documents: tuple[int, ...] = ()
    """For each part of the `Words` node, how many documents it alone finds under the filters."""


class FormMeeting(NamedTuple):
    """A form of the vocabulary that meets a word by a rung that decides."""

    word: int
    """The word's place among those asked about."""
    rung: Rung
    """The best by which it does."""
    folded: str
    exact: str
    language: str


class Reader(Protocol):
    """One generation, open for reading; safe to share between threads."""

    document_count: int
    passage_count: int

    def search(self, request: Request) -> Answer:
        """Answer a question. Raises `QueryTooCostly`, and `InvalidValue` for unknown nodes."""

    def document(self, document_id: str) -> Document | None:
        """The whole document, or None."""

    def summary(self, document_id: str) -> Document | None:
        """The document without its text, blocks and passages: cheap, for lists of hits."""

    def summaries(self) -> Iterator[Document]:
        """All documents in order of path, each as `summary` gives it."""

    def passages(self, document_id: str, ordinals: Sequence[int]) -> list[tuple[Passage, str]]:
        """Passages of a document with their text, without reading the rest of it."""

    def slices(self, document_id: str, spans: Sequence[tuple[int, int]]) -> list[str]:
        """Slices of a document's text (headings, lead-ins), without reading the rest of it."""

    def blocks(self, document_id: str, span: tuple[int, int]) -> tuple[Block, ...]:
        """The blocks of a document that a slice of its text lies in, without reading the text."""

    def languages(self) -> Mapping[str, int]:
        """Language -> number of live passages."""

    def forms(self, folded_prefix: str, limit: int) -> list[tuple[str, str, int]]:
        """(form, language, passages) whose folded form begins so, the commonest first."""

    def forms_sounding(self, key_prefixes: Sequence[str], limit: int) -> list[tuple[str, str, int]]:
        """(form, language, passages) with a translit key that begins so, the commonest first."""

    def forms_meeting(self, words: Sequence[Word]) -> Iterable[FormMeeting]:
        """The forms that meet these words by a rung that decides, perhaps twice: no other does."""

    def spellings(self, folded: str, limit: int) -> list[tuple[str, str, int]]:
        """(form, language, passages) at most two edits away, the likeliest first."""

    def duplicates(self, document_id: str, ordinal: int) -> list[tuple[str, int]]:
        """(document id, ordinal) of near-duplicates of this passage, by their signatures."""

    def close(self) -> None:
        """Give the files back."""


class Writer(Protocol):
    """Fills one new generation; nothing is visible before it is published."""

    def add(self, prepared: bytes) -> None:
        """Add a document that `Engine.prepare` made; one of the same id is replaced."""

    def delete(self, document_id: str) -> bool:
        """Leave a document out; whether it was there."""

    def commit(self, *, merge_large: bool = False, purge: bool = False) -> Mapping[str, object]:
        """Write everything, and merge what is small; with `merge_large` whatever is due.

        With `purge`, nothing of what was ever deleted is left in the files. Returns JSON: `files`
        of the whole generation, name -> (size, SHA-256), `merge_due` when `merge_large` would
        find something to do, `documents` and `passages`.
        """

    def abort(self) -> None:
        """Leave without a trace but for files in the generation's own folder."""


class Engine(Protocol):
    """A kind of index. Its file in this folder makes one, and the table in `__init__` names it."""

    name: str

    def ready(self) -> None:
        """Do what `writer` would have to do first, whoever writes: import what it needs."""

    def prepare(self, document: Document) -> bytes:
        """Analyse a document for `Writer.add`: the costly part, done in worker processes."""

    def writer(
        self, directory: Path, previous: Path | None, without: frozenset[str] = frozenset()
    ) -> Writer:
        """A writer into `directory`, going on from the generation in `previous`.

        What needs its damaged files `without` is not taken over; nor is it in `reader`, which
        therefore tells what is missing.
        """

    def reader(self, directory: Path, without: frozenset[str] = frozenset()) -> Reader:
        """Open a published generation, and leave aside what needs the damaged files `without`.

        Raises `IndexDamaged`, also where nothing can be told without them.
        """

    def fingerprint(self) -> str:
        """Changes when stored forms would: another means that the index is built anew."""

    def files(self, directory: Path) -> Iterable[Path]:
        """The engine's files of a generation, for the manifest."""

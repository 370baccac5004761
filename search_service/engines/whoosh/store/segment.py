"""A segment as it lies in memory: arrays over a number of documents and their passages.

A segment never changes once written. Documents are deleted by a bit that each generation keeps for
itself, so `live_documents` and `live` belong to a segment as one generation sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.arrays import ArrayFile
from search_service.engines.whoosh.store.catalogue import Catalogue
from search_service.engines.whoosh.store.lookup import Lookup
from search_service.engines.whoosh.store.postings import FieldPostings
from search_service.engines.whoosh.store.vocabulary import Strings, Vocabulary
from search_service.errors import IndexDamaged
from search_service.schema import CONTEXT_FIELD, FACETS, TEXT_FIELD, TITLE_FIELD

FORMAT = 1
"""Rises when the layout of the files changes; another one is refused."""

WORDS_SUFFIX = ".words"
TEXTS_SUFFIX = ".texts"


class Segment:
    """One segment, D documents and P passages, numbered from 0 in the same order.

    The passages of a document are neighbours and in reading order. Arrays are read-only views of
    the mapped files; they may be shared between threads and, after a fork, between processes.
    """

    def __init__(self, folder: Path, name: str, deleted: NDArray[np.bool_] | None = None) -> None:
        """Open a segment; `deleted` is bool[D]. Raises `IndexDamaged`."""
        self.name = name
        """Unique among all segments ever made."""
        file = ArrayFile.open(folder / f"{name}{WORDS_SUFFIX}")
        if file.meta.get("format") != FORMAT:
            raise IndexDamaged(
                f"{file.name} has format {file.meta.get('format')}, not {FORMAT}: "
                "run the index command to build the index anew"
            )
        self._file = file
        self._folder = folder
        self.document_count: int = file.meta["documents"]
        self.passage_count: int = file.meta["passages"]
        self.languages: tuple[str, ...] = tuple(file.meta["languages"])
        """Language codes of passages."""
        self.passage_document: NDArray[np.int32] = file.array("passage.document")
        """int32[P]: the document of each passage."""
        self.document_passages: NDArray[np.int32] = file.array("document.passages")
        """int32[D+1]: the passages of document d are [document_passages[d], [d+1])."""
        self.passage_length: NDArray[np.int32] = file.array("passage.length")
        """int32[P]: words in the `text` field."""
        self.passage_language: NDArray[np.uint8] = file.array("passage.language")
        """uint8[P]: index into `languages`."""
        self.signature: NDArray[np.uint64] = file.array("passage.signature")
        """uint64[P]: see `search_service.near`."""
        self.first_day: NDArray[np.int32] = file.array("document.first_day")
        """int32[D]: proleptic ordinal of the first day its date may mean; 0 undated."""
        self.last_day: NDArray[np.int32] = file.array("document.last_day")
        """int32[D]: of the last day; 0 undated."""
        self.vocabulary = Vocabulary(file)
        """The rows of all three fields."""
        self.fields: dict[str, FieldPostings] = {
            field: FieldPostings(file, field, self.vocabulary)
            for field in (TEXT_FIELD, CONTEXT_FIELD, TITLE_FIELD)
        }
        """`text` and `context` have passages as units, `title` documents."""
        self.ids = Strings(file, "document.id")
        """Of documents, by number."""
        self._id_order = file.bytes("document.id_order").cast("i")
        self.live_documents: NDArray[np.bool_] | None = None
        """bool[D], or None when no document is deleted."""
        self.live: NDArray[np.bool_] | None = None
        """bool[P], or None when no document is deleted."""
        if deleted is not None and deleted.any():
            self.live_documents = ~deleted
            self.live = np.repeat(self.live_documents, np.diff(self.document_passages))

    @cached_property
    def passage_ordinal(self) -> NDArray[np.int32]:
        """int32[P]: the place of each passage among its document's, from 0."""
        first = self.document_passages[self.passage_document]
        return np.arange(self.passage_count, dtype=np.int32) - first

    @cached_property
    def document_length(self) -> NDArray[np.int32]:
        """int32[D]: words in the `text` field of all passages of a document."""
        ends = np.concatenate(([0], np.cumsum(self.passage_length, dtype=np.int64)))
        return np.diff(ends[self.document_passages]).astype(np.int32)

    @cached_property
    def live_document_count(self) -> int:
        """How many documents are not deleted."""
        if self.live_documents is None:
            return self.document_count
        return int(np.count_nonzero(self.live_documents))

    @cached_property
    def live_passage_count(self) -> int:
        """How many passages are not deleted."""
        return self.passage_count if self.live is None else int(np.count_nonzero(self.live))

    def facet(self, name: str) -> tuple[NDArray[np.int32] | NDArray[np.uint8], tuple[str, ...]]:
        """(codes, values) of a facet: code c of a unit stands for values[c], -1 for no value.

        Codes are int32[D] for a document's facet; for `language` they are uint8[P] by passage.
        `year` has the value `schema.UNDATED`, and `folder` the empty string for the corpus itself.
        """
        if name == "language":
            return self.passage_language, self.languages
        if all(facet.name != name for facet in FACETS):
            raise KeyError(name)
        return self._file.array(f"facet.{name}"), tuple(self._file.meta["facets"][name])

    def document_id(self, document: int) -> str:
        """The id of a document by its number."""
        return self.ids.text(document)

    def document_numbers(self, document_id: str) -> Iterator[int]:
        """The numbers of the documents of this id, deleted or not.

        There are several where one run has written a document more than once before the segment
        was full: all but one of them are deleted.
        """
        key = document_id.encode()
        order = self._id_order
        low = self._id_lookup.lower_bound(key, 0, self.document_count)
        while low < self.document_count and self.ids[order[low]] == key:
            yield order[low]
            low += 1

    @cached_property
    def _id_lookup(self) -> Lookup:
        return Lookup(self.document_count, lambda place: self.ids[self._id_order[place]])

    def in_id_order(self) -> Iterator[int]:
        """The numbers of all documents, deleted or not, by their ids."""
        return iter(self._id_order)

    def live_document_number(self, document_id: str) -> int | None:
        """The number of a document that is here and not deleted, or None."""
        live = self.live_documents
        for number in self.document_numbers(document_id):
            if live is None or live[number]:
                return number
        return None

    @cached_property
    def id_rank(self) -> NDArray[np.int32]:
        """int32[D]: the place of each document's id among the sorted ids of this segment."""
        rank = np.empty(self.document_count, np.int32)
        rank[np.frombuffer(self._id_order, np.int32)] = np.arange(self.document_count)
        return rank

    @cached_property
    def catalogue(self) -> Catalogue:
        """Texts, metadata and the places of passages; opened when first asked for."""
        texts = ArrayFile.open(self._folder / f"{self.name}{TEXTS_SUFFIX}")
        return Catalogue(texts, self._file, self.languages)

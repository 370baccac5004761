"""Builds one segment from prepared documents, in memory that it can tell."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayWriter
from search_service.engines.whoosh.store.postings import PostingsWriter
from search_service.engines.whoosh.store.segment import TEXTS_SUFFIX, WORDS_SUFFIX
from search_service.engines.whoosh.writing.collected import Collected
from search_service.engines.whoosh.writing.columns import Texts, Written, write_words, written
from search_service.engines.whoosh.writing.formtable import open_forms
from search_service.engines.whoosh.writing.inversion import invert
from search_service.engines.whoosh.writing.packing import COMPILED
from search_service.engines.whoosh.writing.prepared import GAP, Column, Prepared
from search_service.schema import CONTEXT_FIELD, TEXT_FIELD, TITLE_FIELD

# What one element costs until the segment is written. A word is 4 bytes, in room for an eighth
# more; its posting and position are 10, those of a sort in Python with the columns it makes 40.
_WORD_BYTES = 14 if COMPILED else 44
_PASSAGE_BYTES = 150
_DOCUMENT_BYTES = 1000


class SegmentBuilder:
    """Takes prepared documents; `close` writes the segment's two files."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._folder = folder
        self._texts = Texts(folder / f"{name}{TEXTS_SUFFIX}")
        self._columns = Collected()
        self._forms = open_forms()
        # Bytes that grow in their place: pieces would have to be joined, and so be there twice.
        self._words: dict[str, bytearray] = defaultdict(bytearray)
        self._title_counts: list[int] = []
        self._word_count = 0
        self._record_bytes = 0
        self.passage_count = 0

    @property
    def document_count(self) -> int:
        """Documents added so far: the number of the next one."""
        return len(self._columns.ids)

    @property
    def memory(self) -> int:
        """About how many bytes are needed until the segment is written."""
        return (
            self._word_count * _WORD_BYTES
            + self._forms.memory()
            + self.passage_count * _PASSAGE_BYTES
            + self.document_count * _DOCUMENT_BYTES
            + self._record_bytes
        )

    def add(self, prepared: Prepared) -> int:
        """Take a document; returns its number in the segment."""
        numbers = self._forms.take(prepared.hashes, prepared.forms)
        forms = np.append(numbers, np.uint32(GAP))
        words = forms[prepared.words]
        table = prepared.passages
        text_end = int(table[:, Column.WORDS].sum())
        context_end = text_end + int(table[:, Column.CONTEXT_WORDS].sum())
        self._words[TEXT_FIELD] += words[:text_end].data
        self._words[CONTEXT_FIELD] += words[text_end:context_end].data
        self._words[TITLE_FIELD] += words[context_end:].data
        self._title_counts.append(len(words) - context_end)
        self._word_count += len(words)
        self._columns.add(prepared)
        self._texts.add(prepared.text)
        self._record_bytes += len(prepared.summary) + len(prepared.structure)
        self.passage_count += len(table)
        return self.document_count - 1

    def close(self) -> Written:
        """Write the segment and put it on the disk."""
        texts = self._texts.close(self._columns)
        target = DurableFile(self._folder / f"{self.name}{WORDS_SUFFIX}")
        with ArrayWriter(target, self._folder) as file:
            vocabulary, row_of_form = self._forms.vocabulary()
            self._forms = open_forms()
            vocabulary.write(file)
            for field in (TEXT_FIELD, CONTEXT_FIELD, TITLE_FIELD):
                units = self._word_counts(field)
                words = np.frombuffer(self._words.pop(field, b""), np.uint32)
                writer = PostingsWriter(file, field, vocabulary.rows, len(units))
                writer.add(0, *invert(words, units, row_of_form, vocabulary.rows))
                writer.close()
            meta = write_words(file, self._columns)
            file.close({**meta, "vocabulary_languages": vocabulary.languages})
        return texts | written(target)

    def _word_counts(self, field: str) -> NDArray[np.int32]:
        """int32: how many words each unit of a field has, gaps included."""
        if field == TITLE_FIELD:
            return np.array(self._title_counts, np.int32)
        pieces = self._columns.passages("length" if field == TEXT_FIELD else "context_length")
        return np.concatenate([np.zeros(0, np.int32), *(piece.copy() for piece in pieces)])

    def discard(self) -> None:
        """Remove what was written."""
        self._texts.discard()

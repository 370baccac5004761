"""Builds one segment from prepared documents, in memory that it can tell."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayWriter
from search_service.engines.whoosh.store.segment import TEXTS_SUFFIX, WORDS_SUFFIX
from search_service.engines.whoosh.writing.columns import Columns, Texts, Written, written
from search_service.engines.whoosh.writing.formtable import FormTable
from search_service.engines.whoosh.writing.packing import (
    Row,
    write_postings,
    write_vocabulary,
)
from search_service.engines.whoosh.writing.prepared import (
    GAP,
    KEY_SEPARATOR,
    PART_SEPARATOR,
    Column,
    Prepared,
)
from search_service.schema import CONTEXT_FIELD, TEXT_FIELD, TITLE_FIELD

# What one element costs until the segment is written: a word is kept as 4 bytes, and sorting takes
# 8, and as much again for the masks and columns that come of it.
_WORD_BYTES = 56
_FORM_BYTES = 720
_PASSAGE_BYTES = 500
_DOCUMENT_BYTES = 2800


class SegmentBuilder:
    """Takes prepared documents; `close` writes the segment's two files."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._folder = folder
        self._texts = Texts(folder / f"{name}{TEXTS_SUFFIX}")
        self._columns = Columns()
        self._forms = FormTable()
        self._words: dict[str, list[NDArray[np.uint32]]] = defaultdict(list)
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
            + len(self._forms) * _FORM_BYTES
            + self.passage_count * _PASSAGE_BYTES
            + self.document_count * _DOCUMENT_BYTES
            + self._record_bytes
        )

    def add(self, prepared: Prepared) -> int:
        """Take a document; returns its number in the segment."""
        header = prepared.header
        columns = self._columns
        forms = np.append(self._forms.numbers(prepared), np.uint32(GAP))
        words = forms[prepared.words]
        table = prepared.passages
        text_end = int(table[:, Column.WORDS].sum())
        context_end = text_end + int(table[:, Column.CONTEXT_WORDS].sum())
        self._words[TEXT_FIELD].append(words[:text_end])
        self._words[CONTEXT_FIELD].append(words[text_end:context_end])
        self._words[TITLE_FIELD].append(words[context_end:])
        self._title_counts.append(len(words) - context_end)
        self._word_count += len(words)
        columns.add_passages(table, header["languages"], prepared.signatures, prepared.headings)
        columns.anchors.extend(anchor.encode() for anchor in header["anchors"])
        columns.passage_counts.append(len(table))
        columns.ids.append(header["id"].encode())
        columns.paths.append((header["path"], header["key"]))
        columns.first_days.append(header["first_day"])
        columns.last_days.append(header["last_day"])
        for name, codes in columns.facets.items():
            value = header["facets"][name]
            codes.append(-1 if value is None else columns.facet_values[name][value])
        self._texts.add(prepared.text, prepared.summary, prepared.structure)
        self._record_bytes += len(prepared.summary) + len(prepared.structure)
        self.passage_count += len(table)
        return self.document_count - 1

    def close(self) -> Written:
        """Write the segment and put it on the disk."""
        texts = self._texts.close(self._columns)
        target = DurableFile(self._folder / f"{self.name}{WORDS_SUFFIX}")
        with ArrayWriter(target, self._folder) as file:
            rows, row_of_form, stems, translits = _sorted_rows(self._forms.keys)
            self._forms = FormTable()
            languages = sorted({language for *_, language in rows})
            write_vocabulary(file, rows, languages, stems, translits)
            table = self._columns.passage_table()
            counts = {
                TEXT_FIELD: table[:, Column.WORDS],
                CONTEXT_FIELD: table[:, Column.CONTEXT_WORDS],
                TITLE_FIELD: np.array(self._title_counts, np.int32),
            }
            count = len(rows)
            for field, units in counts.items():
                words = np.concatenate([np.zeros(0, np.uint32), *self._words.pop(field, ())])
                write_postings(file, field, count, _translate(words, row_of_form), units)
            meta = self._columns.write_words(file)
            file.close({**meta, "vocabulary_languages": languages})
        return texts | written(target)

    def discard(self) -> None:
        """Remove what was written."""
        self._texts.file.discard()


def _translate(words: NDArray[np.uint32], table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """`table[word]` for each word, gaps staying gaps."""
    gaps = words == GAP
    if not gaps.any():
        return table[words]
    translated = np.full(len(words), GAP, np.uint32)
    translated[~gaps] = table[words[~gaps]]
    return translated


def _sorted_rows(
    keys: list[str],
) -> tuple[list[Row], NDArray[np.uint32], list[tuple[str, int]], list[tuple[str, int]]]:
    """Rows in order, the row of each form key, and the (stem, row) and (translit, row) pairs.

    Keys that differ in stems alone (words of no known language are read as those of their
    document) share a row.
    """
    rows: list[Row] = []
    row_of_form = np.zeros(len(keys), np.uint32)
    stems: list[tuple[str, int]] = []
    translits: list[tuple[str, int]] = []
    for number in sorted(range(len(keys)), key=keys.__getitem__):
        folded, exact, language, stem_keys, translit_keys = keys[number].split(PART_SEPARATOR)
        row = (folded, exact, language)
        if not rows or rows[-1] != row:
            rows.append(row)
        place = len(rows) - 1
        row_of_form[number] = place
        if stem_keys:
            stems += [(key, place) for key in stem_keys.split(KEY_SEPARATOR)]
        if translit_keys:
            translits += [(key, place) for key in translit_keys.split(KEY_SEPARATOR)]
    return rows, row_of_form, stems, translits

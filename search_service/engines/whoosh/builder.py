"""Builds one segment from prepared documents, in memory that it can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.durable import DurableFile
from search_service.engines.whoosh.arrays import ArrayWriter
from search_service.engines.whoosh.packing import (
    Row,
    write_postings,
    write_strings,
    write_vocabulary,
)
from search_service.engines.whoosh.prepared import (
    FORM_SEPARATOR,
    GAP,
    KEY_SEPARATOR,
    PART_SEPARATOR,
    Column,
    Prepared,
)
from search_service.engines.whoosh.segment import FORMAT, TEXTS_SUFFIX, WORDS_SUFFIX
from search_service.schema import CONTEXT_FIELD, FACETS, TEXT_FIELD, TITLE_FIELD

# What one element costs until the segment is written: a word is kept as 4 bytes, and sorting takes
# 8, and as much again for the masks and columns that come of it.
_WORD_BYTES = 56
_FORM_BYTES = 720
_PASSAGE_BYTES = 500
_DOCUMENT_BYTES = 2800


Written = dict[str, tuple[int, str]]
"""Files that were written: name -> (size in bytes, SHA-256)."""


def written(file: DurableFile) -> Written:
    """A file that was written and closed."""
    return {file.path.name: (file.size, file.sha256)}


class _Numbers(dict[str, int]):
    """Numbers whatever it is asked for, in the order of asking."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


class Columns:
    """What a segment keeps of documents and passages beside words: columns that grow.

    Shared by building and merging.
    """

    def __init__(self) -> None:
        self.ids: list[bytes] = []
        self.paths: list[tuple[str, str]] = []
        self.first_days: list[int] = []
        self.last_days: list[int] = []
        self.facets: dict[str, list[int]] = {f.name: [] for f in FACETS if f.level == "document"}
        self.facet_values: dict[str, _Numbers] = {name: _Numbers() for name in self.facets}
        self.languages = _Numbers()
        self.passage_counts: list[int] = []
        self.anchors: list[bytes] = []
        self.tables: list[NDArray[np.int32]] = []
        self.signatures: list[NDArray[np.uint64]] = []
        self.headings: list[NDArray[np.int32]] = []

    def add_passages(
        self,
        table: NDArray[np.int32],
        languages: Sequence[str],
        signatures: NDArray[np.uint64],
        headings: NDArray[np.int32],
    ) -> None:
        """Append the passages of some documents, as `Prepared` has them."""
        codes = [self.languages[language] for language in languages]
        if codes != list(range(len(codes))):
            table = table.copy()
            table[:, Column.LANGUAGE] = np.array(codes, np.int32)[table[:, Column.LANGUAGE]]
        self.tables.append(table)
        self.signatures.append(signatures)
        self.headings.append(headings)

    def passage_table(self) -> NDArray[np.int32]:
        """int32[P, 11]: all passages, by `Column`."""
        if len(self.tables) != 1:
            self.tables = [np.concatenate([np.zeros((0, len(Column)), np.int32), *self.tables])]
        return self.tables[0]

    def write_words(self, file: ArrayWriter) -> dict[str, Any]:
        """Write what `Segment` reads beside vocabulary and postings; returns the meta data."""
        counts = np.array(self.passage_counts, np.int64)
        file.add("document.passages", "<i4", np.concatenate(([0], np.cumsum(counts))))
        file.add("passage.document", "<i4", np.repeat(np.arange(len(counts)), counts))
        table = self.passage_table()
        file.add("passage.length", "<i4", table[:, Column.WORDS])
        file.add("passage.language", "u1", table[:, Column.LANGUAGE])
        signatures = np.concatenate([np.zeros(0, np.uint64), *self.signatures])
        file.add("passage.signature", "<u8", signatures)
        file.add("document.first_day", "<i4", np.array(self.first_days, np.int64))
        file.add("document.last_day", "<i4", np.array(self.last_days, np.int64))
        for name, codes in self.facets.items():
            file.add(f"facet.{name}", "<i4", np.array(codes, np.int64))
        write_strings(file, "document.id", self.ids)
        order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        file.add("document.id_order", "<i4", np.array(order, np.int64))
        return {
            "format": FORMAT,
            "documents": len(counts),
            "passages": int(counts.sum()),
            "languages": list(self.languages),
            "facets": {name: list(values) for name, values in self.facet_values.items()},
        }

    def write_texts(self, file: ArrayWriter) -> dict[str, Any]:
        """Write what `Catalogue` reads beside the documents' own texts and records."""
        table = self.passage_table()
        file.add("passage.spans", "<i4", table[:, Column.START : Column.LEAD_IN_START])
        file.add("passage.lead_in", "<i4", table[:, Column.LEAD_IN_START : Column.PAGE])
        file.add("passage.page", "<i4", table[:, Column.PAGE])
        headings = table[:, Column.HEADINGS].astype(np.int64)
        file.add("heading.starts", "<u4", np.concatenate(([0], np.cumsum(headings))))
        spans = np.concatenate([np.zeros(0, np.int32), *self.headings])
        file.add("heading.spans", "<i4", spans)
        write_strings(file, "anchor", self.anchors)
        order = sorted(range(len(self.paths)), key=self.paths.__getitem__)
        file.add("document.path_order", "<i4", np.array(order, np.int64))
        return {"format": FORMAT}


class Texts:
    """The texts of a segment's documents go to the file as they come; records follow at the end."""

    def __init__(self, path: Path) -> None:
        self._target = DurableFile(path)
        self.file = ArrayWriter(self._target)
        self.file.begin("text.bytes", "u1")
        self._starts = [0]
        self._summaries: list[bytes] = []
        self._structures: list[bytes] = []

    def add(self, text: bytes, summary: bytes, structure: bytes) -> None:
        """Append a document."""
        self.file.extend(text)
        self._starts.append(self._starts[-1] + len(text))
        self._summaries.append(summary)
        self._structures.append(structure)

    def close(self, columns: Columns) -> Written:
        """Write the rest and put the file on the disk."""
        self.file.add("text.starts", "<u8", np.array(self._starts, np.int64))
        for name, records in (("summary", self._summaries), ("structure", self._structures)):
            starts = np.cumsum([0, *map(len, records)], dtype=np.int64)
            self.file.add(f"{name}.starts", "<u8", starts)
            self.file.add(f"{name}.bytes", "u1", b"".join(records))
        self.file.close(columns.write_texts(self.file))
        return written(self._target)


class SegmentBuilder:
    """Takes prepared documents; `close` writes the segment's two files."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._folder = folder
        self._texts = Texts(folder / f"{name}{TEXTS_SUFFIX}")
        self._columns = Columns()
        self._forms = _Numbers()
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
        keys = prepared.forms.split(FORM_SEPARATOR) if prepared.forms else []
        forms = np.empty(len(keys) + 1, np.uint32)
        forms[:-1] = np.fromiter(map(self._forms.__getitem__, keys), np.uint32, len(keys))
        forms[-1] = GAP
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
            rows, row_of_form, stems, translits = _sorted_rows(list(self._forms))
            self._forms.clear()
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
        stems.extend((key, place) for key in stem_keys.split(KEY_SEPARATOR) if key)
        translits.extend((key, place) for key in translit_keys.split(KEY_SEPARATOR) if key)
    return rows, row_of_form, stems, translits

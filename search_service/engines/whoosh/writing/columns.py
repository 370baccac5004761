"""What a segment keeps beside words: columns of documents and passages, texts and records.

Shared by building and merging.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayWriter
from search_service.engines.whoosh.store.segment import FORMAT
from search_service.engines.whoosh.writing.packing import write_strings
from search_service.engines.whoosh.writing.prepared import Column
from search_service.schema import FACETS

_AT_ONCE = 1000
"""Records that are written at a time."""

Written = dict[str, tuple[int, str]]
"""Files that were written: name -> (size in bytes, SHA-256)."""


def written(file: DurableFile) -> Written:
    """A file that was written and closed."""
    return {file.path.name: (file.size, file.sha256)}


class Numbers(dict[str, int]):
    """Numbers whatever it is asked for, in the order of asking."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


class Columns:
    """Columns of documents and passages that grow as documents come."""

    def __init__(self) -> None:
        self.ids: list[bytes] = []
        self.paths: list[tuple[str, str]] = []
        self.first_days: list[int] = []
        self.last_days: list[int] = []
        self.facets: dict[str, list[int]] = {f.name: [] for f in FACETS if f.level == "document"}
        self.facet_values: dict[str, Numbers] = {name: Numbers() for name in self.facets}
        self.languages = Numbers()
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
        """Append the passages of some documents, as `Prepared` has them.

        They are copied: as views they would keep all that a document was prepared of.
        """
        codes = np.array([self.languages[language] for language in languages], np.int32)
        table = table.copy()
        table[:, Column.LANGUAGE] = codes[table[:, Column.LANGUAGE]]
        self.tables.append(table)
        self.signatures.append(signatures.copy())
        self.headings.append(headings.copy())

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
            self.file.begin(f"{name}.bytes", "u1")
            for low in range(0, len(records), _AT_ONCE):
                self.file.extend(b"".join(records[low : low + _AT_ONCE]))
        self.file.close(columns.write_texts(self.file))
        return written(self._target)

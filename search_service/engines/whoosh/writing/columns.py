"""What a segment keeps beside words: columns of documents and passages, texts and records.

Written in one way whether a segment is built (`collected`) or merged (`merged`).
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayWriter
from search_service.engines.whoosh.store.segment import FORMAT
from search_service.engines.whoosh.writing.packing import write_strings
from search_service.schema import FACETS

DOCUMENT_FACETS = tuple(facet.name for facet in FACETS if facet.level == "document")

_AT_ONCE = 1 << 14
"""Passages that are told at a time."""

Ints = NDArray[Any]

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


class Columns(Protocol):
    """D documents and P passages in their order.

    What is long comes in pieces; whatever is iterable begins anew each time.
    """

    @property
    def languages(self) -> Collection[str]:
        """Those of passages, in the order of their codes."""

    @property
    def passage_counts(self) -> Ints:
        """int[D]: how many passages each document has."""

    @property
    def days(self) -> tuple[Ints, Ints]:
        """Twice int[D]: the first and the last day its date may mean; 0 undated."""

    def facet(self, name: str) -> tuple[Ints, Sequence[str]]:
        """(int[D] codes, values) of a document's facet; -1 for no value."""

    @property
    def ids(self) -> Iterable[bytes]:
        """Of documents."""

    @property
    def summaries(self) -> Iterable[bytes]:
        """Records of documents."""

    @property
    def structures(self) -> Iterable[bytes]:
        """Records of their blocks."""

    @property
    def anchors(self) -> Iterable[bytes]:
        """Of passages."""

    def id_order(self) -> Ints:
        """int[D]: documents by their ids."""

    def path_order(self) -> Ints:
        """int[D]: documents by (path, key)."""

    def passages(self, name: str) -> Iterator[Ints]:
        """What an array `passage.NAME` has of the passages; `headings` is how many each has."""

    def heading_spans(self) -> Iterator[Ints]:
        """Starts and ends of the headings above them, in code points."""


def write_words(file: ArrayWriter, columns: Columns) -> dict[str, Any]:
    """Write what `Segment` reads beside vocabulary and postings; returns the meta data."""
    counts = columns.passage_counts
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    file.add("document.passages", "<i4", starts)
    passages = int(starts[-1])
    file.begin("passage.document", "<i4")
    for low in range(0, passages, _AT_ONCE):
        some = np.arange(low, min(low + _AT_ONCE, passages))
        file.extend(starts.searchsorted(some, "right") - 1)
    _write_passages(file, columns, {"length": "<i4", "language": "u1", "signature": "<u8"})
    first, last = columns.days
    file.add("document.first_day", "<i4", first)
    file.add("document.last_day", "<i4", last)
    facets = {}
    for name in DOCUMENT_FACETS:
        codes, values = columns.facet(name)
        file.add(f"facet.{name}", "<i4", codes)
        facets[name] = list(values)
    write_strings(file, "document.id", columns.ids)
    file.add("document.id_order", "<i4", columns.id_order())
    return {
        "format": FORMAT,
        "documents": len(counts),
        "passages": passages,
        "languages": list(columns.languages),
        "facets": facets,
    }


def _write_passages(file: ArrayWriter, columns: Columns, types: dict[str, str]) -> None:
    for name, dtype in types.items():
        file.begin(f"passage.{name}", dtype)
        for piece in columns.passages(name):
            file.extend(piece)


class Texts:
    """The file of texts: those of documents go there as they come, the rest at the end."""

    def __init__(self, path: Path) -> None:
        self._target = DurableFile(path)
        self._file = ArrayWriter(self._target)
        self._file.begin("text.bytes", "u1")
        self._starts = array("Q", [0])

    def add(self, text: bytes) -> None:
        """Append a document's."""
        self._file.extend(text)
        self._starts.append(self._starts[-1] + len(text))

    def close(self, columns: Columns) -> Written:
        """Write what `Catalogue` reads beside them, and put the file on the disk."""
        file = self._file
        file.add("text.starts", "<u8", np.frombuffer(self._starts, np.uint64))
        write_strings(file, "summary", columns.summaries, "<u8")
        write_strings(file, "structure", columns.structures, "<u8")
        _write_passages(file, columns, {"spans": "<i4", "lead_in": "<i4", "page": "<i4"})
        file.add_starts("heading.starts", "<u4", columns.passages("headings"))
        file.begin("heading.spans", "<i4")
        for piece in columns.heading_spans():
            file.extend(piece)
        write_strings(file, "anchor", columns.anchors)
        file.add("document.path_order", "<i4", columns.path_order())
        file.close({"format": FORMAT})
        return written(self._target)

    def discard(self) -> None:
        """Remove what was written."""
        self._file.discard()

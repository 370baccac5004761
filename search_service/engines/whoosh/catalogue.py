"""The catalogue of a segment: each document's text, metadata, and where its passages lie.

Texts are stored once, in UTF-8 and uncompressed; a passage is a slice. Offsets of passages are kept
in code points and in bytes, so that a slice is cut without reading the text before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from search_service.engines.whoosh.arrays import ArrayFile
from search_service.engines.whoosh.records import read_document
from search_service.engines.whoosh.vocabulary import Strings
from search_service.model import Document, Passage

NO_SPAN = -1
"""The start of a lead-in that is not there."""


class Blobs:
    """One byte string a document, of any size in sum."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._starts = file.bytes(f"{name}.starts").cast("Q")
        self._bytes = file.bytes(f"{name}.bytes")

    def __getitem__(self, index: int) -> memoryview:
        return self._bytes[self._starts[index] : self._starts[index + 1]]


class Catalogue:
    """Reads the documents of one segment by their numbers."""

    def __init__(self, file: ArrayFile, words: ArrayFile, languages: tuple[str, ...]) -> None:
        """`words` is the segment's other file, with the columns that searching needs too."""
        self.file = file
        self._languages = languages
        self._language: NDArray[np.uint8] = words.array("passage.language")
        self._signature: NDArray[np.uint64] = words.array("passage.signature")
        self.texts = Blobs(file, "text")
        self.summaries = Blobs(file, "summary")
        self.structures = Blobs(file, "structure")
        self.anchors = Strings(file, "anchor")
        self._first = words.bytes("document.passages").cast("i")
        self._spans: NDArray[np.int32] = file.array("passage.spans").reshape(-1, 4)
        self._lead_ins: NDArray[np.int32] = file.array("passage.lead_in").reshape(-1, 2)
        self._pages: NDArray[np.int32] = file.array("passage.page")
        self._heading_starts = file.bytes("heading.starts").cast("I")
        self._headings: NDArray[np.int32] = file.array("heading.spans").reshape(-1, 2)
        self._path_order: NDArray[np.int32] = file.array("document.path_order")

    def in_path_order(self) -> Iterator[int]:
        """The numbers of all documents, by (path, key)."""
        return iter(self._path_order.tolist())

    def path(self, number: int) -> tuple[str, str]:
        """(path, key) of a document."""
        record = orjson.loads(self.summaries[number])
        return record["path"], record.get("key", "")

    def summary(self, number: int) -> Document:
        """A document without its text, blocks and passages."""
        return read_document(self.summaries[number])

    def document(self, number: int) -> Document:
        """A whole document."""
        count = self._first[number + 1] - self._first[number]
        return read_document(
            self.summaries[number],
            str(self.texts[number], "utf-8"),
            self.structures[number],
            tuple(self.passage(number, ordinal) for ordinal in range(count)),
        )

    def passage_count(self, number: int) -> int:
        """How many passages a document has."""
        return self._first[number + 1] - self._first[number]

    def passage(self, number: int, ordinal: int) -> Passage:
        """A passage of a document. Raises `IndexError` for an ordinal that is not there."""
        place = self._place(number, ordinal)
        start, end = self._spans[place, :2].tolist()
        lead_start, lead_end = self._lead_ins[place].tolist()
        headings = self._headings[self._heading_starts[place] : self._heading_starts[place + 1]]
        return Passage(
            ordinal=ordinal,
            start=start,
            end=end,
            language=self._languages[self._language[place]],
            anchor=self.anchors[place].decode(),
            headings=tuple((first, last) for first, last in headings.tolist()),
            lead_in=None if lead_start == NO_SPAN else (lead_start, lead_end),
            page=int(self._pages[place]) or None,
            signature=int(self._signature[place]),
        )

    def passage_text(self, number: int, ordinal: int) -> str:
        """The text of a passage, read alone."""
        start, end = self._spans[self._place(number, ordinal), 2:].tolist()
        return str(self.texts[number][start:end], "utf-8")

    def slices(self, number: int, spans: Sequence[tuple[int, int]]) -> list[str]:
        """Slices of a document's text, by code points. Reads from the nearest passage's border."""
        text = self.texts[number]
        known = self._spans[self._first[number] : self._first[number + 1]]
        points = np.concatenate(([0], known[:, :2].reshape(-1)))
        bytes_ = np.concatenate(([0], known[:, 2:].reshape(-1)))
        found = []
        for start, end in spans:
            border = int(np.searchsorted(points, start, side="right")) - 1
            first = _advance(text, int(bytes_[border]), start - int(points[border]))
            last = _advance(text, first, end - start)
            found.append(str(text[first:last], "utf-8"))
        return found

    def _place(self, number: int, ordinal: int) -> int:
        first, end = self._first[number], self._first[number + 1]
        if not 0 <= ordinal < end - first:
            raise IndexError(f"document {number} has {end - first} passages, not {ordinal + 1}")
        return first + ordinal


def _advance(text: memoryview, start: int, points: int) -> int:
    """The byte offset that lies `points` code points after the byte offset `start`."""
    while points > 0 and start < len(text):
        # A code point is one to four bytes, so that many bytes hold at least a quarter of them.
        piece = np.frombuffer(text[start : start + max(points, 64)], np.uint8)
        begins = np.flatnonzero((piece & 0xC0) != 0x80)
        if len(begins) > points:
            return start + int(begins[points])
        # The piece may end inside a code point: go on from the last one that begins in it.
        last = int(begins[-1])
        if last == 0:
            return min(len(text), start + len(piece)) if points == 1 else len(text)
        start += last
        points -= len(begins) - 1
    return start

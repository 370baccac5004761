"""The catalogue of a segment: each document's text, metadata, and where its passages lie.

Texts are stored once, in UTF-8 and uncompressed; a passage is a slice. Offsets of passages are kept
in code points and in bytes, so that a slice is cut without reading the text before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import orjson

from search_service.engines.whoosh.store.arrays import ArrayFile
from search_service.engines.whoosh.store.records import read_blocks, read_document
from search_service.engines.whoosh.store.vocabulary import Strings
from search_service.making import maker
from search_service.model import Block, Document, Passage

_passage = maker(Passage)

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
        # A memoryview answers an index in 40 ns, a NumPy array in 100.
        self._language = words.bytes("passage.language")
        self._signature = words.bytes("passage.signature").cast("Q")
        self.texts = Blobs(file, "text")
        self.summaries = Blobs(file, "summary")
        self.structures = Blobs(file, "structure")
        self.anchors = Strings(file, "anchor")
        self._first = words.bytes("document.passages").cast("i")
        self._spans = file.bytes("passage.spans").cast("i")
        self._lead_ins = file.bytes("passage.lead_in").cast("i")
        self._pages = file.bytes("passage.page").cast("i")
        self._heading_starts = file.bytes("heading.starts").cast("I")
        self._headings = file.bytes("heading.spans").cast("i")
        self._path_order = file.bytes("document.path_order").cast("i")

    def in_path_order(self) -> Iterator[int]:
        """The numbers of all documents, by (path, key)."""
        return iter(self._path_order)

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

    def blocks(self, number: int, span: tuple[int, int]) -> tuple[Block, ...]:
        """The blocks of a document that have letters of a span."""
        return read_blocks(self.structures[number], *span)

    def passage_count(self, number: int) -> int:
        """How many passages a document has."""
        return self._first[number + 1] - self._first[number]

    def passage(self, number: int, ordinal: int) -> Passage:
        """A passage of a document. Raises `IndexError` for an ordinal that is not there."""
        return self._passage(self._place(number, ordinal), ordinal)

    def passages(self, number: int, ordinals: Sequence[int]) -> list[tuple[Passage, str]]:
        """Passages with their texts, each read alone; ordinals that are not there are left out."""
        first, end = self._first[number], self._first[number + 1]
        text, spans = self.texts[number], self._spans
        found = []
        for ordinal in ordinals:
            if 0 <= ordinal < end - first:
                place = first + ordinal
                low, high = spans[4 * place + 2], spans[4 * place + 3]
                found.append((self._passage(place, ordinal), str(text[low:high], "utf-8")))
        return found

    def _passage(self, place: int, ordinal: int) -> Passage:
        lead_ins, starts = self._lead_ins, self._heading_starts
        low, high = starts[place], starts[place + 1]
        headings = self._headings[2 * low : 2 * high].tolist() if low < high else ()
        lead_start = lead_ins[2 * place]
        start, end = self._spans[4 * place : 4 * place + 2]
        return _passage(
            ordinal,
            start,
            end,
            self._languages[self._language[place]],
            self.anchors.text(place),
            tuple(zip(headings[::2], headings[1::2], strict=True)) if headings else (),
            None if lead_start == NO_SPAN else (lead_start, lead_ins[2 * place + 1]),
            self._pages[place] or None,
            self._signature[place],
        )

    def slices(self, number: int, spans: Sequence[tuple[int, int]]) -> list[str]:
        """Slices of a document's text, by code points. Reads what lies between borders of passages.

        What is asked for lies between two passages, or in one of them.
        """
        text = self.texts[number]
        found = []
        for start, end in spans:
            point, byte = self._border(number, start, len(text))
            beyond = self._border(number, end, len(text), above=True)[1]
            found.append(str(text[byte:beyond], "utf-8")[start - point : end - point])
        return found

    def _border(
        self, number: int, point: int, size: int, *, above: bool = False
    ) -> tuple[int, int]:
        """The last border of a passage, or of the text, that is not behind a point.

        As code points and as bytes; `above` asks for the first that is not before it.
        """
        spans = self._spans
        first, last = self._first[number], self._first[number + 1]
        # Borders in order: each passage begins and ends.
        borders = range(2 * first, 2 * last)

        def at(border: int) -> int:
            return spans[4 * (border // 2) + border % 2]

        if above:
            border = borders.start + bisect_left(borders, point, key=at)
            if border == borders.stop:
                return -1, size
        else:
            border = borders.start + bisect_right(borders, point, key=at) - 1
            if border < borders.start:
                return 0, 0
        return at(border), spans[4 * (border // 2) + 2 + border % 2]

    def _place(self, number: int, ordinal: int) -> int:
        first, end = self._first[number], self._first[number + 1]
        if not 0 <= ordinal < end - first:
            raise IndexError(f"document {number} has {end - first} passages, not {ordinal + 1}")
        return first + ordinal

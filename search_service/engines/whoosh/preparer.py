"""Analyses a document for the writer: the costly part of indexing, done in worker processes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.prepared import (
    FORM_SEPARATOR,
    GAP,
    Column,
    Prepared,
    form_hash,
    form_key,
    pack,
)
from search_service.engines.whoosh.records import structure_record, summary_record
from search_service.languages import LANGUAGES, UNDETERMINED
from search_service.languages.analysis import Analyser, analyser, undetermined
from search_service.model import Document, Passage
from search_service.schema import FACETS, UNDATED

_GAPS = (GAP,) * 8
_REMEMBERED = 1 << 17
"""Forms that a process remembers: some 60 MB. When there are more, it starts anew."""


class _Surfaces(dict[str, int]):
    """Surface form as one analyser reads it -> number of its form, analysed when it is new."""

    def __init__(self, reader: Analyser, numbers: dict[str, int], keys: list[str]) -> None:
        super().__init__()
        self.reader = reader
        self._numbers = numbers
        self._keys = keys

    def __missing__(self, surface: str) -> int:
        key = form_key(self.reader.form(surface), self.reader.language.code)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._keys)
            self._keys.append(key)
        self[surface] = number
        return number


class Preparer:
    """Analyses documents, with a memory of the vocabulary it has met: one a process."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._keys: list[str] = []
        self._numbers: dict[str, int] = {}
        self._readings: dict[tuple[str, tuple[str, ...]], _Surfaces] = {}

    def prepare(self, document: Document) -> bytes:
        """Analyse one document."""
        if len(self._keys) > _REMEMBERED:
            self._forget()
        text, context, title = _Words(), _Words(), _Words()
        title_words = self._reading(document, (*document.languages, UNDETERMINED)[0])
        title.add(document.title, title_words)
        title.end()
        seen: tuple[tuple[int, int], ...] = ()
        for passage in document.passages:
            words = self._reading(document, passage.language)
            text.add(document.text[passage.start : passage.end], words)
            text.end()
            if passage.ordinal == 0:
                context.add(document.title, title_words)
            for piece in _context(document, passage, seen):
                context.add(piece, words)
            context.end()
            seen = passage.headings
        numbers, forms = _local(text.numbers + context.numbers + title.numbers)
        keys = [self._keys[number] for number in forms]
        return pack(
            Prepared(
                header=_header(document),
                text=document.text.encode(),
                summary=summary_record(document),
                structure=structure_record(document),
                forms=FORM_SEPARATOR.join(keys),
                hashes=np.array([form_hash(key) for key in keys], np.uint64),
                words=numbers,
                passages=_passage_table(document, text.counts(), context.counts()),
                signatures=np.array([p.signature for p in document.passages], np.uint64),
                headings=np.array(
                    [span for p in document.passages for span in p.headings], np.int32
                ),
            )
        )

    def _reading(self, document: Document, language: str) -> _Surfaces:
        """How words in a passage of this language are read: of no known language, as several."""
        candidates: tuple[str, ...] = ()
        if language not in LANGUAGES or language == UNDETERMINED:
            language = UNDETERMINED
            candidates = tuple(sorted(set(document.languages) & set(LANGUAGES) - {UNDETERMINED}))
        reading = self._readings.get((language, candidates))
        if reading is None:
            reader = undetermined(candidates) if candidates else analyser(language)
            reading = _Surfaces(reader, self._numbers, self._keys)
            self._readings[language, candidates] = reading
        return reading


class _Words:
    """The words of one field of one document, unit by unit."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._ends: list[int] = []

    def add(self, text: str, reading: _Surfaces) -> None:
        """Append the words of a text to the current unit, away from those already there."""
        if len(self.numbers) > (self._ends[-1] if self._ends else 0):
            self.numbers.extend(_GAPS)
        self.numbers.extend(map(reading.__getitem__, reading.reader.surfaces(text)))

    def end(self) -> None:
        """The next text belongs to the next unit."""
        self._ends.append(len(self.numbers))

    def counts(self) -> list[int]:
        """Words of each unit, gaps included."""
        return [end - start for start, end in pairwise([0, *self._ends])]


def _local(numbers: list[int]) -> tuple[NDArray[np.uint32], list[int]]:
    """Numbers of this process as those of this document, with a gap as the last of all.

    Returns them with the process's numbers in that order, the gap left out.
    """
    forms, local = np.unique(np.array(numbers, np.uint32), return_inverse=True)
    known = forms.tolist()
    if known and known[-1] == GAP:
        known.pop()
    return local.astype(np.uint32), known


def _context(document: Document, passage: Passage, seen: tuple[tuple[int, int], ...]) -> list[str]:
    """What belongs to a passage's `context` beside the title: new headings, and its lead-in."""
    pieces = []
    for start, end in passage.headings:
        heading = document.text[start:end]
        # A document's first heading mostly is its title: once is enough.
        if (start, end) not in seen and not (passage.ordinal == 0 and heading == document.title):
            pieces.append(heading)
    if passage.lead_in:
        pieces.append(document.text[slice(*passage.lead_in)])
    return pieces


def _header(document: Document) -> dict[str, Any]:
    metadata = document.metadata
    date = metadata.date.value if metadata.date else None
    return {
        "id": document.id,
        "path": document.path,
        "key": document.key,
        "facets": {f.name: _facet_value(document, f.name) for f in FACETS if f.level == "document"},
        "first_day": date.first_day.toordinal() if date else 0,
        "last_day": date.last_day.toordinal() if date else 0,
        "languages": _languages(document),
        "anchors": [passage.anchor for passage in document.passages],
    }


def _facet_value(document: Document, name: str) -> str | None:
    """The document's value of a facet: computed, or of the metadata of that name."""
    metadata = document.metadata
    match name:
        case "year":
            return metadata.date.value.text[:4] if metadata.date else UNDATED
        case "folder":
            return document.path.rpartition("/")[0]
        case "format":
            return document.format
    sourced = getattr(metadata, name, None) or metadata.extra.get(name)
    return str(sourced.value) if sourced else None


def _passage_table(
    document: Document, words: list[int], context_words: list[int]
) -> NDArray[np.int32]:
    """`Prepared.passages`."""
    passages = document.passages
    languages = {language: number for number, language in enumerate(_languages(document))}
    table = np.array(
        [
            (
                passage.start,
                passage.end,
                passage.start,
                passage.end,
                *(passage.lead_in or (-1, -1)),
                passage.page or 0,
                len(passage.headings),
                languages[passage.language],
                count,
                context_count,
            )
            for passage, count, context_count in zip(passages, words, context_words, strict=True)
        ],
        np.int32,
    ).reshape(-1, len(Column))
    points = table[:, [Column.START, Column.END]]
    table[:, [Column.FIRST_BYTE, Column.LAST_BYTE]] = byte_offsets(document.text, points)
    return table


def _languages(document: Document) -> list[str]:
    return sorted({passage.language for passage in document.passages})


def byte_offsets(text: str, points: NDArray[Any]) -> NDArray[Any]:
    """Where code points lie in the text's UTF-8, in an array of the same shape."""
    if text.isascii():
        return points
    encoded = np.frombuffer(text.encode(), np.uint8)
    begins = np.flatnonzero((encoded & 0xC0) != 0x80)
    offsets: NDArray[Any] = np.append(begins, len(encoded))[points]
    return offsets

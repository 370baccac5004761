"""Analyses a document for the writer: the costly part of indexing, done in worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.records import structure_record, summary_record
from search_service.engines.whoosh.writing.formtable import Forms, open_forms
from search_service.engines.whoosh.writing.prepared import GAP, Column, Prepared, pack
from search_service.languages import LANGUAGES, UNDETERMINED
from search_service.languages.analysis import analyser, undetermined
from search_service.languages.base import Form
from search_service.languages.formkeys import keys_of
from search_service.languages.wordtable import open_table
from search_service.model import Document, Passage
from search_service.schema import FACETS, facet_value

_GAPS = np.full(8, GAP, np.uint32)
_NOTHING = np.zeros(0, np.uint32)
_REMEMBERED = 1 << 17
"""Forms that a process remembers: some 60 MB. When there are more, it starts anew."""


class Reading(Protocol):
    """How words are found in a text, and what form each has: what an `Analyser` does."""

    @property
    def code(self) -> str:
        """Its language's."""

    @property
    def surfaces(self) -> Callable[[str], list[str]]:
        """The words of a text in order."""

    def form(self, surface: str) -> Form:
        """The form of a word."""


class Surfaces:
    """The words of texts as one analyser reads them, by the numbers of their forms.

    A word is analysed when it is met for the first time.
    """

    def __init__(self, reader: Reading, forms: Forms) -> None:
        self.reader = reader
        self.forms = forms
        self._keys = keys_of(reader)
        self._forget()

    def _forget(self) -> None:
        self._table = open_table(self.reader.surfaces)
        self._numbers = np.zeros(1 << 10, np.uint32)

    def read(self, text: str) -> NDArray[np.uint32]:
        """The number of the form of each word of a text, in order."""
        fresh: list[str] = []
        try:
            found = self._table.read(text, fresh)
            if fresh:
                self._learn(fresh)
        except BaseException:
            self._forget()  # The table has words of which no form is known.
            raise
        numbers: NDArray[np.uint32] = self._numbers[found]
        return numbers

    def _learn(self, words: Sequence[str]) -> None:
        count = len(self._table)
        if count > len(self._numbers):
            self._numbers = np.concatenate((self._numbers, np.zeros(count, np.uint32)))
        self._numbers[count - len(words) : count] = self.forms.number(self._keys(words))


class Preparer:
    """Analyses documents, with a memory of the vocabulary it has met: one a process."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.forms = open_forms()
        self.readings: dict[tuple[str, tuple[str, ...]], Surfaces] = {}

    def prepare(self, document: Document) -> bytes:
        """Analyse one document."""
        return pack(self.analyse(document))

    def analyse(self, document: Document) -> Prepared:
        """The same before it is packed."""
        if len(self.forms) > _REMEMBERED:
            self._forget()
        text, context, title = _Words(), _Words(), _Words()
        title_words = self.reading(document, (*document.languages, UNDETERMINED)[0])
        title.add(document.title, title_words)
        title.end()
        seen: tuple[tuple[int, int], ...] = ()
        for passage in document.passages:
            words = self.reading(document, passage.language)
            text.add(document.text[passage.start : passage.end], words)
            text.end()
            if passage.ordinal == 0:
                context.add(document.title, title_words)
            for piece in _context(document, passage, seen):
                context.add(piece, words)
            context.end()
            seen = passage.headings
        numbers, forms, hashes = self.forms.local(
            np.concatenate((*text.numbers, *context.numbers, *title.numbers))
        )
        return Prepared(
            header=_header(document),
            text=document.text.encode(),
            summary=summary_record(document),
            structure=structure_record(document),
            forms=forms,
            hashes=hashes,
            words=numbers,
            passages=_passage_table(document, text.counts(), context.counts()),
            signatures=np.array([p.signature for p in document.passages], np.uint64),
            headings=np.array([span for p in document.passages for span in p.headings], np.int32),
        )

    def reading(self, document: Document, language: str) -> Surfaces:
        """How words in a passage of this language are read: of no known language, as several."""
        candidates: tuple[str, ...] = ()
        if language not in LANGUAGES or language == UNDETERMINED:
            language = UNDETERMINED
            candidates = tuple(sorted(set(document.languages) & set(LANGUAGES) - {UNDETERMINED}))
        reading = self.readings.get((language, candidates))
        if reading is None:
            reader = undetermined(candidates) if candidates else analyser(language)
            reading = self.readings[language, candidates] = Surfaces(reader, self.forms)
        return reading


class _Words:
    """The words of one field of one document, unit by unit."""

    def __init__(self) -> None:
        self.numbers: list[NDArray[np.uint32]] = [_NOTHING]
        self._count = 0
        self._ends: list[int] = []

    def add(self, text: str, reading: Surfaces) -> None:
        """Append the words of a text to the current unit, away from those already there."""
        if self._count > (self._ends[-1] if self._ends else 0):
            self._append(_GAPS)
        self._append(reading.read(text))

    def _append(self, numbers: NDArray[np.uint32]) -> None:
        self.numbers.append(numbers)
        self._count += len(numbers)

    def end(self) -> None:
        """The next text belongs to the next unit."""
        self._ends.append(self._count)

    def counts(self) -> list[int]:
        """Words of each unit, gaps included."""
        return [end - start for start, end in pairwise([0, *self._ends])]


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
        "facets": {f.name: facet_value(document, f.name) for f in FACETS if f.level == "document"},
        "first_day": date.first_day.toordinal() if date else 0,
        "last_day": date.last_day.toordinal() if date else 0,
        "languages": _languages(document),
        "anchors": [passage.anchor for passage in document.passages],
    }


def _passage_table(
    document: Document, words: list[int], context_words: list[int]
) -> NDArray[np.int32]:
    """`Prepared.passages`."""
    passages = document.passages
    languages = {language: number for number, language in enumerate(_languages(document))}
    offsets = byte_offsets(document.text, {p for each in passages for p in (each.start, each.end)})
    return np.array(
        [
            (
                passage.start,
                passage.end,
                offsets[passage.start],
                offsets[passage.end],
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


def _languages(document: Document) -> list[str]:
    return sorted({passage.language for passage in document.passages})


def byte_offsets(text: str, points: Iterable[int]) -> dict[int, int]:
    """Where code points lie in the text's UTF-8."""
    if text.isascii():
        return {point: point for point in points}
    offsets, last, size = {}, 0, 0
    for point in sorted(points):
        size += len(text[last:point].encode())
        offsets[point], last = size, point
    return offsets

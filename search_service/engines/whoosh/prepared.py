"""An analysed document as bytes: made in worker processes, stored by the writer.

The costly part of indexing, words to forms, is done here. A document carries each of its distinct
forms once, and its words as numbers of those. Bytes are JSON and arrays: nothing is unpickled.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from search_service.engines.whoosh.records import structure_record, summary_record
from search_service.languages import LANGUAGES, UNDETERMINED
from search_service.languages.analysis import Analyser, analyser, undetermined
from search_service.languages.base import Form
from search_service.model import Document, Passage
from search_service.schema import FACETS, UNDATED

FORM_SEPARATOR = "\x1e"
PART_SEPARATOR = "\x1f"
KEY_SEPARATOR = "\x1d"

GAP = 0xFFFFFFFF
"""A place that no word has: between two headings, so that no phrase goes over their border."""

_GAPS = (GAP,) * 8
_MEMORY = 1_000_000

Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `pack` packs. Of N text words, C context words and T title words, gaps included."""

    header: dict[str, Any]
    """id, facets, first_day, last_day, languages, anchors."""
    text: bytes
    """The document's text in UTF-8."""
    summary: bytes
    structure: bytes
    forms: str
    """Distinct forms (`form_key`), with `FORM_SEPARATOR` between."""
    text_words: NDArray[np.uint32]
    """uint32[N]: numbers of forms, in order, all passages one after the other."""
    text_counts: NDArray[np.int32]
    """int32[P]: words of each passage."""
    context_words: NDArray[np.uint32]
    context_counts: NDArray[np.int32]
    title_words: NDArray[np.uint32]
    languages: NDArray[np.uint8]
    """uint8[P]: index into the header's languages."""
    spans: NDArray[np.int32]
    """int32[P, 4]: start and end in code points, start and end in bytes."""
    lead_ins: NDArray[np.int32]
    """int32[P, 2]: code points; -1 where there is none."""
    pages: NDArray[np.int32]
    """int32[P]: from 1; 0 where there is none."""
    signatures: NDArray[np.uint64]
    heading_counts: NDArray[np.int32]
    """int32[P]: how many headings are above each."""
    headings: NDArray[np.int32]
    """int32[H, 2]: code points."""


_ARRAYS = (
    ("text_words", np.uint32, ()),
    ("text_counts", np.int32, ()),
    ("context_words", np.uint32, ()),
    ("context_counts", np.int32, ()),
    ("title_words", np.uint32, ()),
    ("languages", np.uint8, ()),
    ("spans", np.int32, (4,)),
    ("lead_ins", np.int32, (2,)),
    ("pages", np.int32, ()),
    ("signatures", np.uint64, ()),
    ("heading_counts", np.int32, ()),
    ("headings", np.int32, (2,)),
)
_PARTS = 5 + len(_ARRAYS)
_LENGTHS = struct.Struct(f"<{_PARTS}Q")


def pack(prepared: Prepared) -> bytes:
    """One run of bytes: the lengths of its parts, then the parts."""
    parts = [
        orjson.dumps(prepared.header),
        prepared.text,
        prepared.summary,
        prepared.structure,
        prepared.forms.encode(),
        *(
            np.ascontiguousarray(getattr(prepared, name), dtype).tobytes()
            for name, dtype, _ in _ARRAYS
        ),
    ]
    return b"".join([_LENGTHS.pack(*map(len, parts)), *parts])


def unpack(data: bytes) -> Prepared:
    """The reverse of `pack`; its arrays are views of `data`."""
    view = memoryview(data)
    parts: list[memoryview] = []
    start = _LENGTHS.size
    for length in _LENGTHS.unpack_from(data):
        parts.append(view[start : start + length])
        start += length
    arrays: dict[str, Any] = {
        name: np.frombuffer(part, dtype).reshape(-1, *shape)
        for (name, dtype, shape), part in zip(_ARRAYS, parts[5:], strict=True)
    }
    return Prepared(
        header=orjson.loads(parts[0]),
        text=bytes(parts[1]),
        summary=bytes(parts[2]),
        structure=bytes(parts[3]),
        forms=str(parts[4], "utf-8"),
        **arrays,
    )


def form_key(form: Form, language: str) -> str:
    """A form as one string; such strings sort as (folded, exact, language) do."""
    key = PART_SEPARATOR.join(
        (
            form.folded,
            form.exact,
            language,
            KEY_SEPARATOR.join(form.stems),
            KEY_SEPARATOR.join(form.translit),
        )
    )
    if FORM_SEPARATOR in key or key.count(PART_SEPARATOR) != 4:
        raise ValueError(f"a word cannot have control characters: {form.exact!r}")
    return key


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
        if len(self._keys) > _MEMORY:
            self._forget()
        fields = text, context, title = [_Words(), _Words(), _Words()]
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
        every = np.array([number for field in fields for number in field.numbers], np.uint32)
        forms, local = np.unique(every, return_inverse=True)
        numbers: NDArray[np.uint32] = local.astype(np.uint32)
        if len(forms) and forms[-1] == GAP:
            forms = forms[:-1]
            numbers[every == GAP] = GAP
        ends = np.cumsum([len(field.numbers) for field in fields])
        return pack(
            Prepared(
                header=_header(document),
                text=document.text.encode(),
                summary=summary_record(document),
                structure=structure_record(document),
                forms=FORM_SEPARATOR.join([self._keys[number] for number in forms.tolist()]),
                text_words=numbers[: ends[0]],
                text_counts=text.counts(),
                context_words=numbers[ends[0] : ends[1]],
                context_counts=context.counts(),
                title_words=numbers[ends[1] :],
                **_passage_columns(document),
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

    def counts(self) -> NDArray[np.int32]:
        """Words of each unit, gaps included."""
        ends = np.array([0, *self._ends], np.int32)
        return ends[1:] - ends[:-1]


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
        "languages": sorted({passage.language for passage in document.passages}),
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


def _passage_columns(document: Document) -> dict[str, Any]:
    passages = document.passages
    languages = sorted({passage.language for passage in passages})
    points = np.array([(p.start, p.end) for p in passages], np.int64).reshape(-1, 2)
    return {
        "languages": np.array([languages.index(p.language) for p in passages], np.uint8),
        "spans": np.hstack([points, byte_offsets(document.text, points)]).astype(np.int32),
        "lead_ins": np.array([p.lead_in or (-1, -1) for p in passages], np.int32).reshape(-1, 2),
        "pages": np.array([p.page or 0 for p in passages], np.int32),
        "signatures": np.array([p.signature for p in passages], np.uint64),
        "heading_counts": np.array([len(p.headings) for p in passages], np.int32),
        "headings": np.array([span for p in passages for span in p.headings], np.int32).reshape(
            -1, 2
        ),
    }


def byte_offsets(text: str, points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where code points lie in the text's UTF-8, in an array of the same shape."""
    if text.isascii():
        return points
    encoded = np.frombuffer(text.encode(), np.uint8)
    begins = np.flatnonzero((encoded & 0xC0) != 0x80)
    return np.append(begins, len(encoded))[points]

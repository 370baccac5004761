"""Files of many documents, one a row: what CSV and JSON Lines have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from search_service.errors import UnreadableFile
from search_service.formats.builder import clean
from search_service.formats.declared import as_text, from_pairs
from search_service.formats.structure import structure
from search_service.model import Extract, Metadata

TEXT_NAMES = ("text", "body", "content", "mətn", "metin", "текст")
"""What the column of the text may be called, the first that is there counts."""

ID_NAMES = ("id", "_id")
"""What the column of the id may be called; the second is that of judged collections."""


_SHOWN = 20
"""Rows of which all is said; the others are only named."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the number of the line that it begins on, from 1."""

    number: int
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read: the line that it begins on, what is wrong and what to do."""

    number: int
    reason: str


def extracts(path: str, rows: Sequence[Row | BadRow], warnings: Sequence[str]) -> Iterator[Extract]:
    """One extract a row that has text; the first carries what is to be said of the file.

    A row's key is its id, or else a hash of what it says, so that neither moves when rows are
    put above it. Raises `UnreadableFile` if no row has text.
    """
    said: list[tuple[int, str]] = []
    found: list[tuple[Row, str, str]] = []
    keys: dict[str, int] = {}
    without_id = 0
    for row in rows:
        if isinstance(row, BadRow):
            said.append((row.number, f"row {row.number} is left out: {row.reason}"))
            continue
        text = _text(row)
        if not text.strip():
            said.append((row.number, f"row {row.number} has no text"))
            continue
        key = as_text(_get(row, *ID_NAMES))
        if not key:
            without_id += 1
            title = as_text(_get(row, "title"))
            key = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:12]
        if key in keys:
            same = f"row {row.number} has the id of row {keys[key]}: give it one of its own"
            said.append((row.number, same))
            key = f"{key}@{row.number}"
        keys[key] = row.number
        found.append((row, key, text))
    if not found:
        raise _unreadable(path, rows)
    told = [*warnings, *_told(said)]
    if without_id:
        told.append(f"rows without an id: {without_id}; their links change with their text")
    for place, (row, key, text) in enumerate(found):
        metadata = _metadata(row)
        tidy, blocks = structure(text, titled=metadata.title is not None)
        extract = Extract(tidy, blocks, metadata, key=key)
        yield replace(extract, warnings=tuple(told)) if place == 0 else extract


def _metadata(row: Row) -> Metadata:
    """The row's other columns; its id is the document's key in the file, and no id by itself."""
    others = {
        name: value
        for name, value in row.values.items()
        if name.strip().lower() not in {*TEXT_NAMES, *ID_NAMES}
    }
    return from_pairs(others, f"row {row.number}")


def _get(row: Row, *names: str) -> object:
    for given, value in row.values.items():
        if given.strip().lower() in names:
            return value
    return None


def _text(row: Row) -> str:
    for name in TEXT_NAMES:
        value = _get(row, name)
        if isinstance(value, str) and value.strip():
            return clean(value)
    return ""


def _unreadable(path: str, rows: Sequence[Row | BadRow]) -> UnreadableFile:
    """Why a file has no good row: its first bad one, or else that none has text."""
    for row in rows:
        if isinstance(row, BadRow):
            return UnreadableFile(f"{path}, line {row.number}: {row.reason}")
    names = ", ".join(TEXT_NAMES)
    return UnreadableFile(f"{path} has no row with text: name the column of the text ({names})")


def _told(said: Sequence[tuple[int, str]]) -> Iterator[str]:
    """What is to be said of rows, all of the first ones; of the others only which they are."""
    yield from (text for _, text in said[:_SHOWN])
    if said[_SHOWN:]:
        numbers = ", ".join(str(number) for number, _ in said[_SHOWN:])
        yield f"and {len(said) - _SHOWN:,} more, in rows {numbers}"

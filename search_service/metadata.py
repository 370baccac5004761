"""A document's metadata: what its file declares, what its first lines say, what its owner says.

The owner's `metadata.csv` comes first, the file's own declarations second, and what the text's
first lines say fills the rest, if it is sure. Each value keeps where it came from.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search_service.errors import InvalidValue
from search_service.model import BlockKind, Extract, Metadata, Sourced

# What reads texts is imported where a text is read: a run asks here first whether there are
# corrections, and mostly there are none.
if TYPE_CHECKING:
    from search_service.formats.opening import Opening, Said

OVERRIDES_FILE = "metadata.csv"
"""Its name, in the root of the corpus."""

COLUMNS = ("title", "author", "date", "source", "section", "url", "language")
"""The columns that a table is completed with; `id` and any further one may be added."""

_CLEARED = "-"
_DATES = "2020-11-08, 8 November 2020, 2020-11 or 2020"
_FIRST_BLOCKS = 3


def complete(extract: Extract, path: str) -> Metadata:
    """The declared metadata, and for what it lacks what the first lines and the file's name say."""
    from search_service.dates import find_date_span
    from search_service.formats.opening import read_opening

    declared = extract.metadata
    said = read_opening(extract.text)
    title = declared.title or _title(extract, said)
    date = declared.date
    if date is None and said.date:
        date = Sourced(said.date[0], f"text, line {said.date[1]}")
    if date is None:
        # 2018-11-27-roadmap.md, as blogs kept in files are named.
        span = find_date_span(path.rpartition("/")[2][:10])
        if span and span[1:] == (0, 10):
            date = Sourced(span[0], "file name")
    return replace(
        declared,
        title=title,
        date=date,
        author=declared.author or _sourced(said.author),
        source=declared.source or _sourced(said.source),
        section=declared.section or _sourced(said.section),
        url=declared.url or _sourced(said.url),
    )


def _sourced(said: Said | None) -> Sourced[str] | None:
    return Sourced(said.value, f"text, line {said.line}") if said else None


def _title(extract: Extract, said: Opening) -> Sourced[str] | None:
    """The highest heading among the first blocks, or the first line if it is a title."""
    text = extract.text
    headings = [b for b in extract.blocks[:_FIRST_BLOCKS] if b.kind is BlockKind.HEADING]
    if headings:
        first = min(headings, key=lambda block: (block.level, block.start))
        line = text.count("\n", 0, first.start) + 1
        return Sourced(" ".join(text[first.start : first.end].split()), f"text, line {line}")
    return _sourced(said.title)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Mapping[str, str]
    written: Sequence[str]
    """All of it as it is written, with cells that are empty or in a column without a name."""


class Overrides:
    """The owner's `metadata.csv`: what it says of a document replaces what was found.

    Columns: `path` (relative to the corpus, with `/`), `key` (a row's id, for files of many
    documents; empty: all of them), `title`, `author`, `date`, `source`, `section`, `url`,
    `language`, `id`; any other is kept as further metadata. An empty cell leaves what was found,
    `-` says that there is none.
    """

    def __init__(
        self, rows: Mapping[tuple[str, str], _Row], header: Sequence[str] = ("path", "key")
    ) -> None:
        self._rows = rows
        self._header = tuple(header)

    @classmethod
    def load(cls, corpus: Path) -> Overrides:
        """Reads the file in the root of a corpus; where there is none, nothing is overridden.

        Any encoding, and commas, semicolons or tabs, as spreadsheets save them. Raises
        `InvalidValue` with row and column, `UnreadableFile` for what is no text.
        """
        file = corpus / OVERRIDES_FILE
        return cls(*_read_rows(file.read_bytes())) if file.is_file() else cls({})

    def apply(self, metadata: Metadata, path: str, key: str = "") -> Metadata:
        """The metadata of a document with the owner's corrections."""
        for at in dict.fromkeys(((path, ""), (path, key))):
            if row := self._rows.get(at):
                metadata = _corrected(metadata, row)
        return metadata

    def digests(self) -> dict[str, str]:
        """Path -> a hash of what is said of it: another one means that it must be read anew."""
        said: dict[str, list[str]] = {}
        for (path, key), row in sorted(self._rows.items()):
            said.setdefault(path, []).append(repr((key, sorted(row.cells.items()))))
        return {
            path: hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]
            for path, rows in said.items()
        }

    def table(self, documents: Iterable[tuple[str, str, Metadata]]) -> Iterator[str]:
        """The lines of this table, completed by what was found of (path, key, metadata).

        What it says stays as it is written: its columns, its rows, its cells; only empty cells of
        these documents are filled. The first line begins with a byte-order mark, by which
        spreadsheets know UTF-8.
        """
        names = [cell.strip().lower() for cell in self._header]
        added = [name for name in ("path", "key", *COLUMNS) if name not in names]
        yield "\ufeff" + _line((*self._header, *added))
        names += added
        found = {(path, key): metadata for path, key, metadata in documents}
        for at, row in self._rows.items():
            yield _line(_completed(names, row.written, found.pop(at, Metadata())))
        for (path, key), metadata in found.items():
            named = {"path": path, "key": key}
            yield _line(_completed(names, [named.get(name, "") for name in names], metadata))

    def unused(self, documents: Iterable[tuple[str, str]]) -> list[str]:
        """Rows that name none of these (path, key), in words, for the report: a file renamed?"""
        seen = set(documents)
        paths = {path for path, _ in seen}
        return [
            f"{OVERRIDES_FILE}, row {row.number}: there is no {' '.join(filter(None, (path, key)))}"
            for (path, key), row in self._rows.items()
            if (path, key) not in seen and (key or path not in paths)
        ]


def _read_rows(data: bytes) -> tuple[dict[tuple[str, str], _Row], list[str]]:
    """The rows by path and key, and the cells of the header."""
    from search_service.formats.base import Source
    from search_service.formats.text import decode

    text = decode(Source(OVERRIDES_FILE, data)).text.removeprefix("\ufeff")
    if not text.strip():
        return {}, ["path", "key"]
    header = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    rows: dict[tuple[str, str], _Row] = {}
    columns: list[str] = []
    written: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            number = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns, written = _columns(cells), cells
                continue
            path, key, row = _row(number, columns, cells)
            if (path, key) in rows:
                raise _wrong(
                    number, "path", path, f"row {rows[path, key].number} has it too: keep one"
                )
            rows[path, key] = row
    except csv.Error as error:
        raise _wrong(
            reader.line_num, "", str(error), "close each quote that opens a cell"
        ) from None
    return rows, written


def _columns(cells: list[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    if "path" not in columns:
        raise _wrong(1, "", ", ".join(columns), "name a column path in the first row")
    twice = [name for name in columns if name and columns.count(name) > 1]
    if twice:
        raise _wrong(1, "", twice[0], "name each column once")
    return columns


def _row(number: int, columns: list[str], cells: list[str]) -> tuple[str, str, _Row]:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        raise _wrong(
            number,
            "",
            cells[len(columns)],
            f"there are {len(columns)} columns: quote what has commas",
        )
    named = {
        name: _unguarded(cell.strip()) for name, cell in zip(columns, cells, strict=False) if name
    }
    path = named.pop("path", "").replace("\\", "/").removeprefix("./").strip("/")
    if not path:
        raise _wrong(number, "path", "", "write the file's path in the corpus")
    key = named.pop("key", "")
    row = _Row(number, {name: cell for name, cell in named.items() if cell}, cells)
    _corrected(Metadata(), row)  # so that a wrong cell is told now, not when its file is met
    return path, key, row


def _wrong(number: int, column: str, value: str, cure: str) -> InvalidValue:
    where = f"{OVERRIDES_FILE}, row {number}" + (f", column {column}" if column else "")
    return InvalidValue(where, value, cure)


def _corrected(metadata: Metadata, row: _Row) -> Metadata:
    changed: dict[str, Any] = {}
    extra = dict(metadata.extra)
    for name, cell in row.cells.items():
        field = "identifier" if name == "id" else name
        if field in COLUMNS or field == "identifier":
            value = None if cell == _CLEARED else _value(row, name, cell)
            changed[field] = None if value is None else Sourced(value, OVERRIDES_FILE)
        elif cell == _CLEARED:
            extra.pop(name, None)
        else:
            extra[name] = Sourced(cell, OVERRIDES_FILE)
    return replace(metadata, **changed, extra=extra)


def _value(row: _Row, column: str, cell: str) -> object:
    if column == "date":
        from search_service.dates import parse_date

        date = parse_date(cell)
        if date is None:
            raise _wrong(row.number, column, cell, f"write it as {_DATES}")
        return date
    if column == "language":
        from search_service.formats.builder import language_code

        code = language_code(cell)
        if code is None:
            raise _wrong(row.number, column, cell, "write an ISO 639-1 code such as az or en")
        return code
    if column == "url" and not cell.startswith(("http://", "https://")):
        raise _wrong(row.number, column, cell, "write it with https://")
    return cell


def _completed(names: Sequence[str], written: Sequence[str], metadata: Metadata) -> Iterator[str]:
    """A row's cells as they are written, the empty ones filled with what was found."""
    for name, cell in zip_longest(names, written[: len(names)], fillvalue=""):
        known = name in COLUMNS and not cell.strip()
        yield _text(getattr(metadata, name)) if known else cell


def doubts(metadata: Metadata) -> tuple[str, ...]:
    """What is declared as a date and cannot be read as one, unless the owner has said the date."""
    from search_service.formats.declared import unread_dates

    if metadata.date and metadata.date.where == OVERRIDES_FILE:
        return ()
    return tuple(
        f"{value.where}: {value.value[:40]!r} in {name} is no date that can be read in one way: "
        f"write it as {_DATES}"
        for name, value in unread_dates(metadata)
        if value.where != OVERRIDES_FILE
    )


def lacks(metadata: Metadata) -> tuple[str, ...]:
    """Which of title and date are not known."""
    return tuple(name for name in ("title", "date") if getattr(metadata, name) is None)


def _text(value: Sourced[Any] | None) -> str:
    if value is None:
        return ""
    return _guarded(str(getattr(value.value, "text", value.value)))


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


# A spreadsheet would run a title such as =HYPERLINK(...) as a formula: the apostrophe says text.
_FORMULA = ("=", "+", "-", "@")


def _guarded(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(tuple("'" + mark for mark in _FORMULA)) else cell

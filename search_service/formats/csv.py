"""CSV: one document a row, with columns named in the first row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from search_service.errors import UnreadableFile
from search_service.formats.base import Format, Source
from search_service.formats.rows import TEXT_NAMES, BadRow, Row, extracts
from search_service.formats.text import decode
from search_service.model import Extract

# The default of 131,072 characters a cell is less than a long article.
csv.field_size_limit(2**31 - 1)


def read(source: Source) -> Iterator[Extract]:
    """Reads the rows of one file: commas, semicolons, tabs or bars between the cells.

    A row that cannot be read is left out and named. Raises `UnreadableFile` if that leaves none.
    """
    decoded = decode(source)
    text = decoded.text.removeprefix("\ufeff")
    header = text[:10_000].lstrip().split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    rows: list[Row | BadRow] = []
    columns: list[str] = []
    for line, cells, wrong in _rows(list(io.StringIO(text, newline="")), delimiter):
        if wrong:
            bad = BadRow(line, f"{wrong}: close each quote, and double those within cells")
            if not columns:
                raise UnreadableFile(f"{source.path}, line {line}: {bad.reason}")
            rows.append(bad)
        elif not any(cell.strip() for cell in cells):
            continue
        elif not columns:
            columns = [cell.strip() for cell in cells]
            _check(source.path, columns)
        elif len(cells) > len(columns):
            reason = (
                f"{len(cells)} cells where the first row names {len(columns)} columns: quote the "
                f"cell that holds a {delimiter!r}"
            )
            rows.append(BadRow(line, reason))
        else:
            rows.append(Row(line, dict(zip(columns, cells, strict=False))))
    yield from extracts(source.path, rows, decoded.warnings)


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """(line that it begins on, cells, what is wrong) of each row.

    After a row that cannot be read goes on with the next line: a quote that is never closed would
    take all rows below it along.
    """
    begin = 0
    while begin < len(lines):
        rest = (lines[number] for number in range(begin, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        start = begin
        try:
            for cells in reader:
                yield start + 1, cells, ""
                start = begin + reader.line_num
        except csv.Error as error:
            yield start + 1, [], str(error)
        begin = start + 1


def _check(path: str, columns: list[str]) -> None:
    names = {column.lower() for column in columns}
    if names.isdisjoint(TEXT_NAMES):
        raise UnreadableFile(
            f"{path} has no column of text ({', '.join(columns)[:200]}): name it {TEXT_NAMES[0]}"
        )


FORMAT = Format(
    name="csv",
    label="CSV",
    suffixes=(".csv", ".tsv"),
    media_type="text/csv",
    read=read,
)

"""CSV: one document a row, with columns named in the first row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from search_service.errors import UnreadableFile
from search_service.formats.base import Format, Source
from search_service.formats.rows import TEXT_NAMES, Row, extracts
from search_service.formats.text import decode
from search_service.model import Extract

# The default of 131,072 characters a cell is less than a long article.
csv.field_size_limit(2**31 - 1)


def read(source: Source) -> Iterator[Extract]:
    """Reads the rows of one file: commas, semicolons, tabs or bars between the cells."""
    decoded = decode(source)
    text = decoded.text.removeprefix("\ufeff")
    header = text[:10_000].lstrip().split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    columns: list[str] = []
    begin = 1
    try:
        for cells in reader:
            if not columns:
                columns = [cell.strip() for cell in cells]
                _check(source.path, columns)
            elif any(cell.strip() for cell in cells):
                if len(cells) > len(columns):
                    raise UnreadableFile(
                        f"{source.path}, line {begin}: {len(cells)} cells where the first row names"
                        f" {len(columns)} columns: quote the cell that holds a {delimiter!r}"
                    )
                rows.append(Row(begin, dict(zip(columns, cells, strict=False))))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            f"{source.path}, line {begin}: {error}: close each quote, and double those within cells"
        ) from None
    yield from extracts(source.path, rows, decoded.warnings)


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

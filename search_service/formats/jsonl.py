"""JSON Lines: one document a line, an object with its text and whatever is known of it."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from search_service.errors import UnreadableFile
from search_service.formats.base import Format, Source
from search_service.formats.rows import Row, extracts
from search_service.formats.text import decode
from search_service.model import Extract


def read(source: Source) -> Iterator[Extract]:
    """Reads the objects of one file. Raises `UnreadableFile` with the line that is none."""
    decoded = decode(source)
    rows: list[Row] = []
    # Not splitlines: U+2028 is no line end in JSON.
    for number, line in enumerate(decoded.text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise UnreadableFile(
                f"{source.path}, line {number}: no JSON ({error}): write one object a line"
            ) from None
        if not isinstance(value, dict):
            raise UnreadableFile(f"{source.path}, line {number}: no object: write one a line")
        rows.append(Row(number, value))
    yield from extracts(source.path, rows, decoded.warnings)


FORMAT = Format(
    name="jsonl",
    label="JSON Lines",
    suffixes=(".jsonl", ".ndjson"),
    media_type="application/jsonl",
    read=read,
)

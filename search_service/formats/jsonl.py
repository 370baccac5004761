"""JSON Lines: one document a line, an object with its text and whatever is known of it."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from search_service.formats.base import Format, Source
from search_service.formats.rows import BadRow, Row, extracts
from search_service.formats.text import decode
from search_service.model import Extract


def read(source: Source) -> Iterator[Extract]:
    """Reads the objects of one file; a line that is none is left out and named.

    Raises `UnreadableFile` if that leaves none.
    """
    decoded = decode(source)
    rows: list[Row | BadRow] = []
    # Not splitlines: U+2028 is no line end in JSON.
    for number, line in enumerate(decoded.text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            rows.append(BadRow(number, f"no JSON ({error}): write one object a line"))
            continue
        if isinstance(value, dict):
            rows.append(Row(number, value))
        else:
            rows.append(BadRow(number, "no object: write one a line"))
    yield from extracts(source.path, rows, decoded.warnings)


FORMAT = Format(
    name="jsonl",
    label="JSON Lines",
    suffixes=(".jsonl", ".ndjson"),
    media_type="application/jsonl",
    read=read,
)

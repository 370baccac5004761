"""Documents as JSON and back: what the catalogue keeps of one beside its text and its passages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from search_service.making import maker
from search_service.model import (
    Block,
    BlockKind,
    Document,
    Metadata,
    Passage,
    PublicationDate,
    Sourced,
)

_document = maker(Document)
_known = maker(Metadata)
_sourced = maker(Sourced)
_date = maker(PublicationDate)

_NO_BODY: Mapping[str, Any] = {}
_TEXTS = ("title", "author", "source", "section", "url", "language", "identifier")


def summary_record(document: Document) -> bytes:
    """Everything but text, blocks, page starts and passages."""
    metadata = document.metadata
    known: dict[str, Any] = {
        name: [value.value, value.where]
        for name in _TEXTS
        if (value := getattr(metadata, name)) is not None
    }
    if metadata.date:
        known["date"] = [metadata.date.value.text, metadata.date.where]
    if metadata.extra:
        known["extra"] = {key: [v.value, v.where] for key, v in metadata.extra.items()}
    record: dict[str, Any] = {
        "id": document.id,
        "path": document.path,
        "format": document.format,
        "metadata": known,
        "languages": document.languages,
    }
    if document.key:
        record["key"] = document.key
    if document.warnings:
        record["warnings"] = document.warnings
    if document.stale:
        record["stale"] = True
    return orjson.dumps(record)


def structure_record(document: Document) -> bytes:
    """Its blocks and page starts."""
    blocks = [
        [block.start, block.end, block.kind, block.level, block.language]
        for block in document.blocks
    ]
    return orjson.dumps({"blocks": blocks, "page_starts": document.page_starts})


def read_blocks(structure: bytes | memoryview, start: int, end: int) -> tuple[Block, ...]:
    """The blocks of a structure that have letters of [start, end)."""
    return tuple(
        Block(low, high, BlockKind(kind), level, language)
        for low, high, kind, level, language in orjson.loads(structure)["blocks"]
        if low < end and start < high
    )


def read_document(
    summary: bytes | memoryview,
    text: str = "",
    structure: bytes | memoryview | None = None,
    passages: tuple[Passage, ...] = (),
) -> Document:
    """The document that these records were made from; without `structure`, its summary."""
    record = orjson.loads(summary)
    body: Mapping[str, Any] = orjson.loads(structure) if structure is not None else _NO_BODY
    get = record.get
    return _document(
        record["id"],
        record["path"],
        get("key", ""),
        record["format"],
        text,
        _metadata(record["metadata"]),
        tuple(
            [
                Block(start, end, BlockKind(kind), level, language)
                for start, end, kind, level, language in body.get("blocks", ())
            ]
        ),
        passages,
        tuple(record["languages"]),
        tuple(body.get("page_starts", ())),
        tuple(get("warnings", ())),
        get("stale", False),
    )


def _metadata(known: Mapping[str, Any]) -> Metadata:
    def sourced(name: str) -> Sourced[str] | None:
        value = known.get(name)
        return _sourced(*value) if value else None

    date = known.get("date")
    extra = known.get("extra")
    return _known(
        sourced("title"),
        sourced("author"),
        _sourced(_date(date[0]), date[1]) if date else None,
        sourced("source"),
        sourced("section"),
        sourced("url"),
        sourced("language"),
        sourced("identifier"),
        {key: _sourced(*value) for key, value in extra.items()} if extra else {},
    )

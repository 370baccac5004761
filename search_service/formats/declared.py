"""Metadata that a file declares in names and values, as front matter and table rows do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from search_service.dates import parse_date
from search_service.formats.builder import clean, language_code
from search_service.model import Metadata, Sourced

NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "headline", "başlıq", "başlık", "заголовок"),
    "author": ("author", "authors", "byline", "creator", "müəllif", "yazar", "автор"),
    "date": (
        "date",
        "published",
        "publication_date",
        "pubdate",
        "date_published",
        "published_at",
        "tarix",
        "tarih",
        "дата",
    ),
    "source": (
        "source",
        "publisher",
        "site",
        "site_name",
        "publication",
        "agency",
        "mənbə",
        "kaynak",
        "источник",
    ),
    "section": ("section", "category", "rubric", "rubrika"),
    "url": ("url", "link", "canonical", "permalink"),
    "language": ("language", "lang", "locale", "dil", "язык"),
    "identifier": ("id", "identifier", "guid"),
}
"""Which names mean which field; any other is kept under its own."""

_FIELDS = {name: field for field, names in NAMES.items() for name in names}


def from_pairs(pairs: Mapping[str, object], where: str) -> Metadata:
    """Metadata of names and values; a value that its field cannot take is kept under its name."""
    fields: dict[str, Any] = {}
    extra: dict[str, Sourced[str]] = {}
    for name, value in pairs.items():
        text = as_text(value)
        if not text:
            continue
        field = _field(name)
        read: object = text
        if field == "date":
            read = parse_date(value)
        elif field == "language":
            read = language_code(text)
        elif field == "url":
            read = text if text.startswith(("http://", "https://")) else None
        if field is None or field in fields or read is None:
            extra[name.strip()] = Sourced(text, where)
        else:
            fields[field] = Sourced(read, where)
    return Metadata(**fields, extra=extra)


def unread_dates(metadata: Metadata) -> Iterator[tuple[str, Sourced[str]]]:
    """The names and values that were to be a date, and are kept as further metadata instead."""
    for name, value in metadata.extra.items():
        if _field(name) == "date" and parse_date(value.value) is None:
            yield name, value


def _field(name: str) -> str | None:
    return _FIELDS.get(name.strip().lower().replace(" ", "_").replace("-", "_"))


def as_text(value: object) -> str:
    """A value as one line: of a list its parts between commas, of a mapping its name alone."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return as_text(value.get("name"))
    if isinstance(value, list | tuple):
        parts = (as_text(part) for part in value[:100] if not isinstance(part, list | tuple))
        return ", ".join(part for part in parts if part)
    return " ".join(clean(str(value)).split())[:10_000]

"""The formats that can be read: a table of names and suffixes; a module is imported when needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from search_service.errors import UnknownName, UnreadableFile

if TYPE_CHECKING:  # A look at the folder needs the suffixes alone.
    from search_service.formats.base import Format

FORMATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": (".txt", ".text"),
        "markdown": (".md", ".markdown", ".mdx"),
        "html": (".html", ".htm", ".xhtml"),
        "pdf": (".pdf",),
        "docx": (".docx",),
        "odt": (".odt",),
        "epub": (".epub",),
        "rtf": (".rtf",),
        "rst": (".rst", ".rest"),
        "email": (".eml",),
        "csv": (".csv", ".tsv"),
        "jsonl": (".jsonl", ".ndjson"),
    }
)
"""Name of each format, which is its module's too, and its suffixes: those of its `FORMAT`."""

_BY_SUFFIX = {suffix: name for name, suffixes in FORMATS.items() for suffix in suffixes}


@cache
def get(name: str) -> Format:
    """The format of this name. Raises `UnknownName`."""
    if name not in FORMATS:
        raise UnknownName("format", name, FORMATS)
    loaded: Format = import_module(f"{__name__}.{name}").FORMAT
    return loaded


def format_of(path: str) -> Format:
    """The format of a file by its suffix.

    Raises `UnreadableFile` with what to do about the file where its suffix is none of ours.
    """
    name, dot, suffix = path.rpartition("/")[2].rpartition(".")
    suffix = f".{suffix.lower()}" if name and dot else ""
    if found := _BY_SUFFIX.get(suffix):
        return get(found)
    from search_service.formats.refusals import CURES  # noqa: PLC0415 -- few files need it

    if cure := CURES.get(suffix):
        raise UnreadableFile(f"{path} {cure}")
    kind = f"has the suffix {suffix}" if suffix else "has no suffix"
    raise UnreadableFile(
        f"{path} {kind}, which is not read: save it as one of {' '.join(_BY_SUFFIX)}"
    )

"""What a format is: its suffixes, and a function from bytes to extracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from search_service.model import Extract


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its bytes are handed in, so that a format never opens a path."""

    path: str
    """Relative to the corpus, with `/`: for messages and for guesses from the name."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Format:
    """One format. Its file in this folder makes one, and the table in `__init__` names it."""

    name: str
    """As the facet shows it: `pdf`, `markdown`."""
    label: str
    """For people: `PDF`, `Markdown`."""
    suffixes: tuple[str, ...]
    """In lower case, with the dot."""
    media_type: str
    """For the original file's download."""
    read: Callable[[Source], Iterator[Extract]]
    """Yields one extract, or one a row. Raises `UnreadableFile` with the cure."""

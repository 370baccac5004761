"""What stands above a passage: its heading path, and the sentence that introduces its list."""

from __future__ import annotations

from collections.abc import Iterator

from search_service.model import Block, BlockKind
from search_service.passages import units

Span = tuple[int, int]


class Sections:
    """The headings above the place reached, and whether the innermost has text below it."""

    def __init__(self) -> None:
        self._open: list[tuple[int, Span]] = []
        self._bare = False

    def path(self) -> tuple[Span, ...]:
        """The heading path of what comes now, which is text of theirs."""
        self._bare = False
        return tuple(span for _, span in self._open)

    def close(self, level: int) -> Iterator[tuple[Span, tuple[Span, ...]]]:
        """Leave the sections of this level and deeper; yields the heading that had no text."""
        while self._open and self._open[-1][0] >= level:
            _, span = self._open.pop()
            if self._bare:
                yield span, self.path()

    def open(self, span: Span, level: int) -> None:
        """Enter the section of a heading."""
        self._open.append((level, span))
        self._bare = True


class LeadIns:
    """The sentence that introduces the list we are in: the one directly before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._before: Span | None = None
        self._parents: list[tuple[int, Span]] = []

    def heading(self) -> None:
        """A heading ends a list, and is its own context."""
        self._before = None
        self._parents.clear()

    def lead_in(self, block: Block, last: Span) -> Span | None:
        """The lead-in of a block whose last sentence is `last`."""
        if block.kind is BlockKind.ITEM:
            while self._parents and self._parents[-1][0] >= block.level:
                self._parents.pop()
            lead_in = self._parents[-1][1] if self._parents else self._before
            # An item introduces those below it when it says so: "Strings:", then the instruments.
            if units.introduces(self._text, last[1]):
                self._parents.append((block.level, last))
            return lead_in
        if block.kind in {BlockKind.PARAGRAPH, BlockKind.QUOTE}:
            # What is quoted stands for itself, and introduces nothing by a full stop.
            whole = block.kind is BlockKind.PARAGRAPH and units.ends(self._text, *last)
            self._before = last if whole or units.introduces(self._text, last[1]) else None
            self._parents.clear()
        # Code, tables and verse between two items are a part of the list.
        return None

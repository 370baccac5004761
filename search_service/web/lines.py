"""Where a shown text begins a new line: at a block, and at each line of verse, a table or code.

Any other end of a line is where the file was wrapped, and is a space: a poem keeps its lines, a
list its items, and a paragraph is set anew to the width that there is. No letter is changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from search_service.model import Block, BlockKind
from search_service.web.rendering import BULLETS

_LINED = (BlockKind.VERSE, BlockKind.TABLE, BlockKind.CODE)
_ITEM = '<i class="item"></i>'
"""Stands before a list item that has no sign of its own; the style sheet draws one, which nobody
copies."""


def set_lines(html: str, text: str, start: int, blocks: Sequence[Block]) -> str:
    """A text's HTML in which each new line, and nothing else, is one \\n.

    Args:
        html: the text, escaped and marked; it has the same ends of lines.
        text: what is shown, as its document has it.
        start: where it begins in its document.
        blocks: those of the document that it lies in, in order.
    """
    return "".join(_lines(html, text, start, blocks)) if "\n" in text else html


def _lines(html: str, text: str, start: int, blocks: Sequence[Block]) -> Iterator[str]:
    begins = [block.start for block in blocks]
    first = blocks[0] if blocks and blocks[0].start == start else None
    # Of an item that is shown without its beginning, nothing begins.
    yield "" if html.startswith("…") else _sign(first, text)
    at, fresh = start, False
    for shown, line in zip(html.split("\n"), text.split("\n"), strict=True):
        words = line.lstrip()
        if at > start and words:
            word = at + len(line) - len(words)
            place = bisect_right(begins, word) - 1
            block = blocks[place] if place >= 0 else None
            begun = block is not None and block.start == word
            new = fresh or begun or block is None or block.kind in _LINED
            yield "\n" if new else " "
            if begun:
                yield _sign(block, words)
            fresh = False
        elif at > start:
            fresh = True
        yield shown
        at += len(line) + 1


def _sign(block: Block | None, text: str) -> str:
    """What stands before a block that begins with this text."""
    if block is None or block.kind is not BlockKind.ITEM:
        return ""
    return "" if text[:1] in BULLETS or text[:1].isdigit() else _ITEM

"""Builds the text of an extract block by block, so that offsets are right by construction."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from search_service.model import Block, BlockKind, Extract, Metadata

# Control characters, soft hyphens, zero-width spaces and byte-order marks: nobody sees them and
# they break words. The joiners U+200C and U+200D stay, for Persian writes with them.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """The text in NFC, its lines ended by \\n, without characters that cannot be seen."""
    if "\r" in text or not text.isprintable():
        text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))
    return unicodedata.normalize("NFC", text)


def language_code(tag: str | None) -> str | None:
    """`az` of a language tag such as `az-Latn-AZ`; None where it is none."""
    primary = re.split("[-_]", (tag or "").strip(), maxsplit=1)[0].lower()
    return primary if re.fullmatch("[a-z]{2,3}", primary) and primary != "und" else None


class Builder:
    """Collects blocks in reading order; between blocks it puts one empty line.

    Items of a list, and lines of code that follow each other, are parted by a line end alone.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._page_starts: list[int] = []
        self._pages_due = 0
        self._length = 0
        self.warnings: list[str] = []

    def add(self, text: str, kind: BlockKind, level: int = 0, language: str | None = None) -> None:
        """Adds a block; white space around it is dropped (of code: empty lines), so may it be."""
        text = clean(text)
        text = text.strip("\n").rstrip() if kind is BlockKind.CODE else text.strip()
        if not text.strip():
            return
        if self._blocks:
            items = kind is self._blocks[-1].kind is BlockKind.ITEM
            self._put("\n" if items else "\n\n")
        start = self._length
        self._begin_pages()
        self._put(text)
        self._blocks.append(Block(start, self._length, kind, level, language))

    def page(self) -> None:
        """Says that a page begins with what is added next."""
        self._pages_due += 1

    def go_on(self, text: str) -> None:
        """Goes on with the last block on the page that begins here."""
        self._put(" ")
        self._begin_pages()
        self._put(clean(text).strip())
        self._blocks[-1] = replace(self._blocks[-1], end=self._length)

    def _put(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def _begin_pages(self) -> None:
        # A page without text begins where the next text does.
        self._page_starts.extend([self._length] * self._pages_due)
        self._pages_due = 0

    def extract(self, metadata: Metadata, key: str = "") -> Extract:
        """What was collected, as an extract."""
        self._begin_pages()
        return Extract(
            text="".join(self._pieces),
            blocks=tuple(self._blocks),
            metadata=metadata,
            key=key,
            page_starts=tuple(self._page_starts),
            warnings=tuple(self.warnings),
        )

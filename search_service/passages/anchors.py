"""Permanent links: an anchor names a sentence of a document, wherever it is cut now."""

from __future__ import annotations

import unicodedata
from base64 import b32encode
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from search_service.model import Block, BlockKind, Document, Passage
from search_service.passages import units

# Crockford's base 32: no i, l, o, u, so that nothing is taken for 1 or 0.
_LETTERS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")
_BULLETS = "-*+•·–◦▪‣ \t"
_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼʻʹ′`´", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None),
    }
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where an anchor's sentence is now."""

    ordinal: int
    """Of the passage that holds it."""
    exact: bool
    """Whether that passage still begins with it; otherwise it was cut differently since."""


def name(sentence: str) -> str:
    """Eight characters that name a sentence, whatever its white space, quotes, dashes, bullet."""
    same = " ".join(unicodedata.normalize("NFC", sentence).translate(_SAME).split())
    same = same.lstrip(_BULLETS) or same
    return b32encode(blake2b(same.encode(), digest_size=5).digest()).translate(_LETTERS).decode()


class Namer:
    """Names the sentences of one document, all of them and in reading order.

    A sentence's second occurrence is `name-2`, whichever of the two begins a passage.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def anchor(self, sentence: str) -> str:
        """The anchor of the next sentence."""
        plain = name(sentence)
        self._seen[plain] += 1
        count = self._seen[plain]
        return plain if count == 1 else f"{plain}-{count}"


def resolve(document: Document, anchor: str) -> Resolved | None:
    """Which passage of a document holds the sentence that an anchor names; None if none does.

    Where a repeated sentence now occurs fewer times, its last occurrence is meant.
    """
    for passage in document.passages:
        if passage.anchor == anchor:
            return Resolved(passage.ordinal, exact=True)
    plain, _, count = anchor.partition("-")
    wanted = int(count) if count.isascii() and count.isdigit() else 1
    found: Resolved | None = None
    occurrence = 0
    for passage in document.passages:
        for at, (start, end) in enumerate(sentences(document.text, document.blocks, passage)):
            if name(document.text[start:end]) == plain:
                occurrence += 1
                found = Resolved(passage.ordinal, exact=at == 0)
                if occurrence == wanted:
                    return found
    return found


def sentences(text: str, blocks: Sequence[Block], passage: Passage) -> Iterator[tuple[int, int]]:
    """The sentences of a passage as slices of its document's text; a line, where it has none."""
    first = bisect_right(blocks, passage.start, key=lambda block: block.start) - 1
    for block in blocks[max(0, first) :]:
        if block.start >= passage.end:
            break
        start, end = max(block.start, passage.start), min(block.end, passage.end)
        # A passage that is a heading is named by the whole of it.
        kind = BlockKind.TABLE if block.kind is BlockKind.HEADING else block.kind
        for unit in units.split(text, start, end, kind, passage.language):
            yield unit[:2]

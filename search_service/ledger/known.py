"""What is known of a document, and how it is known again."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

SKETCH = 12
"""How many of a document's anchors are compared, to know it again after an edit: the smallest,
so that of two versions of a text the same ones are (Broder's bottom-k sketch, 1997)."""


def derive(path: str, key: str, attempt: int = 0) -> str:
    """The id of a document that is first seen here: 12 letters and digits, 60 bits."""
    text = "\0".join((path, key, str(attempt) if attempt else ""))
    return b32encode(hashlib.sha256(text.encode()).digest())[:12].decode().lower()


def mark(what: str, key: str) -> str:
    """What is kept of a withdrawn document's path, or of its content: enough to know it again."""
    return hashlib.sha256(f"withdrawn\0{what}\0{key}".encode()).hexdigest()[:32]


class Known(NamedTuple):
    """Where a document was last, and what it looked like."""

    path: str
    key: str
    sha: str
    """SHA-256 of its file."""
    passages: str = ""
    """The anchors of its passages in reading order, with a space between: small in memory."""

    def anchors(self) -> tuple[str, ...]:
        """The anchors of its passages, in reading order."""
        return tuple(self.passages.split())

    def sketch(self) -> tuple[str, ...]:
        """The anchors by which it is known again."""
        return tuple(sorted(set(self.anchors()))[:SKETCH])


@dataclass(frozen=True)
class Departed:
    """Documents whose files are nowhere any more: candidates for what is new."""

    by_anchor: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Anchor -> ids."""
    about: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Id -> (key, how many anchors are compared)."""

    def recognise(self, key: str, anchors: Collection[str]) -> str | None:
        """Which of them this is: a text of this key with half of the anchors compared."""
        votes: dict[str, int] = {}
        for anchor in set(anchors):
            for each in self.by_anchor.get(anchor, ()):
                if self.about[each][0] == key:
                    votes[each] = votes.get(each, 0) + 1
        best = min(votes, key=lambda each: (-votes[each] / self.about[each][1], each), default=None)
        return best if best and 2 * votes[best] >= self.about[best][1] else None

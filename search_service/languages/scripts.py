"""Which script a letter belongs to, as far as identification needs it."""

from __future__ import annotations

from bisect import bisect_right

OTHER = "Zzzz"
"""ISO 15924's code for a script that is not in the table."""

# First letter of each stretch of Unicode and its script.
_STRETCHES = (
    (0x0000, "Latn"),
    (0x0370, "Grek"),
    (0x0400, "Cyrl"),
    (0x0530, "Armn"),
    (0x0590, "Hebr"),
    (0x0600, "Arab"),
    (0x0700, OTHER),
    (0x0750, "Arab"),
    (0x0780, OTHER),
    (0x08A0, "Arab"),
    (0x0900, "Deva"),
    (0x0980, OTHER),
    (0x10A0, "Geor"),
    (0x1100, "Hang"),
    (0x1200, OTHER),
    (0x1C80, "Cyrl"),
    (0x1C90, "Geor"),
    (0x1CC0, OTHER),
    (0x1D00, "Latn"),
    (0x1F00, "Grek"),
    (0x2000, "Latn"),
    (0x2D00, "Geor"),
    (0x2D30, OTHER),
    (0x2DE0, "Cyrl"),
    (0x2E00, OTHER),
    (0x2E80, "Hani"),
    (0x3040, "Kana"),
    (0x3100, OTHER),
    (0x3130, "Hang"),
    (0x3190, OTHER),
    (0x31F0, "Kana"),
    (0x3200, OTHER),
    (0x3400, "Hani"),
    (0xA000, OTHER),
    (0xA640, "Cyrl"),
    (0xA6A0, OTHER),
    (0xA720, "Latn"),
    (0xA800, OTHER),
    (0xA8E0, "Deva"),
    (0xA900, OTHER),
    (0xA960, "Hang"),
    (0xA980, OTHER),
    (0xAC00, "Hang"),
    (0xD800, OTHER),
    (0xF900, "Hani"),
    (0xFB00, "Latn"),
    (0xFB13, "Armn"),
    (0xFB1D, "Hebr"),
    (0xFB50, "Arab"),
    (0xFE00, OTHER),
    (0xFE70, "Arab"),
    (0xFF00, "Latn"),
    (0xFF66, "Kana"),
    (0xFFA0, "Hang"),
    (0xFFE0, OTHER),
    (0x20000, "Hani"),
    (0x323B0, OTHER),
)
_STARTS = [start for start, _ in _STRETCHES]


def script_of(letter: str) -> str:
    """The ISO 15924 code of a letter's script; hiragana and katakana are both `Kana`."""
    return _STRETCHES[bisect_right(_STARTS, ord(letter)) - 1][1]

"""What a passage is made of: sentences, and lines where a block has no sentences.

Cutting and resolving links split a block by the same function, and a split that begins at any unit
gives the same units again; so a link finds its sentence however the passages were cut.
"""

from __future__ import annotations

import re

from search_service import languages
from search_service.model import BlockKind
from search_service.passages.packing import Gap

_BY_LINES = frozenset({BlockKind.CODE, BlockKind.TABLE, BlockKind.VERSE})
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_END = re.compile(r"[.!?…。！？؟۔։।][\"'”’»“)\]」』]*\Z")
_INTRODUCES = (":", "：")
# Scripts that put no spaces between words.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]")
_LONGEST_WORD = 16  # letters; more count as several words, so that no passage is endless


def split(
    text: str, start: int, end: int, kind: BlockKind, language: str
) -> list[tuple[int, int, Gap]]:
    """The units of a block, or of a part of one that begins at a unit.

    Each is a slice of `text` and the gap before it; that of the first is `Gap.PARAGRAPH`.
    """
    if kind in _BY_LINES:
        return _lines(text, start, end, kind)
    code = language if language in languages.LANGUAGES else languages.UNDETERMINED
    gap = Gap.LINE if kind is BlockKind.ITEM else Gap.SENTENCE
    return [
        (start + first, start + last, gap if at else Gap.PARAGRAPH)
        for at, (first, last) in enumerate(languages.get(code).sentences(text[start:end]))
    ]


def _lines(text: str, start: int, end: int, kind: BlockKind) -> list[tuple[int, int, Gap]]:
    after_blank = {
        BlockKind.VERSE: Gap.PARAGRAPH,
        BlockKind.CODE: Gap.SENTENCE,
        BlockKind.TABLE: Gap.SENTENCE,
    }[kind]
    after_line = Gap.SENTENCE if kind is BlockKind.TABLE else Gap.LINE
    units: list[tuple[int, int, Gap]] = []
    for line in _LINE.finditer(text, start, end):
        found = line[0]
        first = line.start() + len(found) - len(found.lstrip())
        gap = Gap.PARAGRAPH
        if units:
            blank = _BLANK_LINE.search(text, units[-1][1], first)
            gap = after_blank if blank else after_line
        units.append((first, line.start() + len(found.rstrip()), gap))
    return units


def introduces(text: str, end: int) -> bool:
    """Whether the unit that ends here introduces what follows: "He said:"."""
    return text.endswith(_INTRODUCES, 0, end)


def ends(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` ends as a sentence does."""
    return bool(_END.search(text, max(start, end - 4), end))


def words(text: str) -> int:
    """The size of a text in words; two letters of a script without spaces count as one."""
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    spaced = len(_UNSPACED.sub(" ", text).split()) if unspaced else len(text.split())
    return max(1, spaced + unspaced // 2, (len(text) - unspaced) // _LONGEST_WORD)

"""The words of a text: one compiled expression, in linear time.

A word is letters, marks and digits. Hyphens, dashes, slashes and underscores separate: `44-day`
and `27-də` are two words in a row. An apostrophe inside a word belongs to it (`father's`,
`Bakı'nın`, `м'ята`) unless the language elides (`l'homme`). `C++` and `C#` keep their signs.
Scripts that put no spaces between words, and Korean, are cut into overlapping pairs of letters:
`北京大学` is `北京`, `京大`, `大学`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from search_service.languages.base import Token
from search_service.languages.casing import APOSTROPHES, INVISIBLE

# Every mark below 0x10000 lies in one of these; to look at all letters takes three times as long.
_WITH_MARKS = (range(0x300, 0x3100), range(0xA600, 0xAC00), range(0xFB00, 0xFF00))
_MARKS = "".join(
    letter
    for letters in _WITH_MARKS
    for letter in map(chr, letters)
    if unicodedata.category(letter)[0] == "M"
)
_WORD = rf"\w[\w{_MARKS}{INVISIBLE}]*"
_APOSTROPHE = f"[{APOSTROPHES}]"
_SIGNS = r"(?:#(?<=\b[A-Za-z]#)(?!\w)|\+\+(?<=[A-Za-z]\+\+)(?![\w+]))?"

# Han, kana, Bopomofo, Hangul, Thai, Lao, Burmese, Khmer.
_UNSPACED_LETTERS = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U00020000-\U0003ffff"
)
_UNSPACED = re.compile(f"[{_UNSPACED_LETTERS}]")
_RUNS = re.compile(rf"[{_UNSPACED_LETTERS}{_MARKS}{INVISIBLE}]+|[^{_UNSPACED_LETTERS}]+")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_LETTER = re.compile(rf"[^{_MARKS}{INVISIBLE}][{_MARKS}{INVISIBLE}]*")

APOSTROPHE_LETTERS = "ʼʻʹ"
"""Apostrophes that are letters to Unicode."""

SIGNS = "#+"
"""What ends `C#` and `C++`."""
INSIDE = frozenset(_MARKS + INVISIBLE)
"""What a word goes on with, and none begins with."""


class Words:
    """Finds the words of a text as one language, or one group of languages, separates them.

    Args:
        joins: whether an apostrophe between two letters makes one word of them.
        inside: an expression for what more may follow a letter inside a word or end it: the
            apostrophe of Uzbek `oʻ`.
        before: an expression for words that end in an apostrophe and stand by themselves: the
            `l'` of French.
    """

    def __init__(self, *, joins: bool = True, inside: str = "", before: str = "") -> None:
        self.joins = joins
        self.usual = not inside and not before
        """Whether it has nothing but `joins` that another rule has not."""
        joined = rf"(?:{_APOSTROPHE}{_WORD})*" if joins else ""
        word = rf"{_WORD}{joined}"
        if inside:
            word = rf"{_WORD}(?:{inside}(?:{_WORD})?|{_APOSTROPHE}{_WORD})*"
        if before:
            word = rf"\b(?:{before})(?={_APOSTROPHE}\w)|{word}"
        self._expression = re.compile(f"(?:{word}){_SIGNS}")

    def tokens(self, text: str) -> list[Token]:
        """The words in order; `text[start:end]` is a token's surface."""
        if text.isascii() or not _UNSPACED.search(text):
            spans = [match.span() for match in self._expression.finditer(_seen(text))]
        else:
            spans = list(self._spans(text))
        return [Token(text[start:end], start, end) for start, end in spans]

    def surfaces(self, text: str) -> list[str]:
        """The words in order without their places: the fast path of indexing.

        An apostrophe that Unicode counts among the letters may come out as `'`.
        """
        seen = _seen(text)
        if text.isascii() or not _UNSPACED.search(text):
            return self._expression.findall(seen)
        return [text[start:end] for start, end in self._spans(text)]

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for match in self._expression.finditer(_seen(text)):
            if _UNSPACED.search(match[0]):
                yield from _pairs(match[0], match.start())
            else:
                yield match.span()


def is_word_letter(letter: str) -> bool:
    """Whether a word begins with it, in every language."""
    return bool(_LETTER_OR_DIGIT.match(letter)) and letter not in APOSTROPHE_LETTERS


def unspaced_letters() -> str:
    """The letters below 0x10000 that are cut into overlapping pairs."""
    return "".join(_UNSPACED.findall("".join(map(chr, range(0xD800))))) + "".join(
        _UNSPACED.findall("".join(map(chr, range(0xE000, 0x10000))))
    )


def is_spaced(text: str) -> bool:
    """Whether none of it is in a script that is cut into overlapping pairs of letters."""
    return text.isascii() or not _UNSPACED.search(text)


def _seen(text: str) -> str:
    """The text of the same length with what Unicode alone takes for letters replaced."""
    if "_" in text:
        text = text.replace("_", " ")
    if not text.isascii():
        for letter in APOSTROPHE_LETTERS:
            text = text.replace(letter, "'")
    return text


def _pairs(word: str, offset: int) -> Iterator[tuple[int, int]]:
    """Spans of the overlapping pairs of letters in a word, and of what is spaced within it."""
    for run in _RUNS.finditer(word):
        if not _UNSPACED.search(run[0]):
            yield offset + run.start(), offset + run.end()
            continue
        letters = [letter.span() for letter in _LETTER.finditer(word, *run.span())]
        if not letters:  # nothing but marks
            continue
        for first, second in zip(letters, letters[1:] or letters, strict=False):
            yield offset + first[0], offset + second[1]


WORDS = Words()
"""The rule for most languages and for none: an apostrophe between letters joins them."""

"""The folded form of a word: what is left when people type without diacritics.

One table for all languages and scripts, because a query's language is not known: `ə` is `e`,
`ı` is `i`, `ё` is `е`, an alef is an alef. Letters that are letters of their own on every keyboard
of their language stay (`й`, `ї`), and so do the vowel signs of scripts that are nothing without
them (Devanagari, Thai).
"""

from __future__ import annotations

import unicodedata

# What Unicode does not decompose, or decomposes to what nobody types.
_LETTERS = {
    "ə": "e",
    "ǝ": "e",
    "ı": "i",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ħ": "h",
    "ŧ": "t",
    "ŋ": "n",
    "ɣ": "g",
    "ƣ": "g",
    "ƶ": "z",
    "й": "й",
    "ї": "ї",
    # Cyrillic letters of the Turkic languages and Tajik, as typed on a Russian keyboard.
    "ә": "а",
    "ғ": "г",
    "ҝ": "г",
    "ґ": "г",
    "қ": "к",
    "ҡ": "к",
    "ң": "н",
    "ө": "о",
    "ү": "у",
    "ұ": "у",
    "һ": "х",
    "ҳ": "х",
    "ҹ": "ч",
    "ҷ": "ч",
    "ѐ": "е",
    "ς": "σ",
    "և": "եվ",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ە": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ة": "ه",
    "ک": "ك",
    "ݢ": "گ",
    "ـ": "",
    "ء": "",
    "ँ": "ं",
    "ー": "ー",
}

# Marks that writers leave out; all other marks are part of a word.
_MARKS = (
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x0711, 0x0711),
    (0x0730, 0x074A),
    (0x08CA, 0x08FF),
    (0x093C, 0x093C),
    (0x09BC, 0x09BC),
    (0x0A3C, 0x0A3C),
    (0x0ABC, 0x0ABC),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
)
_SIGNS = "+#"
"""Of `c++` and `c#`."""


def _dropped(mark: str) -> bool:
    return any(first <= ord(mark) <= last for first, last in _MARKS)


def _fold_letter(letter: str) -> str:
    """One code point folded, by the table or else by its compatibility decomposition."""
    if letter in _LETTERS:
        return _LETTERS[letter]
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    parts = []
    for part in unicodedata.normalize("NFKD", letter.lower()):
        category = unicodedata.category(part)
        if category[0] == "M":
            parts.append("" if _dropped(part) else part)
        elif category[0] in "LN" or part in _SIGNS:
            parts.append(part)
    return unicodedata.normalize("NFC", "".join(parts))


class _Table(dict[int, str]):
    """Code point -> folded, filled as code points are met; each result folds to itself."""

    def __missing__(self, code: int) -> str:
        folded = _fold_letter(chr(code))
        for _ in range(4):  # ǽ is æ first, and ae then: the longest chain is three steps.
            further = "".join(map(_fold_letter, folded))
            if further == folded:
                break
            folded = further
        self[code] = folded
        return folded


_TABLE = _Table()


def fold_letters(word: str) -> str:
    """An exact form folded letter by letter, which may leave nothing of it."""
    return word.translate(_TABLE)


def fold(word: str) -> str:
    """The folded form of an exact form; itself where nothing would be left of it."""
    if word.isascii():
        return word.replace("'", "") or word
    folded = fold_letters(word)
    if "\u3099" in folded or "\u309a" in folded:  # of a half-width kana
        folded = unicodedata.normalize("NFC", folded)
    return folded or word

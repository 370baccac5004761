"""Small letters by a language's rules, and the plain spelling of a word before that.

`str.lower` alone is wrong twice for us: it turns `İ` into two code points, and `I` into `i`
where Azerbaijani and Turkish write `ı`.
"""

from __future__ import annotations

import re
import unicodedata

APOSTROPHES = "'’ʼ`´‘ʻʹ′＇"
"""Everything that people type for an apostrophe; `plain` makes it the first."""

INVISIBLE = "\u00ad\u200c\u200d\u200e\u200f\u2060\ufeff"
"""Soft hyphen, joiners and direction marks: part of a word as written, of no form of it."""

_PLAIN = {ord(mark): "'" for mark in APOSTROPHES} | {ord(mark): None for mark in INVISIBLE}
_TURKIC = {ord("İ"): "i", ord("I"): "ı"}
_LATIN = re.compile("[A-Za-zıİ]")


def plain(surface: str) -> str:
    """The word in NFC, with one kind of apostrophe and nothing invisible."""
    if surface.isascii():
        return surface.replace("`", "'")
    return unicodedata.normalize("NFC", surface.translate(_PLAIN))


def lower(word: str) -> str:
    """Small letters of a plain word by Unicode's rules, one code point for `İ`."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", word.replace("İ", "i").lower())


def lower_turkic(word: str) -> str:
    """Small letters where `I` is the capital of `ı`: `QIZIL` is `qızıl`, `İNCƏ` is `incə`.

    A Cyrillic `ә` among Latin letters, as old fonts made it, becomes the Latin `ə`.
    """
    word = word.translate(_TURKIC).lower()
    if word.isascii():
        return word
    if "ә" in word and _LATIN.search(word):
        word = word.replace("ә", "ə")
    return unicodedata.normalize("NFC", word)

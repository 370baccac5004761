"""Alphabetical order as a language has it: ç after c, ə after e, ı before i.

Letters of other scripts stand behind its own, script by script: Ж is not among K and L.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from search_service.languages import LANGUAGES, UNDETERMINED, get
from search_service.languages.base import Language

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_SCRIPTS = {"LATIN": "en", "GREEK": "el", "CYRILLIC": "ru", "HEBREW": "he", "ARABIC": "ar"}
"""Script -> the language in whose order its letters stand among those of other scripts."""
_SCRIPT = 1000
"""The places that a script has."""


def script(letter: str) -> str:
    """The script of a letter as Unicode names it: `LATIN`; empty for what has no name."""
    return unicodedata.name(letter, "").partition(" ")[0]


class Alphabet:
    """One language's order; a letter that it lacks stands after the one that it is made of."""

    def __init__(self, language: Language) -> None:
        self._language = language
        letters = language.alphabet or _LATIN
        self._places = {letter: place for place, letter in enumerate(letters, start=1)}

    @staticmethod
    @cache
    def of(code: str) -> Alphabet:
        """The order of a language, or the Latin one for a language that is not known."""
        return Alphabet(get(code if code in LANGUAGES else UNDETERMINED))

    def key(self, text: str) -> list[tuple[float, str]]:
        """Sorts texts; punctuation does not count, a space comes before any letter."""
        return [
            (self._place(letter), letter)
            for letter in self._language.lower(text)
            if letter.isalnum() or letter.isspace()
        ]

    def _place(self, letter: str) -> float:
        if letter.isspace():
            return -2
        if letter.isdigit():
            return -1
        place = self._within(letter)
        if place is not None:
            return place
        written = script(letter)
        if written not in _SCRIPTS:
            return _SCRIPT * (len(_SCRIPTS) + 1) + ord(letter)
        number = list(_SCRIPTS).index(written) + 1
        other = Alphabet.of(_SCRIPTS[written])._within(letter)
        return _SCRIPT * number + (_SCRIPT - 1 if other is None else other)

    def _within(self, letter: str) -> float | None:
        """A letter's place among those of this language; None where it is of none of them."""
        if letter in self._places:
            return self._places[letter]
        base = self._language.fold(letter)[:1]
        return self._places[base] + 0.5 if base in self._places else None

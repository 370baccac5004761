"""Alphabetical order as a language has it: ç after c, ə after e, ı before i."""

from __future__ import annotations

from functools import cache

from search_service.languages import LANGUAGES, UNDETERMINED, get
from search_service.languages.base import Language

_LATIN = "abcdefghijklmnopqrstuvwxyz"


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
        if letter in self._places:
            return self._places[letter]
        if letter.isspace():
            return -2
        if letter.isdigit():
            return -1
        base = self._language.fold(letter)[:1]
        return self._places[base] + 0.5 if base in self._places else 1000 + ord(letter)

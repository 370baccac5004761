"""The words of a text, and the keys of each; a surface form is read once."""

from __future__ import annotations

from functools import cache

from search_service.highlight.ladder import ANY, keys_of
from search_service.languages import analysis
from search_service.languages.base import Language
from search_service.languages.tokens import is_spaced

_REMEMBERED = 1 << 16


class Keys(dict[str, frozenset[str]]):
    """Surface form -> its keys, as one analyser reads it: the memory behind marking."""

    def __init__(self, analyser: analysis.Analyser) -> None:
        super().__init__()
        self._analyser = analyser

    def __missing__(self, surface: str) -> frozenset[str]:
        if len(self) >= _REMEMBERED:
            self.clear()
        keys = self[surface] = keys_of(self._analyser.form(surface)) | {ANY}
        return keys


@cache
def keys_memory(analyser: analysis.Analyser) -> Keys:
    """The process's memory of what an analyser reads."""
    return Keys(analyser)


def words_of(language: Language, text: str) -> tuple[list[str], list[int]]:
    """The words of a text and where they begin.

    Words follow one another, so each is the next occurrence of its surface: looking for it is
    faster than asking the expression for its place.
    """
    if is_spaced(text):
        surfaces = language.surfaces(text)
        starts: list[int] = []
        place = 0
        for surface in surfaces:
            place = text.find(surface, place)
            if place < 0:
                break  # an odd apostrophe has been read as a plain one
            starts.append(place)
            place += len(surface)
        else:
            return surfaces, starts
    tokens = language.tokenise(text)
    return [token.surface for token in tokens], [token.start for token in tokens]

"""The words of a text, and the keys of each; a surface form is read once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from search_service.highlight.ladder import ANY, keys_of
from search_service.languages import analysis
from search_service.languages.tokens import is_spaced

_REMEMBERED = 1 << 16
SHORT = 200
"""Characters up to which a text is likely a title or a heading, and its keys are kept together."""
TEXTS_REMEMBERED = 1 << 10
"""Texts whose words are remembered, a passage some 8 KB: who turns a page or chooses a facet sees
the same passages again, and a title stands above all passages of its document."""


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


class WordsOfText:
    """The words of one text in order; where they stand is found out when it is asked.

    Most headings have no word of a query, and nobody asks where their words begin.
    """

    __slots__ = ("_analyser", "_keys", "_sentences", "_starts", "_text", "surfaces")

    def __init__(self, analyser: analysis.Analyser, text: str) -> None:
        self._analyser = analyser
        self._text = text
        self._starts: Sequence[int] | None = None
        self._keys: frozenset[str] | None = None
        self._sentences: Sequence[tuple[int, int]] | None = None
        if is_spaced(text):
            self.surfaces = analyser.surfaces(text)
        else:
            tokens = analyser.language.tokenise(text)
            self.surfaces = [token.surface for token in tokens]
            self._starts = [token.start for token in tokens]

    @property
    def starts(self) -> Sequence[int]:
        """Where each word begins."""
        if self._starts is None:
            self._starts = self._found()
        return self._starts

    def end(self, place: int) -> int:
        """Where a word ends."""
        return self.starts[place] + len(self.surfaces[place])

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all words together: worth it for texts that are shown again and again."""
        if self._keys is None:
            memory = keys_memory(self._analyser)
            self._keys = frozenset().union(*(memory[surface] for surface in self.surfaces))
        return self._keys

    @property
    def sentences(self) -> Sequence[tuple[int, int]]:
        """Its sentences as slices; the whole where there is none."""
        if self._sentences is None:
            found = self._analyser.language.sentences(self._text)
            self._sentences = found or [(0, len(self._text))]
        return self._sentences

    def _found(self) -> Sequence[int]:
        """Words follow one another, so each is the next occurrence of its surface.

        Looking for it is faster than asking the expression for its place.
        """
        text = self._text
        starts = []
        place = 0
        for surface in self.surfaces:
            place = text.find(surface, place)
            if place < 0:  # an odd apostrophe has been read as a plain one
                return [token.start for token in self._analyser.language.tokenise(text)]
            starts.append(place)
            place += len(surface)
        return starts


_headings = lru_cache(maxsize=2 * TEXTS_REMEMBERED)(WordsOfText)
_passages = lru_cache(maxsize=TEXTS_REMEMBERED // 2)(WordsOfText)


def words_of(analyser: analysis.Analyser, text: str) -> WordsOfText:
    """The words of a text; of the texts shown lately they are remembered.

    Passages are many and soon forgotten, so they do not drive out what stands above them.
    """
    return (_headings if len(text) <= SHORT else _passages)(analyser, text)

"""Texts to forms, with a memory of the vocabulary.

Text is analysed once, in Python, for every engine: the vocabulary is analysed, not the tokens. A
surface form is looked up, and read only when it is new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from search_service.languages import UNDETERMINED, get, translit
from search_service.languages.base import Form, Language, Token
from search_service.languages.casing import plain

_REMEMBERED = 1 << 16
"""Surface forms that an analyser remembers: some 30 MB. When they are full, it starts anew."""


class _Memory(dict[str, Form]):
    """Surface -> form, read when it is first asked for."""

    def __init__(self, read: Callable[[str], Form]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, surface: str) -> Form:
        form = self._read(surface)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[surface] = form
        return form


class Analyser:
    """Reads words as a language does; for words of no known language, as several do.

    Args:
        language: whose case, words and folding count.
        candidates: the languages whose stems and stop words count: for a passage of no known
            language those of its document.
    """

    def __init__(self, language: Language, candidates: Sequence[Language] = ()) -> None:
        self.language = language
        self._candidates = tuple(candidates) or (language,)
        self._memory = _Memory(self._read)
        self.form: Callable[[str], Form] = self._memory.__getitem__
        """The form of a surface form; remembered."""
        self.surfaces = language.surfaces
        """The words of a text in order without their places."""

    @property
    def code(self) -> str:
        """Its language's."""
        return self.language.code

    @property
    def single(self) -> bool:
        """Whether it reads as its language does, and as no other."""
        return self._candidates == (self.language,)

    @property
    def remembered(self) -> int:
        """How many surface forms it remembers now."""
        return len(self._memory)

    def forms(self, text: str) -> list[tuple[Token, Form]]:
        """The words of a text with their places and forms, for marking them."""
        return [(token, self.form(token.surface)) for token in self.language.tokenise(text)]

    def outline(self, surface: str) -> Form:
        """The form of a surface form without its stems and keys, which cost most of it."""
        language = self.language
        word = plain(surface)
        exact = language.lower(word)
        if len(self._candidates) == 1 and language.lower(plain(exact)) == exact:
            word = plain(exact)  # What `Town` is, `town` is.
        stop = any(
            (exact if candidate is language else candidate.lower(word)) in candidate.stop_words
            for candidate in self._candidates
        )
        return Form(exact, language.fold(exact), (), (), stop)

    def _read(self, surface: str) -> Form:
        language = self.language
        word = plain(surface)
        exact = language.lower(word)
        if (
            exact != surface
            and len(self._candidates) == 1
            and language.lower(plain(exact)) == exact
        ):
            return self._memory[exact]  # What `Town` is, `town` is.
        folded = language.fold(exact)
        stems: list[str] = []
        keys: list[str] = []
        stop = False
        for candidate in self._candidates:
            reading = exact if candidate is language else candidate.lower(word)
            roots = candidate.stem(reading)
            prefix = candidate.code + ":"
            stems += [prefix + root for root in roots]
            if reading in candidate.stop_words:
                stop = True
            else:
                keys += translit.keys(reading, candidate.code, roots)
        if len(self._candidates) > 1:
            keys = list(dict.fromkeys(keys))
        return Form(
            exact,
            exact if folded == exact else folded,
            tuple(stems),
            () if stop else tuple(keys),
            stop,
        )


@cache
def analyser(code: str) -> Analyser:
    """The process's analyser for a language. Raises `UnknownName`."""
    return Analyser(get(code))


@cache
def undetermined(codes: tuple[str, ...]) -> Analyser:
    """The analyser for passages of no known language in a document of these languages."""
    return Analyser(get(UNDETERMINED), [get(code) for code in codes] or [get(UNDETERMINED)])

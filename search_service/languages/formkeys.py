"""New words to the keys of their forms, many at once: compiled where that could be, else in Python.

A key is a form as one string. The compiled reader knows the letters of Latin and Cyrillic; a word
that has others is read in Python, as all are without it, and both give the same keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from search_service.languages.analysis import Analyser
from search_service.languages.base import Form
from search_service.languages.compiled_keys import reader
from search_service.languages.separators import FORM_SEPARATOR, KEY_SEPARATOR, PART_SEPARATOR

COMPILED = find_spec("search_service.languages._reading") is not None
"""Whether the compiled reader was built at installation."""

Keys = Callable[[Sequence[str]], list[str]]
"""From words to the keys of their forms, in order."""


class Reads(Protocol):
    """What an `Analyser` does for one word."""

    @property
    def code(self) -> str:
        """Its language's."""

    def form(self, surface: str) -> Form:
        """The form of a word."""


def form_key(form: Form, language: str) -> str:
    """A form as one string; such strings sort as (folded, exact, language) do."""
    key = PART_SEPARATOR.join(
        (
            form.folded,
            form.exact,
            language,
            KEY_SEPARATOR.join(form.stems),
            KEY_SEPARATOR.join(form.translit),
        )
    )
    if FORM_SEPARATOR in key or key.count(PART_SEPARATOR) != 4:
        raise ValueError(f"a word cannot have control characters: {form.exact!r}")
    return key


def keys_of(reads: Reads, *, compiled: bool | None = None) -> Keys:
    """The function from new words to their keys, as one analyser reads them."""

    def plain(words: Sequence[str]) -> list[str]:
        return [form_key(reads.form(word), reads.code) for word in words]

    if not (COMPILED if compiled is None else compiled):
        return plain
    if not isinstance(reads, Analyser) or not reads.single:
        return plain
    native: Any = reader(reads.language)

    def keys(words: Sequence[str]) -> list[str]:
        found: list[str | None] = native.keys(list(words))
        return [
            form_key(reads.form(word), reads.code) if key is None else key
            for word, key in zip(words, found, strict=True)
        ]

    return keys

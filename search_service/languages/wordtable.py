"""Words to numbers while texts are indexed: compiled where that could be built, else Python.

A table numbers the words it meets, from 0 in the order of their coming. Whoever asks keeps what
belongs to each number: a word is read once, and looked up ever after. Both kinds find the same
words, give them the same numbers, and add up to the last bit alike.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search_service.languages import tokens
from search_service.languages.casing import APOSTROPHES

COMPILED = find_spec("search_service.languages._words") is not None
"""Whether the compiled tables were built at installation."""

Surfaces = Callable[[str], list[str]]


class WordTable(Protocol):
    """Words by their numbers."""

    def __len__(self) -> int:
        """How many it has met."""

    def read(self, text: str, fresh: list[str]) -> NDArray[np.uint32]:
        """The numbers of the words of a text in order; new ones are appended to `fresh`."""


class PlainTable:
    """In Python.

    Args:
        surfaces: finds the words of a text.
    """

    def __init__(self, surfaces: Surfaces) -> None:
        self._surfaces = surfaces
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def read(self, text: str, fresh: list[str]) -> NDArray[np.uint32]:
        """The numbers of the words of a text in order; new ones are appended to `fresh`."""
        numbers = self._numbers
        words = self._surfaces(text)
        try:
            return np.array([numbers[word] for word in words], np.uint32)
        except KeyError:
            for word in dict.fromkeys(words):
                if word not in numbers:
                    numbers[word] = len(numbers)
                    fresh.append(word)
            return np.array([numbers[word] for word in words], np.uint32)


class CompiledTable:
    """In C, which hashes the letters where they stand.

    Args:
        surfaces: finds the words of a text that the rule cannot read.
        rule: how words are found; without one, always by `surfaces`.
    """

    def __init__(self, surfaces: Surfaces, rule: Any | None) -> None:
        self._surfaces = surfaces
        self._reads = rule is not None
        self._table: Any = native().Table(rule if self._reads else _rule(True))

    def __len__(self) -> int:
        return len(self._table)

    def read(self, text: str, fresh: list[str]) -> NDArray[np.uint32]:
        """The numbers of the words of a text in order; new ones are appended to `fresh`."""
        found = self._table.read(text, fresh) if self._reads else None
        if found is None:
            found = self._table.number(self._surfaces(text), fresh)
        return np.frombuffer(found, np.uint32)


def open_table(
    surfaces: Surfaces, rule: Callable[[], Any] | None = None, *, compiled: bool | None = None
) -> WordTable:
    """A table of words as `surfaces` finds them.

    `rule` makes the rule that finds the same ones (`letters_rule`); the rules of most languages
    are known here.
    """
    if not (COMPILED if compiled is None else compiled):
        return PlainTable(surfaces)
    words = getattr(surfaces, "__self__", None)
    if rule is None and isinstance(words, tokens.Words) and words.usual:
        return CompiledTable(surfaces, _rule(words.joins))
    return CompiledTable(surfaces, rule() if rule else None)


def sums_of(
    rows: NDArray[np.float32], numbers: NDArray[np.uint32], *, compiled: bool | None = None
) -> NDArray[np.float32]:
    """The rows of these numbers added up in their order, in single precision."""
    if COMPILED if compiled is None else compiled:
        sums = np.zeros(rows.shape[1], np.float32)
        native().add_up(rows, rows.shape[1], numbers, sums)
        return sums
    if not len(numbers):
        return np.zeros(rows.shape[1], np.float32)
    # One after another as C does it: sums of NumPy add in another order, and round otherwise.
    added: NDArray[np.float32] = np.add.accumulate(rows[numbers], axis=0)[-1]
    return added


@cache
def letters_rule(apostrophes: str, unspaced: str) -> Any:
    """The rule of words that are letters alone, joined by apostrophes, or one unspaced letter."""
    return native().Rule("", apostrophes, "", unspaced, True, False, True, False)


@cache
def _rule(joins: bool) -> Any:
    """The rule of `tokens.Words` for most languages."""
    return native().Rule(
        "".join(tokens.INSIDE),
        APOSTROPHES,
        tokens.APOSTROPHE_LETTERS,
        tokens.unspaced_letters(),
        joins,
        True,
        False,
        True,
    )


@cache
def native() -> Any:
    """The compiled module."""
    return import_module("search_service.languages._words")

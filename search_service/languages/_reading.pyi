"""What `native/reading` offers."""

from collections.abc import Callable, Sequence
from typing import Any

class Stemmer:
    def __init__(
        self,
        costs: list[tuple[tuple[float, ...], tuple[float, ...]]],
        proper: dict[str, int],
        plain: dict[str, int],
        restored: dict[str, str],
        short_roots: frozenset[str],
        hardened: dict[str, str],
        /,
    ) -> None: ...

class Spelling:
    def __init__(
        self, graphs: list[tuple[Any, ...]], letters: dict[str, tuple[str, ...]], /
    ) -> None: ...

class Reader:
    def __init__(
        self,
        code: str,
        letters: Any,
        stop_words: frozenset[str],
        stem: Callable[[str], Sequence[str]],
        stemmer: Stemmer | None,
        latin: Spelling,
        mixed: Spelling | None,
        cyrillic: Spelling,
        latin_cases: tuple[Any, ...],
        cyrillic_cases: tuple[Any, ...],
        mixed_signs: tuple[str, ...],
        left: str,
        /,
    ) -> None: ...
    def keys(self, words: list[str], /) -> list[str | None]: ...

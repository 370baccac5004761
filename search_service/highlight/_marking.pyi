"""What `native/marking` offers; words are int32 as bytes, marks tuples of `texts.Mark`."""

from collections.abc import Callable, Sequence
from typing import Any

from search_service.model import Snippet

class Alphabet:
    def __init__(self, block: Callable[[int], bytes], /) -> None: ...
    def words(
        self, text: str, wanted: Wanted | None, joins: bool, /
    ) -> tuple[bytes, bytes, list[tuple[int, str]]] | None: ...
    def folded(self, word: str, /) -> str | None: ...

class Wanted:
    def __init__(
        self, forms: Sequence[str], beginnings: Sequence[str], prefixes: Sequence[str], /
    ) -> None: ...

class Snippets:
    def __init__(
        self,
        alphabet: Alphabet,
        wanted: Wanted | None,
        joins: bool,
        memory: Any,
        uses: bytes,
        numbers: bytes,
        called: tuple[str, ...],
        abbreviations: frozenset[str],
        ordinals: bool,
        types: tuple[type, type, tuple[Any, ...]],
        /,
    ) -> None: ...
    def snippet(self, text: str, offset: int, most: int, /) -> Snippet | None: ...

def sentences(
    alphabet: Alphabet, text: str, abbreviations: frozenset[str], ordinals: bool, /
) -> list[tuple[int, int]]: ...
def show(
    alphabet: Alphabet,
    text: str,
    starts: Any,
    ends: Any,
    marks: list[Any],
    most: int,
    abbreviations: frozenset[str],
    ordinals: bool,
    /,
) -> tuple[int, int, int, int, str]: ...

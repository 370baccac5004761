"""The inner loops of marking behind one interface: compiled where that could be built, else Python.

Both find the same words, mark the same of them and show the same of a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

from search_service.highlight.ladder import Met
from search_service.languages.analysis import Analyser
from search_service.languages.base import Language
from search_service.model import Rung, Snippet

COMPILED = find_spec("search_service.highlight._marking") is not None
"""Whether the compiled loops were built at installation."""


class Mark(NamedTuple):
    """A marked slice of a text, in code points of this text."""

    start: int
    end: int
    rung: Rung
    word: int
    """The word of the query that it answers, by its number."""
    synonym: bool


class Shown(NamedTuple):
    """What is shown of a text: the slice, which of the marks are in it, and its HTML."""

    start: int
    end: int
    first: int
    last: int
    html: str


class Words(Protocol):
    """The words of a text in order."""

    @property
    def starts(self) -> Sequence[int]:
        """Where each begins."""

    @property
    def ends(self) -> Sequence[int]:
        """Where each ends."""

    @property
    def candidates(self) -> Sequence[tuple[int, str]]:
        """(place, surface) of those that may be wanted: all that are, and few others."""


@dataclass(frozen=True, slots=True)
class Asked:
    """By what a word of a text may answer a query; by anything else it does not."""

    forms: tuple[str, ...]
    """Folded forms."""
    beginnings: tuple[str, ...]
    """The first letters (`ladder.SIMILAR_LETTERS`) of folded forms."""
    prefixes: tuple[str, ...]
    """What folded forms begin with."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Single words that are asked of the texts of one language."""

    analyser: Analyser
    wanted: Any | None
    """What `Texts.wanted` made of them."""
    memory: Mapping[str, tuple[Met, ...]]
    """Surface form -> how it answers."""
    uses: bytes
    """What is marked of each word: `SINGLE`, `STOPS` or both."""
    numbers: tuple[int, ...]
    """What each is called, as a place in `called`."""
    called: tuple[str, ...]


SINGLE = 1
"""A use of a word: it is marked where it stands alone, and not in a phrase only."""
STOPS = 2
"""Stop words that answer it are marked too."""

MakeSnippet = Callable[[str, int, int], Snippet | None]
"""Text, its offset, words at most (0: all) -> snippet; None where it is to be made otherwise."""


class Texts(Protocol):
    """What reads texts and shows them."""

    def wanted(self, asked: Asked) -> Any:
        """What is asked, as `words` wants it: made once a query."""

    def words(self, analyser: Analyser, text: str, wanted: Any | None) -> Words:
        """The words of a text; where nothing says what is wanted, all of them are candidates."""

    def snippets(self, asking: Asking) -> MakeSnippet | None:
        """What makes snippets of texts of one language in one step, where it can be done so."""

    def show(
        self, language: Language, text: str, words: Words, marks: list[Mark], most: int | None
    ) -> Shown:
        """What is shown of a text: at most so many words, all of it where `most` is None.

        The marks are ascending and apart.
        """


KINDS = {
    "compiled": ("search_service.highlight.compiled_texts", "CompiledTexts"),
    "python": ("search_service.highlight.plain_texts", "PlainTexts"),
}


def open_texts(name: str | None = None) -> Texts:
    """The one of this name; None is the best there is."""
    module, kind = KINDS[name or ("compiled" if COMPILED else "python")]
    texts: Texts = getattr(import_module(module), kind)()
    return texts

"""What a language is: its letters, words, sentences and stems, as data and small functions.

A `Language` says how one *word form* is read; nothing here looks at a whole text but `tokenise`
and `sentences`. Index and query use the same object, so they can not drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from search_service.languages.turkic_stems import TurkicStemmer


class Token(NamedTuple):
    """A word of a text, with code-point offsets: `text[start:end]` is `surface`.

    A tuple, because marking makes one for each word that is shown.
    """

    surface: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Form:
    """A surface form as one language reads it: the keys by which queries meet it.

    It is a row of the vocabulary. For `Qarabağın` in Azerbaijani: exact `qarabağın`, folded
    `qarabagin`, stems `("az:qarabag",)`, translit `("krbk",)` or whatever the key's rule gives.
    """

    exact: str
    """Cased by the language's rules, NFC, one kind of apostrophe and dash."""
    folded: str
    """Without diacritics, ə as e, ı as i: the same for every language and script."""
    stems: tuple[str, ...]
    """Stem keys, each with its language in front; several where the language is not known."""
    translit: tuple[str, ...]
    """Keys across scripts and romanisations; none for short common words."""
    stop: bool
    """A stop word: it counts little and never decides."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language. Its file in this folder makes one, and the table in `__init__` names it."""

    code: str
    """ISO 639-1, or 639-3 where there is none; `und` is the default for all others."""
    name: str
    """Its own name for itself: `Azərbaycanca`."""
    english_name: str
    scripts: tuple[str, ...]
    """ISO 15924 codes, the usual one first: `("Latn", "Cyrl")`."""
    alphabet: str
    """Its small letters in dictionary order, for sorting lists of titles."""
    stop_words: frozenset[str]
    """Exact forms."""
    lower: Callable[[str], str]
    """Cases an NFC word by the language's rules: `QIZIL` is `qızıl` in Azerbaijani."""
    fold: Callable[[str], str]
    """The folded form of an exact form."""
    stem: Callable[[str], Sequence[str]]
    """The stems of an exact form, the likeliest first, folded; itself when there is none."""
    tokenise: Callable[[str], list[Token]]
    """The words of a text in order."""
    surfaces: Callable[[str], list[str]]
    """The words of a text without their places: the fast path of indexing."""
    sentences: Callable[[str], list[tuple[int, int]]]
    """The sentences of a paragraph as slices, white space around them left out."""
    direction: Literal["ltr", "rtl"] = "ltr"
    stemmer: TurkicStemmer | None = None
    """What `stem` asks of a word of Latin letters alone, where it does nothing else."""

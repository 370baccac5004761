"""What the compiled reader of words is told of a language: letters, stems, spellings of sounds."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from search_service.languages import translit
from search_service.languages.base import Language
from search_service.languages.casing import APOSTROPHES, plain
from search_service.languages.folding import fold_letters
from search_service.languages.tokens import SIGNS

_KNOWN, _ALPHABETIC = 1, 2
_LETTERS = [*map(chr, range(0x530)), "‘", "’"]
_BY_THEIR_PLACE = "ΣӘә"
"""Letters whose small letter, or what is made of it, depends on those around them."""

_GRAPH = re.compile(
    r"(?P<lead>\^|\(\?<=\^?\[\w+\]\)|\(\?<!\w\))?"
    r"(?P<letters>(?:\[\w+\]|\w\??)+)"
    r"(?P<follow>\$|\(\?=\$\|\[\w+\]\)|\(\?=\w\))?"
)
"""What expressions of `translit` are made of."""

Graph = tuple[int, str, tuple[str, ...], int, str, tuple[str, ...]]
"""What must precede, and the letters of that; letters, each one of a set; what must follow, and the
letters of that; values."""


def reader(language: Language) -> Any:
    """The compiled reader of a language."""
    own = language.code in translit.OWN_READING
    return _native().Reader(
        language.code,
        _letters(language.lower),
        language.stop_words,
        language.stem,
        language.stemmer and language.stemmer.compiled,
        _spelling(translit.OWN_READING.get(language.code, translit.ENGLISH)),
        _spelling(translit.ENGLISH) if own else None,
        _spelling(translit.RUSSIAN),
        translit.AZERBAIJANI_CASES if own else (),
        translit.RUSSIAN_CASES,
        translit.AS_IN_ENGLISH,
        translit.OWN_CYRILLIC if language.code == "az" else "",
    )


@cache
def _letters(lower: Callable[[str], str]) -> bytes:
    """uint16[0x532, 4]: of each letter the small one, that folded (twice), and flags."""
    return b"".join(struct.pack("<4H", *_letter(letter, lower)) for letter in _LETTERS)


def _letter(letter: str, lower: Callable[[str], str]) -> tuple[int, int, int, int]:
    unknown = (0, 0, 0, 0)
    if letter in APOSTROPHES:
        return ord("'"), 0, 0, _KNOWN
    if unicodedata.category(letter)[0] not in "LN" and letter not in SIGNS:
        return unknown
    small = lower(plain(letter))
    if len(small) != 1 or small not in _LETTERS or lower(plain(small)) != small:
        return unknown
    folded = fold_letters(small)
    if letter in _BY_THEIR_PLACE or not 1 <= len(folded) <= 2 or max(map(ord, folded)) > 0xFFFF:
        return unknown
    first, second = (*map(ord, folded), 0)[:2]
    return ord(small), first, second, _KNOWN | _ALPHABETIC * small.isalpha()


@cache
def _spelling(reading: translit.Reading) -> Any:
    graphs = [
        (*parsed, tuple(values.split("|")))
        for expression, values in reading.graphs.items()
        for parsed in _parsed(expression)
    ]
    letters = {letter: tuple(values.split("|")) for letter, values in reading.letters.items()}
    return _native().Spelling(graphs, letters)


def _parsed(expression: str) -> Iterator[tuple[int, str, tuple[str, ...], int, str]]:
    """The parts of an expression; of one with a letter that may be left out, with it and without.

    What precedes: 1 one of the letters, 2 one of them that is the first, 3 none of them, 4 nothing.
    What follows: 1 one of the letters or nothing, 2 one of them, 3 nothing; 0 is anything.
    """
    match = _GRAPH.fullmatch(expression)
    if match is None:
        raise ValueError(f"the compiled reader cannot read {expression!r}")
    lead, follow = match["lead"] or "", match["follow"] or ""
    before, after = ("".join(re.findall(r"\w", part)) for part in (lead.replace("?<", ""), follow))
    precedes = 4 if lead == "^" else 3 if "!" in lead else 2 if "^" in lead else bool(lead)
    follows = 3 if follow == "$" else 1 if "$" in follow else 2 * bool(follow)
    sets = re.findall(r"\[(\w+)\]|(\w)(\??)", match["letters"])
    letters = tuple(several or one for several, one, _ in sets)
    yield int(precedes), before, letters, follows, after
    if any(optional for *_, optional in sets):
        left = tuple(several or one for several, one, optional in sets if not optional)
        yield int(precedes), before, left, follows, after


@cache
def _native() -> Any:
    return import_module("search_service.languages._reading")

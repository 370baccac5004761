"""Suffixes of the Turkic languages, spelt out once for every harmony, so that a word is a look-up.

A suffix is written as linguists write it, with capital letters for what varies:

    A     low vowel: a after back vowels, else the language's front one (ə, e, ä)
    I     high vowel: ı, i, u or ü after the vowel before it
    K     a velar: q or k, between vowels ğ or y (gələcək, gələcəyəm)
    D     d or t, as the letter before it is voiced or not
    (y)   a consonant only after a vowel; (I) a vowel only after a consonant

A grammar is a list of paths, a path a list of slots, a slot the suffixes of which one stands there.
All their combinations are made when a language is first used, in folded letters, because people
type without diacritics. A look-up then tells whether the end of a word can be suffixes after a root
that ends so, and how unusual that would be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

VOWELS = frozenset("aeiou")
"""The vowels of folded words."""

CYRILLIC: dict[str, str | None] = {
    "а": "a",
    "б": "b",
    "в": "v",
    "г": "g",
    "д": "d",
    "е": "e",
    "ж": "j",
    "з": "z",
    "и": "i",
    "й": "y",
    "к": "k",
    "л": "l",
    "м": "m",
    "н": "n",
    "о": "o",
    "п": "p",
    "р": "r",
    "с": "s",
    "т": "t",
    "у": "u",
    "ф": "f",
    "ц": "ts",
    "ш": "sh",
    "э": "e",
    "ю": "yu",
    "я": "ya",
    "ь": None,
}
"""Letters that Kazakh and Uzbek write for the same sounds -> those that grammars are written in."""

IMPOSSIBLE = float("inf")
"""The cost of suffixes where they cannot stand."""

_VOWELS_OF_SUFFIXES = VOWELS | {"A", "I"}
_PIECE = re.compile(r"\((\w)\)|(\w)")
# A harmony is (front, rounded); after a root's last vowel, folded, these are possible.
_HARMONIES = [(front, rounded) for front in (False, True) for rounded in (False, True)]
_AFTER = {"a": (0,), "e": (2,), "i": (0, 2), "o": (1, 3), "u": (1, 3)}
_PLACE = {
    (vowel, is_open): number * 2 + is_open
    for number, vowel in enumerate(_AFTER)
    for is_open in (False, True)
}


class Suffix(NamedTuple):
    """Suffixes that may follow one another at a slot's place, and how unusual they are."""

    text: str
    cost: float = 0.0


Slot = Sequence[Suffix]
Path = Sequence[Slot]
Costs = tuple[float, ...]
"""Of suffixes after each kind of root: at its place, see `places`."""

NOWHERE: Costs = (IMPOSSIBLE,) * len(_PLACE)
"""Of what is no suffix."""


def slot(texts: str, cost: float = 0.0, *, optional: bool = True) -> list[Suffix]:
    """The suffixes of a slot, written with spaces; optional ones may be left out at no cost."""
    voiced = [text.replace("D", "d") for text in texts.split()]
    voiceless = [text.replace("D", "t") for text in texts.split() if "D" in text]
    return [Suffix("")] * optional + [Suffix(text, cost) for text in voiced + voiceless]


class Sounds(NamedTuple):
    """How a language's suffixes follow the vowels before them.

    Attributes:
        front: whether A is `e` after front vowels; otherwise always `a`.
        rounded: whether I is `u` after rounded vowels; otherwise always `i`.
        back_velar: K after back vowels, elsewhere and between vowels, folded.
        front_velar: the same after front vowels.
    """

    front: bool = True
    rounded: bool = True
    back_velar: tuple[str, str] = ("q", "g")
    front_velar: tuple[str, str] = ("k", "y")


def spell(paths: Sequence[Path], sounds: Sounds) -> dict[str, Costs]:
    """All suffixes that a grammar makes, folded, with their costs after each kind of root."""
    found: dict[str, list[float]] = {}
    for index, (front, rounded) in enumerate(_HARMONIES):
        for after_vowel in (False, True):
            kinds = [_PLACE[vowel, after_vowel] for vowel in _AFTER if index in _AFTER[vowel]]
            least: dict[str, float] = {}
            for path in paths:
                for text, cost in _combine(path, sounds, (front, rounded, after_vowel)):
                    if cost < least.get(text, IMPOSSIBLE):
                        least[text] = cost
            for text, cost in least.items():
                for spelling, extra in _velars(text, sounds, front):
                    costs = found.get(spelling)
                    if costs is None:
                        costs = found[spelling] = [IMPOSSIBLE] * len(_PLACE)
                    for kind in kinds:
                        costs[kind] = min(costs[kind], cost + extra)
    found.pop("", None)
    same: dict[Costs, Costs] = {}
    return {text: same.setdefault(tuple(costs), tuple(costs)) for text, costs in found.items()}


def places(word: str) -> list[int | None]:
    """For each length of a beginning of a folded word, its place in `Costs`; None without vowel."""
    found: list[int | None] = [None]
    last: str | None = None
    for letter in word:
        if letter in VOWELS:
            last = letter
        found.append(_PLACE[last, letter in VOWELS] if last else None)
    return found


def _combine(
    path: Path, sounds: Sounds, root: tuple[bool, bool, bool]
) -> Iterator[tuple[str, float]]:
    """All combinations of a path's suffixes after a root: front, rounded, ends in a vowel."""
    front, rounded, after_vowel = root
    low = "e" if front and sounds.front else "a"
    # (text, rounded, ends in a vowel) -> least cost
    states = {("", rounded and sounds.rounded, after_vowel): 0.0}
    for choices in path:
        after: dict[tuple[str, bool, bool], float] = {}
        for (text, is_rounded, is_open), cost in states.items():
            for suffix in choices:
                state = (
                    _append(text, suffix.text, low, is_rounded, is_open)
                    if suffix.text
                    else (text, is_rounded, is_open)
                )
                if cost + suffix.cost < after.get(state, IMPOSSIBLE):
                    after[state] = cost + suffix.cost
        states = after
    for (text, _, _), cost in states.items():
        yield text, cost


def _append(
    text: str, suffix: str, low: str, rounded: bool, is_open: bool
) -> tuple[str, bool, bool]:
    """The state after one more suffix."""
    for letter, optional, vowel in _letters(suffix):
        if optional and vowel == is_open:
            continue  # a vowel after a vowel, or a consonant after a consonant
        if letter == "A":
            text += low
            rounded = False
        elif letter == "I":
            text += "u" if rounded else "i"
        else:
            text += letter
            rounded = letter in "ou" if vowel else rounded
        is_open = vowel
    return text, rounded, is_open


@cache
def _letters(suffix: str) -> tuple[tuple[str, bool, bool], ...]:
    """The letters of a suffix: each, whether it is optional, whether it is a vowel."""
    return tuple(
        (optional or plain, bool(optional), (optional or plain) in _VOWELS_OF_SUFFIXES)
        for optional, plain in _PIECE.findall(suffix)
    )


def _velars(text: str, sounds: Sounds, front: bool) -> Iterator[tuple[str, float]]:
    """The spellings of K between vowels and elsewhere."""
    if "K" not in text:
        yield text, 0.0
        return
    hard, soft = sounds.front_velar if front else sounds.back_velar
    softened = re.sub("K(?=[aeiou])", soft, text)
    yield softened.replace("K", hard), 0.0
    if soft != "g" and softened != text:  # gələcəgim, as some write
        yield re.sub("K(?=[aeiou])", "g", text).replace("K", hard), 0.3

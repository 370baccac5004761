"""One key for a name across scripts and romanisations: Qarabağ, Karabakh, Garabagh, Карабах.

The key is built by rule from how Azerbaijani and Russian letters are written in English, Russian
and Azerbaijani; there is no list of names. A word is read as its language writes sounds, and each
sound is written by a class:

    A  a ə e я э         G  q g ğ gh г        J  c j dzh дж
    I  i ı u ü y и ы у   K  k к               Z  j zh ж
    O  o ö о             H  x h kh х          S  ş sh ш      C  ç ch ч

What is one letter in Russian may be several in Azerbaijani (Карабах and Кельбаджар have the same К,
Qarabağ and Kəlbəcər do not), so a word has several keys, and two words meet when they share one.
That keeps the classes fine: merging q with k for good would bring far more words together.
"""

from __future__ import annotations

import re

_SHORTEST = 4
"""Sounds of the shortest key: Bakı has four."""

_AZERBAIJANI = str.maketrans(
    "aəeiıuüyoöqgğkxhcjşçw",
    "AAAIIIIIOOGGGKHHJZSCv",
)
_LATIN_GRAPHS = {
    "shch": "SC",
    "dzh": "J",
    "dj": "J",
    "tch": "C",
    "kh": "H",
    "gh": "G",
    "sh": "S",
    "ch": "C",
    "zh": "Z",
    "ph": "f",
    "ck": "K",
    "oo": "I",
    "a": "A",
    "e": "A",
    "i": "I",
    "u": "I",
    "y": "I",
    "o": "O",
    "q": "G",
    "g": "G",
    "k": "K",
    "c": "K",
    "h": "H",
    "x": "Ks",
    "j": "J",
    "w": "v",
}
_LATIN = re.compile("|".join(_LATIN_GRAPHS))
_CYRILLIC_GRAPHS = {
    "дж": "J",
    "а": "A",
    "б": "b",
    "в": "v",
    "г": "G",
    "ґ": "G",
    "д": "d",
    "е": "A",
    "ё": "O",
    "є": "A",
    "ж": "Z",
    "з": "z",
    "и": "I",
    "і": "I",
    "ї": "I",
    "й": "I",
    "к": "K",
    "л": "l",
    "м": "m",
    "н": "n",
    "о": "O",
    "п": "p",
    "р": "r",
    "с": "s",
    "т": "t",
    "у": "I",
    "ф": "f",
    "х": "H",
    "ц": "ts",
    "ч": "C",
    "ш": "S",
    "щ": "SC",
    "ъ": "",
    "ы": "I",
    "ь": "",
    "э": "A",
    "ю": "I",
    "я": "A",
}
_CYRILLIC = re.compile("|".join(_CYRILLIC_GRAPHS))
_REPEATED = re.compile(r"(.)\1+")


def keys(exact: str, language: str) -> tuple[str, ...]:
    """The keys of an exact form as its language writes sounds; none for short words."""
    if len(exact) < _SHORTEST or not exact.isalpha():
        return ()
    if "а" <= exact[0] <= "ґ":
        sounds = _CYRILLIC.sub(lambda graph: _CYRILLIC_GRAPHS[graph[0]], exact)
    elif language in {"az", "tr"}:
        sounds = exact.replace("ye", "e").translate(_AZERBAIJANI)
    else:
        sounds = _LATIN.sub(lambda graph: _LATIN_GRAPHS[graph[0]], exact.replace("ye", "e"))
    key = _REPEATED.sub(r"\1", sounds)
    return (key,) if len(key) >= _SHORTEST else ()

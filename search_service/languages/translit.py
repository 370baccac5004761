"""Keys for a name across scripts and romanisations: Qarabağ, Karabakh, Garabagh, Карабах.

A key is a spelling of the sounds, made by rule from how Azerbaijani and Russian letters are written
in English, Russian and Azerbaijani; there is no list of names. Its letters:

    a e i o u     i also for ı and y, u for ü, o for ö; ə is a in one key and e in another
    G  g     Q  q ğ gh     K  k     H  x h kh     J  c dzh dj j     Z  zh     S  ş sh     C  ç ch

Where one letter is written for several sounds (Russian к for q and k, х for x and for a final ğ, г
for g, q and h), the word has a key for each, and two words meet when they share one. So the letters
of a key stay as fine as Azerbaijani tells sounds apart; with one key a word, q and k, a and e would
have to be one letter each, and several times as many unrelated words would meet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

from search_service.languages.azerbaijani import latin
from search_service.languages.folding import fold

_SHORTEST = 4
"""Letters of the shortest word and key: Bakı and Şuşa have four."""
_MOST = 8
"""Keys of one reading at most: three letters of two values each."""
_FIRST_MARK = 0xE000
"""Private letters stand for those of several values while a word is read."""


_BEGINNING = re.compile(r"(?:\^|\(\?<[=!][^)]*\))?(?:\[(\w+)\]|(\w)\?(\w)|(\w))")


def _begins(graph: str) -> str:
    """The letters that what an expression matches begins with: of `t?sch` t and s."""
    match = _BEGINNING.match(graph)
    if match is None:
        raise ValueError(f"{graph!r} begins neither with letters nor with a set of them")
    return "".join(filter(None, match.groups()))


class Reading:
    """How an orthography writes sounds.

    Args:
        graphs: expressions for what several letters, or a letter at its place, are written for.
        letters: all other letters that are not written for themselves.

    Values are letters of the key; between | stand several.
    """

    def __init__(self, graphs: Mapping[str, str], letters: Mapping[str, str]) -> None:
        self.graphs = graphs
        self.letters = letters
        marks: dict[str, str] = {}
        for values in (*graphs.values(), *letters.values()):
            if "|" in values:
                marks.setdefault(values, chr(_FIRST_MARK + len(marks)))
        self._values = {mark: tuple(values.split("|")) for values, mark in marks.items()}
        self._graphs = [marks.get(values, values) for values in graphs.values()]
        # Most letters begin none of them, which is told at one look.
        begins = "".join(map(_begins, graphs))
        self._expression = re.compile(f"(?=[{begins}])(?:{'|'.join(f'({g})' for g in graphs)})")
        self._table = str.maketrans(
            {letter: marks.get(value, value) for letter, value in letters.items()}
        )

    def keys(self, word: str) -> list[str]:
        """The keys of a word, at most `_MOST`."""
        word = self._expression.sub(self._graph, word).translate(self._table)
        if "ii" in word or "mm" in word:
            word = _REPEATED.sub(r"\1", word)
        if len(word) < _SHORTEST:
            return []
        if word.isascii():
            return [word]
        parts = _MARK.split(word)
        if len(parts) == 1:
            return [word]
        choices: list[tuple[str, ...]] = []
        ways = 1
        for part in parts:
            values = self._values.get(part, (part,))
            if ways * len(values) > _MOST:
                values = values[:1]
            ways *= len(values)
            choices.append(values)
        return ["".join(chosen) for chosen in product(*choices)]

    def _graph(self, match: re.Match[str]) -> str:
        return self._graphs[(match.lastindex or 1) - 1]


_MARK = re.compile(f"([{chr(_FIRST_MARK)}-{chr(_FIRST_MARK + 99)}])")
_REPEATED = re.compile(r"([im])\1+")  # Əliyev is Алиев, Məmmədov is Мамедов

_LETTERS_OF_AZERBAIJANI = {
    "ə": "a|e",
    "ü": "u",
    "ı": "i",
    "y": "i",
    "ö": "o",
    "q": "Q",
    "ğ": "Q",
    "g": "G",
    "k": "K",
    "x": "H",
    "h": "H",
    "c": "J",
    "ç": "C",
    "j": "Z",
    "ş": "S",
    "w": "v",
}
_AZERBAIJANI = Reading({"ye": "e", "y[uü]": "u"}, _LETTERS_OF_AZERBAIJANI)  # Əliyev, Yusif
_TURKISH = Reading(
    {"ye": "e", "y[uü]": "u", "^k": "K|Q", "[uü]$": "u|i"},  # Karabağ, Bakü
    _LETTERS_OF_AZERBAIJANI,
)
AS_IN_ENGLISH = ("kh", "gh", "zh", "shu", "sha")
"""What Azerbaijani and Turkish do not write: Karabakh, Shusha in their texts and queries."""
_AS_IN_ENGLISH = re.compile("|".join(AS_IN_ENGLISH))
ENGLISH = Reading(
    {
        "t?sch": "S",
        "tch": "C",
        "dzh": "J",
        "dj": "J",
        "zh": "Z",
        "sh": "S",
        "ch": "C",
        "kh(?=$|[bcdfgjklmnpqrstvz])": "H|Q",  # Karabakh is Qarabağ
        "kh": "H",
        "gh": "Q",
        "^k": "K|Q",  # Kazakh is Qazax
        "y(?=e)": "",
        "yu": "u",
        "(?<!o)u$": "u|i",  # Baku is Bakı
    },
    {
        "y": "i",
        "ı": "i",
        "ə": "a|e",
        "ö": "o",
        "ü": "u",
        "q": "Q",
        "ğ": "Q",
        "g": "G|Q",
        "k": "K",
        "h": "H",
        "j": "J",
        "w": "v",
        "ç": "C",
        "ş": "S",
    },
)
_CONSONANTS = "бвгджзклмнпрстфхцчшщ"
RUSSIAN = Reading(
    {
        "дж": "J",
        "^к": "K|Q",
        f"х(?=$|[{_CONSONANTS}])": "H|Q",
        f"(?<=[{_CONSONANTS}])я": "a|ia",  # Гянджа is Gəncə, Коля is Kolya
        f"(?<=^[{_CONSONANTS}])и": "i|u",
        "у$": "u|i",  # Физули is Füzuli, Баку is Bakı
    },
    {
        "а": "a",
        "э": "e",
        "е": "e",
        "є": "e",
        "ё": "o|e",
        "и": "i",
        "і": "i",
        "ї": "i",
        "й": "i",
        "ы": "i",
        "о": "o",
        "у": "u",
        "ю": "u",
        "я": "ia",
        "ъ": "",
        "ь": "",
        "б": "b",
        "в": "v",
        "г": "G|Q|H",
        "ґ": "G",
        "д": "d",
        "ж": "Z",
        "з": "z",
        "к": "K",
        "л": "l",
        "м": "m",
        "н": "n",
        "п": "p",
        "р": "r",
        "с": "s",
        "т": "t",
        "ф": "f",
        "х": "H",
        "ц": "ts",
        "ч": "C",
        "ш": "S",
        "щ": "SC",
    },
)
_LONGEST_CASE = 3
OWN_CYRILLIC = "әғҝөүһҹј"
"""Letters of Азәрбајҹан; Карабах among Azerbaijani words is Russian."""
_OWN_CYRILLIC = re.compile(f"[{OWN_CYRILLIC}]")
OWN_READING = {"az": _AZERBAIJANI, "tr": _TURKISH}
"""Languages that write sounds alike, and whose names carry cases."""


class Case(NamedTuple):
    """Endings of names in a case."""

    before: int
    """Letters that are left of the name at least, beside its last one."""
    last: str
    """The letters of which one is the last that is left."""
    endings: tuple[str, ...]
    nominative: str
    """What stands in their place in the nominative."""

    def ending(self, exact: str) -> int | None:
        """Where the ending of a name in this case begins."""
        for start in range(max(self.before + 1, len(exact) - _LONGEST_CASE), len(exact)):
            if exact[start - 1] in self.last and exact[start:] in self.endings:
                return start
        return None


def _endings(written: str) -> tuple[str, ...]:
    """Endings written with spaces; A is a or ə, I is each of ı i u ü."""
    return tuple(
        ending.replace("A", low).replace("I", high)
        for ending in written.split()
        for low in ("aə" if "A" in ending else "a")
        for high in ("ıiuü" if "I" in ending else "i")
    )


AZERBAIJANI_CASES = (
    Case(3, "aəeıioöuü", _endings("dA dAn nI nIn yA yI ylA"), ""),  # Bakı-dan
    Case(4, "bcçdfgğhxjkqlmnprsştvyz", _endings("dA dAn tA tAn I In A lA"), ""),  # Qarabağ-ın
)
RUSSIAN_CASES = (
    Case(3, _CONSONANTS, _endings("а у е ом ы ым"), ""),  # Карабаха, Алиевым
    Case(2, _CONSONANTS, _endings("ы и е у ой ою"), "а"),  # в Шуше: Шуша
)


def keys(exact: str, language: str, stems: Sequence[str] = ()) -> tuple[str, ...]:
    """The keys of an exact form as its language writes sounds; none for short words.

    A form that may be a name with a case (Bakıdan, Карабаха, Karabakh's) has the name's keys too.

    Args:
        exact: an exact form.
        language: its language's code.
        stems: its stems, folded. Where they are given, what is left of it without a case must be
            like one of them.
    """
    exact = exact.partition("'")[0] if language in OWN_READING else exact.removesuffix("'s")
    if len(exact) < _SHORTEST or not exact.isalpha():
        return ()
    if exact[0] >= "Ѐ":
        if exact[0] > "ӿ":
            return ()
        if language == "az" and _OWN_CYRILLIC.search(exact):
            return keys(latin(exact), language, stems)
        reading, cases = RUSSIAN, RUSSIAN_CASES
    elif language in OWN_READING:
        reading, cases = OWN_READING[language], AZERBAIJANI_CASES
    else:
        return tuple(ENGLISH.keys(exact))
    found = reading.keys(exact)
    if cases is AZERBAIJANI_CASES and _AS_IN_ENGLISH.search(exact):
        found += ENGLISH.keys(exact)
    for case in cases:
        if ending := case.ending(exact):
            name, nominative = exact[:ending], case.nominative
            # All but the last letter, which may have changed: qarabağ-ın, qarabaq.
            known = fold(name[:-1])
            if nominative or not stems or any(known == stem[:-1] for stem in stems):
                found += reading.keys(name + nominative)
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def beginnings(exact: str, language: str) -> tuple[str, ...]:
    """The keys of the beginning of a word: those that it has as it stands, whatever its case."""
    if len(exact) < _SHORTEST or not exact.isalpha():
        return ()
    if exact[0] < "Ѐ":
        return tuple(OWN_READING.get(language, ENGLISH).keys(exact))
    if exact[0] > "ӿ":
        return ()
    if language == "az" and _OWN_CYRILLIC.search(exact):
        return beginnings(latin(exact), language)
    return tuple(RUSSIAN.keys(exact))

"""Days as they are written in Azerbaijani, English, Russian and Turkish, to find one by another.

`27 sentyabr` finds `sentyabrın 27-də`, `September 27th` and `27 сентября`. This is about days that
a text speaks of; the date of its publication is read by `dates`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

_MONTHS = {
    "az": "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
    "en": "january february march april may june july august september october november december",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
}
_NAMES = {code: tuple(names.split()) for code, names in _MONTHS.items()}
_LEAP_YEAR = 2000  # Where no year is written, 29 February is a day.


def _plain(name: str) -> str:
    """Without the differences that casing and typing make: İYUN, iyun; agustos, ağustos."""
    return name.replace("İ", "i").lower().translate(str.maketrans("ıışğüöç", "iisguoc"))


_NUMBERS = {
    _plain(name): number for names in _NAMES.values() for number, name in enumerate(names, start=1)
}
_LETTERS = {"i": "[iıİI]", "s": "[sşSŞ]", "g": "[gğGĞ]", "u": "[uüUÜ]"}
_MONTH = "|".join(
    "".join(_LETTERS.get(letter, letter) for letter in name)
    for name in sorted(_NUMBERS, key=len, reverse=True)
)
_CASE = r"(?:['’]?[a-zəıüöçşğ]{1,4})?"  # sentyabrda, Eylül'de
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_ORDINAL = r"(?:(?:st|nd|rd|th)\b|-?(?:n?[cç][iıuü])\b|\.)?"
_YEAR = r"(?:,?\s+(?P<year>\d{4})\b)?"
_YEAR_FIRST = r"(?:\b(?P<year>\d{4})(?:-?c[iıuü])?(?:\s+il(?:in|də)?)?,?\s+)?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2020-09-27; 27.09.2020
        rf"\b(?P<year>\d{{4}})-(?P<number>0[1-9]|1[0-2])-{_DAY}\b",
        rf"\b{_DAY}\.(?P<number>0?[1-9]|1[0-2])\.(?P<year>\d{{4}})\b",
        # 2020-ci il sentyabrın 27-də
        rf"{_YEAR_FIRST}\b(?P<month>{_MONTH})(?:['’]?[iıuü]n)?\s+{_DAY}(?!\d)",
        # 2020-ci il 27 sentyabr
        rf"\b(?P<year>\d{{4}})-?c[iıuü](?:\s+il(?:in|də)?)?,?\s+{_DAY}\s+(?P<month>{_MONTH}){_CASE}\b",
        # 27 sentyabr 2020, 27th of September, 27 сентября
        rf"\b{_DAY}{_ORDINAL}\s+(?:of\s+)?(?P<month>{_MONTH}){_CASE}\b{_YEAR}",
        # September 27th, 2020
        rf"\b(?P<month>{_MONTH})\s+{_DAY}(?:st|nd|rd|th)?\b{_YEAR}",
    )
)


class Day(NamedTuple):
    """A day that a text speaks of, and the slice of the text that says so."""

    start: int
    end: int
    day: int
    month: int
    year: int | None


def dates_in(text: str) -> list[Day]:
    """The days in a text, in order and without overlap; none of them unreal (31 June)."""
    found: list[Day] = []
    for day in sorted(_days(text), key=lambda day: (day.start, -day.end)):
        if not found or day.start >= found[-1].end:
            found.append(day)
    return found


def _days(text: str) -> Iterator[Day]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts.get("number") or 0) or _NUMBERS[_plain(parts["month"])]
            year = int(parts["year"]) if parts.get("year") else None
            if _real(int(parts["day"]), month, year):
                yield Day(match.start(), match.end(), int(parts["day"]), month, year)


def _real(day: int, month: int, year: int | None) -> bool:
    try:
        date(year or _LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True


def spellings(day: int, month: int, year: int | None = None) -> list[tuple[str, ...]]:
    """The words in a row by which a day may be written; cases are left to stems.

    With a year, all have it: `27 September` alone may be another year's.
    """
    number = str(day)
    ordinal = number + ({1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day // 10 != 1 else "th")
    days: list[tuple[str, ...]] = []
    for code, names in _NAMES.items():
        name = names[month - 1]
        days.append((number, name))
        if code in {"az", "en", "tr"}:  # sentyabrın 27-də, September 27, Eylül'ün 27'sinde
            days.append((name, number))
        if code == "en":
            days += [(ordinal, name), (name, ordinal), (ordinal, "of", name)]
    days = list(dict.fromkeys(days))
    if year is None:
        return days
    written = str(year)
    with_year = [(*words, written) for words in days]
    name = _NAMES["az"][month - 1]
    with_year += [  # 2020-ci il sentyabrın 27-də, 2020-ci ilin 27 sentyabrı
        (written, ending, "il", *words)
        for ending in dict.fromkeys(("ci", "cı", "cu", "cü"))
        for words in ((number, name), (name, number))
    ]
    padded = f"{day:02}", f"{month:02}"
    with_year += [(*padded, written), (number, str(month), written), (written, *reversed(padded))]
    return list(dict.fromkeys(with_year))

"""The numbers of ordered lists, as browsers count and show them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,9})")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(slots=True)
class Numbers:
    """The count of one list: HTML's `start`, `reversed` and `type`, and `value` of an item."""

    at: int
    step: int
    style: str

    @classmethod
    def of(cls, element: etree._Element) -> Numbers:
        """The count that a list begins with."""
        backwards = "reversed" in element.attrib
        first = sum(child.tag == "li" for child in element) if backwards else 1
        return cls(
            at=_whole(element.get("start"), first),
            step=-1 if backwards else 1,
            style=element.get("type", "1").strip(),
        )

    def next(self, item: etree._Element) -> str:
        """The number of the next item, with its full stop."""
        number = _whole(item.get("value"), self.at)
        self.at = number + self.step
        return f"{_shown(number, self.style)}."


def _whole(text: str | None, otherwise: int) -> int:
    match = _WHOLE.match(text or "")
    return int(match[1]) if match else otherwise


def _shown(number: int, style: str) -> str:
    shown = str(number)
    if style in {"a", "A"} and number > 0:
        shown = _letters(number)
    elif style in {"i", "I"} and 0 < number < 4000:
        shown = _roman(number)
    return shown.upper() if style in {"A", "I"} else shown


def _letters(number: int) -> str:
    """a to z, aa, ab ..."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _roman(number: int) -> str:
    letters = ""
    for value, sign in _ROMAN:
        times, number = divmod(number, value)
        letters += sign * times
    return letters

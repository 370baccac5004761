"""Nonsense for the compiled tables of words: they may refuse it, and must not read elsewhere.

`python -m tests.engines.fuzz_words WORDS.so ROUNDS`; the tests build it with the sanitizers
and run this under it.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from typing import Any

import numpy as np

from tests.engines.fuzz_kernel import load

_REFUSED = (TypeError, ValueError, OverflowError)
_LETTERS = "aZçəıİß12٣_ .,-'’ʼ#+C\u0301\u00ad½北ไ𠀀𝒳\ud800"


def some(dice: random.Random, most: int) -> str:
    return "".join(dice.choices(_LETTERS, k=dice.randrange(most)))


def once(words: Any, dice: random.Random, rule: Any) -> None:
    table = words.Table(rule)
    for _ in range(20):
        text = some(dice, dice.choice((3, 30, 3000)))
        fresh: list[Any] = []
        for given, list_ in ((text, fresh), (None, fresh), (text, None)):
            with suppress(*_REFUSED):
                table.read(given, list_)
        named: list[Any] = [some(dice, 9) for _ in range(dice.randrange(40))]
        for asked in (named, [*named, 3], fresh, None):
            with suppress(*_REFUSED):
                table.number(asked, fresh)
    for unmade in (words.Table.__new__(words.Table), table):
        with suppress(*_REFUSED):
            unmade.read("a b", [])
        with suppress(*_REFUSED):
            unmade.number(["a"], [])
        with suppress(*_REFUSED):
            unmade.__init__(dice.choice((None, rule)))
    rows = np.zeros(dice.randrange(60), np.float32)
    numbers = np.array([dice.randrange(9) for _ in range(5)], np.uint32)
    with suppress(*_REFUSED):
        words.add_up(rows, dice.randrange(-1, 9), numbers, np.zeros(dice.randrange(9), np.float32))
    weights = np.ones((1 << dice.randrange(6), dice.randrange(1, 5)), np.int8)
    bits = dice.choice((0, 3, 5, 40, len(weights).bit_length() - 1))
    with suppress(*_REFUSED):
        words.letter_scores([some(dice, dice.choice((9, 9, 80))) for _ in range(9)], weights, bits)


def main() -> None:
    words, dice = load(sys.argv[1]), random.Random(1)
    for number in range(int(sys.argv[2])):
        flags = [dice.random() < 0.5 for _ in range(4)]
        once(words, dice, words.Rule("\u0301\u00ad", "'’", "ʼ", "北ไ" * (number % 2), *flags))
    print("nothing happened")


if __name__ == "__main__":
    main()

"""Nonsense for the compiled reader: it may refuse it, and must not read or write elsewhere.

`python -m tests.engines.fuzz_reading READING.so ROUNDS`; the tests build it with the
sanitizers and run this under it.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from typing import Any

import numpy as np

from search_service.languages import compiled_keys, get, translit
from tests.engines.fuzz_kernel import load

_REFUSED = (TypeError, ValueError, OverflowError, IndexError)
_LETTERS = "aəeıioöuüyklmndrtşsğgzhbvİIŞ'’C+1абвгкхяуӘәҒ\u0370\u0530語\U00020000\ud800"


def some(dice: random.Random, most: int, letters: str = _LETTERS) -> str:
    return "".join(dice.choices(letters, k=dice.randrange(most)))


def stemmer(reading: Any, dice: random.Random) -> Any:
    count = dice.randrange(1, 6)
    numbers = [dice.choice((0.0, -1.0, 2.5, float("inf"), float("nan"))) for _ in range(10)]
    wrong = dice.random() < 0.1
    costs = [(tuple(numbers[: 10 - wrong]), tuple(numbers)) for _ in range(count)]
    chains = [
        {some(dice, 24, "ʃlarnidm"): dice.randrange(count + wrong) for _ in range(200)}
        for _ in range(2)
    ]
    restored = {some(dice, 9, "aglruy"): some(dice, 12 + 9 * wrong, "agult") for _ in range(9)}
    hardened = {"g": "k", "y": "k", **({"é": "e"} if wrong else {})}
    return reading.Stemmer(costs, *chains, restored, [some(dice, 3) for _ in range(4)], hardened)


def spelling(reading: Any, dice: random.Random) -> Any:
    wrong = dice.random() < 0.1
    graphs = [
        (
            dice.randrange(5),
            some(dice, 4),
            tuple(some(dice, 4, "aykхuş") for _ in range(dice.randrange(1, 4 + 3 * wrong))),
            dice.randrange(4),
            some(dice, 4),
            tuple(some(dice, 3 + wrong, "aKQ") for _ in range(dice.randrange(1, 4))),
        )
        for _ in range(dice.randrange(9 + 40 * wrong))
    ]
    letters = {
        letter: tuple(some(dice, 3, "imab") for _ in range(dice.randrange(1, 4)))
        for letter in set(some(dice, 30, "aykхuşim" + "語" * wrong))
    }
    return reading.Spelling(graphs, letters)


def once(reading: Any, dice: random.Random) -> None:
    made: dict[Any, Any] = {stemmer: None, spelling: None}
    for make in made:
        with suppress(*_REFUSED):
            made[make] = make(reading, dice)
    own = dice.random() < 0.5
    table = np.frombuffer(compiled_keys._letters(get("az").lower), np.uint16).copy()
    if dice.random() < 0.1:
        table[dice.randrange(len(table))] = dice.randrange(1 << 16)
    stem = dice.choice((lambda exact: (exact,), lambda exact: [exact] * 40, lambda exact: (3,)))
    cases = translit.AZERBAIJANI_CASES if own else dice.choice(((), (1,), ((1, "a", ("",), ""),)))
    given: list[Any] = [
        *("az", table.tobytes(), frozenset(("ve", "və")), stem, made[stemmer]),
        *(made[spelling], made[spelling] if own else None, made[spelling], cases),
        *(translit.RUSSIAN_CASES, ("kh", "sha"), "ҒӘ"),
    ]
    if dice.random() < 0.2:
        unmade = reading.Spelling.__new__(reading.Spelling)
        given[dice.randrange(len(given))] = dice.choice((None, unmade))
    reader = reading.Reader.__new__(reading.Reader)
    with suppress(*_REFUSED):
        reader.__init__(*given)
    words: list[Any] = [some(dice, dice.choice((3, 12, 99))) for _ in range(40)]
    for asked in (words, [*words, 3], None):
        with suppress(*_REFUSED):
            reader.keys(asked)


def main() -> None:
    reading, dice = load(sys.argv[1]), random.Random(1)
    for _ in range(3 * int(sys.argv[2])):
        once(reading, dice)
    print("nothing happened")


if __name__ == "__main__":
    main()

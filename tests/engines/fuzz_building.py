"""Nonsense for compiled building: it may refuse it, and must not read or write elsewhere.

`python -m tests.engines.fuzz_building BUILDING.so ROUNDS`; the tests build it with the
sanitizers and run this under it.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from search_service.engines.whoosh.writing.prepared import GAP
from tests.engines.fuzz_kernel import load

_REFUSED = (TypeError, ValueError, OverflowError, BufferError)
_LETTERS = "abcəж\x1d\x1d\x1e\x1f\x1f\U00020000"


def key(dice: random.Random) -> str:
    parts = ["".join(dice.choices("abəж\x1d", k=dice.randrange(9))) for _ in range(5)]
    if dice.random() < 0.01:
        return "".join(dice.choices(_LETTERS, k=dice.randrange(300)))
    return "\x1f".join(parts)


def numbers(dice: random.Random, limit: int, dtype: type = np.uint32) -> bytes:
    beyond = limit + 3 * (dice.random() < 0.1)
    found = [dice.randrange(max(1, beyond)) for _ in range(dice.randrange(40))]
    if dtype is np.uint32 and dice.random() < 0.5:
        found += [GAP]
    return np.array(found, dtype).tobytes()[: -dice.randrange(4) or None]


def strings(dice: random.Random, texts: list[bytes]) -> list[Any]:
    starts = np.cumsum([0, *map(len, texts)], dtype=np.uint32)
    return [spoilt(dice, starts), b"".join(texts)]


def spoilt(dice: random.Random, array: np.ndarray[Any, Any]) -> Any:
    """Now and then it has a number that it should not have, or one fewer."""
    if dice.random() < 0.02 and len(array):
        array[dice.randrange(len(array))] = dice.choice((0, 1, 1 << 20, (1 << 32) - 1))
    return array[:-1] if dice.random() < 0.01 else array


def vocabulary(dice: random.Random) -> tuple[Any, ...]:
    rows = dice.randrange(12)
    cuts = sorted(dice.choices(range(rows + 1), k=dice.randrange(4)))
    groups = np.array([0, *cuts, rows], np.uint32)
    texts = sorted("".join(dice.choices("abə", k=dice.randrange(3))).encode() for _ in groups[1:])
    exact = ["".join(dice.choices("abə", k=dice.randrange(3))).encode() for _ in range(rows)]
    given: list[Any] = [*strings(dice, texts), spoilt(dice, groups), *strings(dice, exact)]
    given.append(spoilt(dice, np.array(dice.sample(range(rows), rows), np.uint32)))
    for _ in range(2):
        keys = sorted("".join(dice.choices("abə", k=2)).encode() for _ in range(rows // 2))
        lists = np.array(dice.choices(range(rows), k=2 * len(keys)) if rows else [], np.uint32)
        starts = np.arange(len(keys) + 1, dtype=np.uint32) * 2
        given += [*strings(dice, keys), spoilt(dice, starts), spoilt(dice, lists)]
    language, live = (bytes(dice.choices(range(count), k=rows)) for count in (3, 2))
    codes = bytes(range(dice.choice((3, 3, 3, 2))))
    return (*given, language, codes, live, bytearray(4 * rows + 4 * (dice.random() < 0.02)))


def join(building: Any, dice: random.Random) -> None:
    given: list[Any] = [vocabulary(dice) for _ in range(dice.randrange(4))]
    if dice.random() < 0.02:
        given.append(dice.choice((None, (), (b"",) * 18)))
    with TemporaryFile() as file, suppress(*_REFUSED):
        building.join(given, (file.fileno(),) * dice.choice((15, 15, 15, 15, 14)))


def once(building: Any, dice: random.Random) -> None:
    forms = building.Forms()
    keys = [key(dice) for _ in range(dice.choice((0, 3, 50, 5000 * (dice.random() < 0.1))))]
    for given in (keys, keys[::2], [*keys, 3], ["\ud800"], None):
        with suppress(*_REFUSED):
            forms.number(given)
    with suppress(*_REFUSED):
        forms.local(numbers(dice, len(forms)))
    joined = "\x1e".join(dice.choices([*keys, "x"], k=dice.randrange(20))).encode()
    with suppress(*_REFUSED):
        forms.take(numbers(dice, 1 << 62, np.uint64), joined)
    with suppress(*_REFUSED):
        forms.keys()
    with suppress(*_REFUSED):
        forms.vocabulary()
    with suppress(*_REFUSED):
        forms.__init__()
    unmade = building.Forms.__new__(building.Forms)
    for call in (unmade.vocabulary, unmade.keys, unmade.size):
        with suppress(*_REFUSED):
            call()
    with suppress(*_REFUSED):
        unmade.number(["a"])
    for _ in range(20):
        join(building, dice)
    words = numbers(dice, 20)
    counts = np.array([len(words) // 4 - 3, 3, 0], np.int32)
    if dice.random() < 0.2:
        counts = np.array([dice.randrange(-2, 20) for _ in range(4)], np.int32)
    rows = np.array([dice.randrange(9 + (dice.random() < 0.02)) for _ in range(20)], np.uint32)
    with suppress(*_REFUSED):
        building.invert(words, counts, rows, dice.choice((9, 9, 9, 0, -1, 1 << 25)))


def main() -> None:
    building, dice = load(sys.argv[1]), random.Random(1)
    for _ in range(5 * int(sys.argv[2])):
        once(building, dice)
    print("nothing happened")


if __name__ == "__main__":
    main()

"""Nonsense for compiled near-duplicates: it may refuse it, and must not read or write elsewhere.

`python -m tests.engines.fuzz_near NEAR.so ROUNDS`; the tests build it with the sanitizers
and run this under it.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from typing import Any

from tests.engines.fuzz_kernel import load


def once(near: Any, dice: random.Random) -> None:
    given: list[Any] = [dice.getrandbits(64) for _ in range(dice.randrange(40))]
    given += dice.choices([*given, 0, 1], k=dice.randrange(9))
    if dice.random() < 0.2:
        given.append(dice.choice((-1, 1 << 64, None, "a", 0.5)))
    least = dice.choice((0, 21, 1 << 40, -1))
    with suppress(TypeError, OverflowError):
        for one, other in near.alike_pairs(given, dice.randrange(-1, 70), least):
            assert 0 <= one < other < len(given)
    with suppress(TypeError):
        near.alike_pairs(tuple(given), 8, 21)


def main() -> None:
    near, dice = load(sys.argv[1]), random.Random(1)
    for _ in range(10 * int(sys.argv[2])):
        once(near, dice)
    print("nothing happened")


if __name__ == "__main__":
    main()

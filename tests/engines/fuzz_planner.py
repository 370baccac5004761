"""Nonsense for the compiled look-up: it may refuse it, and must not read elsewhere.

`python -m tests.engines.fuzz_planner PLANNER.so ROUNDS`; the tests build it with the address
sanitizer and run this under it.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

import numpy as np

from tests.engines.fuzz_kernel import Array, Nonsense, load


class Words(Nonsense):
    """Arrays of a vocabulary."""

    def strings(self) -> tuple[Array, Array]:
        count = self.dice.choice((0, 1, 30))
        data = self.rng.integers(97, 100, self.dice.choice((0, 80))).astype(np.uint8)
        return self.starts(count, len(data)), data


def one(planner: Any, seed: int) -> None:
    """Make nonsense, and look for a word in it."""
    make = Words(seed)
    for _ in range(30):
        forms, folded = make.strings(), make.strings()
        order = make.rng.integers(0, 40, len(forms[0])).astype(np.int32)
        # Refusing is an answer too.
        with suppress(ValueError):
            planner.lower_bound(*forms, b"abc")
        with suppress(ValueError):
            planner.equal_range(order, *forms, *folded, folded[0], b"abc")


if __name__ == "__main__":
    loaded = load(sys.argv[1])
    for number in range(int(sys.argv[2])):
        one(loaded, number)
    print("nothing happened")

"""Nonsense for the compiled constructor: it may refuse it, and must not read or write elsewhere.

`python -m tests.engines.fuzz_making MAKING.so ROUNDS`; the tests build it with the
sanitizers and run this under it.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from typing import Any

from search_service.model import Document, Passage, Rung, Snippet, Sourced
from tests.engines.fuzz_kernel import load

_KINDS: tuple[Any, ...] = (Passage, Sourced, Document, Snippet, Rung, int, object, str, type, dict)
_NAMES: tuple[Any, ...] = (
    "ordinal",
    "start",
    "end",
    "value",
    "where",
    "title",
    "__class__",
    "__doc__",
    "no",
    3,
)


def once(making: Any, dice: random.Random) -> None:
    kind = dice.choice(_KINDS)
    slots = getattr(kind, "__slots__", ())
    names: tuple[Any, ...] = (
        tuple(slots) if dice.random() < 0.5 else tuple(dice.sample(_NAMES, dice.randrange(4)))
    )
    defaults = tuple(range(dice.choice((0, 0, 1, 3, 99))))
    maker = making.Maker.__new__(making.Maker)
    for _ in range(dice.randrange(3)):
        with suppress(TypeError):
            maker.__init__(kind, names, defaults)
    values = [object() for _ in range(dice.choice((len(names), dice.randrange(14))))]
    with suppress(TypeError):
        made = maker(*values)
        assert type(made) is kind
        assert [getattr(made, name) for name in names][: len(values)] == values[: len(names)]
    with suppress(TypeError):
        maker(*values, named=1)


def main() -> None:
    making, dice = load(sys.argv[1]), random.Random(1)
    for _ in range(50 * int(sys.argv[2])):
        once(making, dice)
    print("nothing happened")


if __name__ == "__main__":
    main()

"""Nonsense for compiled marking: it may refuse it, and must not read or write elsewhere.

`python -m tests.engines.fuzz_marking MARKING.so ROUNDS`; the tests build it with the
sanitizers and run this under it.
"""

from __future__ import annotations

import random
import sys
from array import array
from contextlib import suppress
from typing import Any

from search_service.highlight.letters import BLOCK, block
from search_service.model import Match, Snippet
from tests.engines.fuzz_kernel import load

_LETTERS = "abzIİəß'’.,?!。 \n\t#+_-[]12¹:;աωა北とっ\u0301\u200c\U0001d7d8\U00020000\ud800"
_REFUSED = (TypeError, ValueError, OverflowError, RuntimeError)


def text(dice: random.Random, most: int = 400) -> str:
    chosen = _LETTERS if dice.random() < 0.7 else "ab. "
    return "".join(dice.choices(chosen, k=dice.randrange(most)))


def once(marking: Any, dice: random.Random) -> None:
    alphabet = marking.Alphabet(dice.choice((block, block, block, lambda _: bytes(4 * BLOCK))))
    some = [text(dice, dice.choice((3, 90))) for _ in range(dice.randrange(6))]
    beginnings = [each[:4] for each in some if dice.random() < 0.1 or len(each) > 3]
    wanted: Any = None
    with suppress(*_REFUSED):
        wanted = marking.Wanted(some, beginnings, [each[:2] for each in some])
    for unready in (marking.Wanted.__new__(marking.Wanted), None, wanted):
        with suppress(*_REFUSED):
            alphabet.words(text(dice), unready, dice.random() < 0.5)
    with suppress(*_REFUSED):
        alphabet.folded(text(dice, 100))
    with suppress(*_REFUSED):
        marking.Alphabet.__new__(marking.Alphabet).words("a", None, True)
    shown = text(dice)
    found = alphabet.words(shown, wanted, True)
    rules = (frozenset(some), dice.random() < 0.5)
    with suppress(*_REFUSED):
        marking.sentences(alphabet, shown, *rules)
    if found is None:
        return
    starts, ends, _ = found
    if dice.random() < 0.2:
        cut = dice.randrange(len(starts) + 1)
        starts, ends = starts[:cut], ends[dice.randrange(4) :][:cut]
    edges = sorted(dice.sample(range(len(shown) + 3), min(dice.randrange(12) * 2, len(shown))))
    marks = [
        (low, high, dice.randrange(5), dice.choice((0, 1, 70)), dice.random() < 0.2)
        for low, high in zip(edges[::2], edges[1::2], strict=False)
    ]
    if dice.random() < 0.1:
        marks.append((dice.randrange(-3, 9), dice.randrange(9), dice.randrange(-2, 9), -1, False))
    with suppress(*_REFUSED):
        snippets(marking, alphabet, wanted, dice, rules).snippet(shown, 3, dice.choice((0, 1, 9)))
    with suppress(*_REFUSED):
        marking.Snippets.__new__(marking.Snippets).snippet(shown, 0, 9)
    with suppress(*_REFUSED):
        marking.show(alphabet, shown, starts, ends, marks, dice.choice((0, 1, 3, 60)), *rules)


class Answers(dict[str, Any]):
    """Mostly sound ones."""

    def __init__(self, dice: random.Random, words: int) -> None:
        self._dice, self._words = dice, words

    def __missing__(self, surface: str) -> Any:
        if self._dice.random() < 0.02:
            return self._dice.choice((None, (3,), ((1, 2),)))
        least, beyond = (-1, 2) if self._dice.random() < 0.1 else (0, 0)
        return tuple(
            (
                self._dice.randrange(least, self._words + beyond),
                self._dice.randrange(5 + beyond),
                0,
                1,
            )
            for _ in range(self._dice.randrange(min(4, self._words + 1)))
        )


def snippets(
    marking: Any, alphabet: Any, wanted: Any, dice: random.Random, rules: tuple[Any, ...]
) -> Any:
    words = dice.randrange(4)
    uses = bytes(dice.randrange(4) for _ in range(words))
    called = ("a", "b")[: dice.randrange(3)]
    numbers = array("H", [dice.randrange(len(called) + 1) for _ in range(words)]).tobytes()
    types = (Snippet, Match, tuple(range(dice.choice((5, 5, 5, 4)))))
    joins = dice.random() < 0.5
    memory = Answers(dice, words)
    return marking.Snippets(alphabet, wanted, joins, memory, uses, numbers, called, *rules, types)


def main() -> None:
    marking, dice = load(sys.argv[1]), random.Random(1)
    for _ in range(5 * int(sys.argv[2])):
        once(marking, dice)
    print("nothing happened")


if __name__ == "__main__":
    main()

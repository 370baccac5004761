"""Nonsense for the compiled planner: it may refuse it, and must not read or write elsewhere.

`python -m tests.engines.fuzz_planner PLANNER.so ROUNDS`; the tests build it with the
sanitizers and run this under it.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from typing import Any

import numpy as np

from search_service.engines.whoosh.planning.plan import FIELDS, Plan
from search_service.engines.whoosh.weights import SIMILAR_PREFIXES
from search_service.languages.base import Form
from tests.engines.fuzz_kernel import Array, Nonsense, load


class Words(Nonsense):
    """Arrays of a vocabulary."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.texts = [""]
        """Words that were there before anything was damaged."""

    def wrong(self) -> bool:
        # Rarely, as there are many arrays, and a planner that is refused answers nothing.
        return self.dice.random() < 0.02

    def strings(self, count: int, alphabet: bytes, *, ordered: bool = True) -> tuple[Array, Array]:
        """Mostly sound strings, mostly in order."""
        lengths = [self.dice.choice((0, 1, 2, 4, 9)) for _ in range(count)]
        made = [bytes(self.dice.choices(alphabet, k=length)) for length in lengths]
        if ordered and not self.wrong():
            made.sort()
        data = np.frombuffer(b"".join(made), np.uint8)
        self.texts += [one.decode(errors="ignore") for one in made]
        starts = np.concatenate(([0], np.cumsum([len(one) for one in made], dtype=np.int64)))
        if self.wrong():
            data = data[: self.dice.randrange(len(data) + 1)]
        return self.damaged(starts, len(data)), data.copy()

    def damaged(self, starts: Array, end: int) -> Array:
        """The same, or one of them wrong."""
        for _ in range(self.dice.choice((0, 0, 0, 0, 0, 0, 1, 5))):
            starts[self.dice.randrange(len(starts))] = self.dice.choice((0, end + 1, 1 << 31))
        return starts.astype(np.uint32)

    def starts(self, rows: int, end: int) -> Array:
        """Where the parts of something begin."""
        return self.damaged(np.sort(self.rng.integers(0, end + 1, rows + 1)), end)

    def rows(self, count: int, limit: int) -> Array:
        """Mostly rows that there are."""
        rows = self.rng.integers(0, max(1, limit), count)
        if count and self.dice.random() < 0.2:
            rows[self.dice.randrange(count)] = self.dice.choice((-1, limit, (1 << 31) - 1))
        return rows.astype(np.int32)

    def keys(self, rows: int) -> tuple[Array, ...]:
        """A table of keys."""
        count = self.dice.choice((0, 40, 100))
        found = self.rows(self.dice.choice((0, 20)), rows)
        return *self.strings(count, b"abc"), self.starts(count, len(found)), found

    def vocabulary(self) -> tuple[Array, ...]:
        """All arrays of a segment."""
        rows, groups = self.dice.choice((0, 40, 200, 200)), self.dice.choice((0, 40, 150, 150))
        alphabet = self.dice.choice((b"abc", "aщ𐍈".encode(), bytes(range(256))))
        arrays = [
            *self.strings(groups, alphabet),
            self.starts(groups, rows),
            *self.strings(rows, b"abc\xd1\x89", ordered=False),
            self.rows(rows, rows),
            *self.keys(rows),
            *self.keys(rows),
            *(self.starts(rows, 500) for _ in FIELDS),
        ]
        if self.dice.random() < 0.05:
            wrong = self.dice.randrange(len(arrays))
            arrays[wrong] = arrays[wrong][:-1].copy()
        return tuple(arrays)

    def text(self) -> str:
        """Mostly a word that may be there."""
        if self.wrong():
            return "".join(self.dice.choices("aabcщ𐍈1", k=self.dice.randrange(80)))
        return self.dice.choice(self.texts)

    def form(self) -> Form:
        """A form whose keys may be there."""
        stems, translit = (tuple(self.text() for _ in range(2)) for _ in range(2))
        return Form(self.text(), self.text(), stems, translit, stop=False)


class Telling:
    """Stands for a kernel's index."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def telling(self, entries: bytes, levels: bytes) -> Any:
        """Leave something out, nothing, or answer wrongly."""
        answers = (None, (entries[:48], len(levels), True), (None, 0, 0), ValueError)
        answer = self._dice.choice((*answers[:2] * 5, *answers))
        if answer is ValueError:
            raise ValueError
        return answer


def one(planner: Any, seed: int) -> None:
    """Make a planner over nonsense, and ask it everything."""
    make = Words(seed)
    count = make.dice.choice((0, 1, 1, 1, 3))
    bases = [(0, 0, make.dice.randrange(-5, 5)) for _ in range(count)]
    try:
        made = planner.Planner(
            [make.vocabulary() for _ in range(count)],
            bases,
            FIELDS,
            (7, 6, 5, 4),
            SIMILAR_PREFIXES,
            Plan,
            make.dice.choice((None, Telling(make.dice))),
        )
    except ValueError:
        return
    sources = (("text", 1), ("context", 3))
    for _ in range(40):
        readings = tuple(("az", make.form()) for _ in range(make.dice.choice((0, 1, 3, 60))))
        synonyms = tuple(make.form() for _ in range(make.dice.choice((0, 2))))
        edges = make.rng.integers(-make.wrong(), 250 if make.wrong() else 40, (3, 2))
        low, high = sorted(make.dice.choices((0, 1, 20, 40, 40, 150), k=2))
        edits = make.dice.randrange(3)
        if make.wrong():
            low, high, edits = make.dice.choice(
                ((-1, high, edits), (low, 1 << 40, edits), (0, 0, 3))
            )
        # Refusing is an answer too.
        with suppress(ValueError, TypeError):
            made.word(readings, make.dice.randrange(4), make.dice.random() < 0.5, synonyms, sources)
        with suppress(ValueError, UnicodeDecodeError):
            entries = make.rng.integers(-make.wrong(), 60, (3, 6))
            entries[:, 0] = make.rng.integers(0, 3 * count + make.wrong() or 1, 3)
            levels = bytes(make.dice.choices(range(8), k=make.dice.choice((0, 40, 120, 120))))
            made.rows(entries, levels, make.dice.randrange(9))
        with suppress(ValueError):
            made.form(make.text(), sources)
        with suppress(ValueError):
            made.ranges([edges] * count, sources)
        with suppress(ValueError, TypeError):
            made.bound(make.dice.randrange(count + 1), make.text().encode())
        with suppress(ValueError, TypeError):
            made.within_edits(make.dice.randrange(count + 1), low, high, make.text(), edits)


if __name__ == "__main__":
    loaded = load(sys.argv[1])
    for number in range(int(sys.argv[2])):
        one(loaded, number)
    print("nothing happened")

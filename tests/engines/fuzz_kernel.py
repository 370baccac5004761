"""Nonsense for the compiled kernel: it may refuse it, and must not read or write elsewhere.

`python -m tests.engines.fuzz_kernel KERNEL.so ROUNDS`; the tests build the kernel with the
sanitizers and run this under it.
"""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from search_service.engines.base import Found, FoundPassage
from search_service.engines.whoosh.planning.plan import Counts

Array = np.ndarray[Any, Any]


@dataclass
class Asked:
    """What a kernel looks at of a plan."""

    entries: Array
    levels: Array
    counts: tuple[float, ...] | None = None
    surface_counts: tuple[float, ...] | None = None


def load(path: str) -> Any:
    """The extension module in a file."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Nonsense:
    """Arrays of the right types that are mostly sound, and sometimes not."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.dice = random.Random(seed)
        self.size = self.dice.choice((0, 1, 70, 5000))

    def wrong(self) -> bool:
        return self.dice.random() < 0.1

    def units(self, dtype: type = np.int32) -> Array:
        limit = self.size + (5 if self.wrong() else 0)
        found = np.unique(self.rng.integers(0, max(1, limit), self.dice.choice((0, 3, 200))))
        return (found[:: self.dice.choice((1, -1)) if self.wrong() else 1]).astype(dtype)

    def starts(self, rows: int, end: int) -> Array:
        edges = self.rng.integers(0, max(1, end + 1), rows + 1)
        if not self.wrong():
            edges.sort()
        return edges.astype(np.uint32)

    def view(self) -> tuple[Array, ...]:
        postings = self.dice.choice((0, 5, 300, 3000))
        rows = self.dice.choice((0, 1, 20))
        over = self.rng.integers(0, max(1, postings), self.dice.choice((0, 4)))
        frequency = self.rng.integers(1, 5, postings)
        frequency[over[: postings and None]] = 255
        positions = int(frequency.sum()) if not self.wrong() else postings
        position = self.rng.integers(0, 256, positions)
        places = np.sort(self.rng.integers(0, max(1, positions), 5))
        units = self.rng.integers(0, max(1, self.size + (9 if self.wrong() else 0)), postings)
        blocks = self.rng.integers(0, max(1, positions), postings // 256 + 1)
        return (
            self.starts(rows, postings),
            units.astype(np.uint16),
            np.zeros(postings if self.dice.random() < 0.5 else 0, np.uint8),
            frequency.astype(np.uint8),
            np.sort(over).astype(np.uint32),
            self.rng.integers(0, 1 << (20 if self.wrong() else 9), len(over)).astype(np.uint32),
            position.astype(np.uint8),
            places.astype(np.uint32),
            self.rng.integers(0, 1 << 16, len(places)).astype(np.uint32),
            np.sort(blocks).astype(np.uint32),
        )

    def plan(self, views: int) -> tuple[Array, Array]:
        entries = []
        for _ in range(self.dice.choice((0, 1, 3))):
            low = self.dice.randrange(22)
            high = low + self.dice.randrange(4)
            entry = [self.dice.randrange(views + 1), low, high, 0, self.dice.choice((1, 3)), 0]
            if self.wrong():
                entry[self.dice.randrange(6)] = self.dice.choice((-1, 1 << 40, (1 << 63) - 1))
            entries.append(entry)
        levels = self.rng.integers(0, 9, self.dice.choice((0, 4, 30))).astype(np.uint8)
        return np.array(entries, np.int64).reshape(-1, 6), levels

    def ids(self, documents: int) -> list[tuple[Array, Array, Array]]:
        """Of one segment or two."""
        first = self.dice.randrange(documents + 1)
        found = []
        for count in (documents,) if self.dice.random() < 0.5 else (first, documents - first):
            letters = self.rng.integers(0, 255 if self.wrong() else 128, 4 * count).astype(np.uint8)
            signatures = self.rng.integers(
                0, 1 << 60, self.dice.choice((0, 9, self.size)), np.uint64
            )
            found.append((self.starts(count, len(letters)), letters, signatures))
        return found[1:] if self.wrong() else found

    def asked(self, views: int) -> Asked:
        known = (5.0, 6.0, 2.0, 3.0, True) if self.dice.random() < 0.2 else None
        return Asked(*self.plan(views), known)

    def clause(self, views: int) -> tuple[Any, ...]:
        kind = self.dice.choice((0, 0, 0, 1, 2, 3 if self.wrong() else 0))
        words = self.dice.choice((1, 2, 3)) if kind == 2 or self.wrong() else 1
        fields = self.dice.choice((1, 2)) if kind == 2 else 1
        plans = tuple(self.asked(views) for _ in range(words * fields))
        role, chained = self.dice.choice((0, 0, 0, 0, 1)), self.dice.random() < 0.7
        clause = (kind, self.dice.choice((1.0, 0.1, -1.0)), plans, role, chained)
        surface = self.dice.choice((None, None, 0.2, -1.0))
        return (*clause, *(((1.0, 3.0)[:fields], 2) if kind == 2 else ((), 0)), surface)

    def codes(self, documents: int) -> tuple[Array, bool]:
        of_documents = self.dice.random() < 0.5
        dtype = self.dice.choice((np.uint8, np.int32))
        count = (documents if of_documents else self.size) + self.wrong()
        codes = self.rng.integers(0, 7, count)
        return codes.astype(dtype) if dtype is np.uint8 else (codes - 1).astype(dtype), of_documents

    def search(self, views: int, documents: int) -> tuple[Any, ...]:
        """The arguments of a search."""
        clauses = tuple(self.clause(views) for _ in range(self.dice.choice((1, 1, 2, 3, 9))))
        filters = [
            (*self.codes(documents), self.rng.random(6) < 0.7)
            for _ in range(self.dice.choice((0, 0, 1, 2)))
        ]
        facets = [
            (*self.codes(documents), self.dice.choice((-1, 0, 1)), self.dice.choice((0, 5)))
            for _ in range(self.dice.choice((0, 1)))
        ]
        every = self.rng.permutation(documents).astype(np.int32)
        order = self.dice.choice((0, 0, 1, 2))
        limits = tuple(self.dice.choice((0, 1, 10, -1 if self.wrong() else 100)) for _ in range(3))
        flags = tuple(self.dice.random() < 0.5 for _ in range(3))
        passing = self.rng.random(documents) < 0.7 if self.dice.random() < 0.3 else None
        days = tuple(self.rng.integers(-1, 9, documents).astype(np.int32) for _ in range(2))
        span = (*days, 2, 6) if self.dice.random() < 0.3 else (None, None, 0, 0)
        ranks = every if self.dice.random() < 0.7 else None
        return (
            clauses,
            *flags,
            limits,
            order,
            every if order else None,
            filters,
            passing,
            span if not self.wrong() else (days[0], None, 0, 0),
            facets,
            ranks,
            0.0,
        )


def one(kernel: Any, seed: int) -> None:
    """Make an index of nonsense, and ask it everything."""
    make = Nonsense(seed)
    views = [make.view() for _ in range(make.dice.choice((0, 1, 3)))]
    documents = make.dice.choice((1, 9))
    passage_document = np.sort(make.rng.integers(0, documents + make.wrong(), make.size))
    live = make.rng.random(make.size) < 0.8 if make.wrong() else None
    try:
        index = kernel.Index(
            views,
            live,
            passage_document.astype(np.int32),
            make.rng.integers(0, 50 + make.wrong(), make.size).astype(np.int32),
            np.ones(50),
            np.ones(documents),
            (float(make.size), float(documents)),
            tuple(map(float, (0, 90, 150, 180, 206, 230, 244, 256))),
            (4, 6),
            (0.01, 0.5, 0.6),
            (0.4, 1.0),
            (1.5, 4, 64, 3),
            make.ids(documents),
            (Found, FoundPassage, Counts),
        )
    except ValueError:
        return
    for _ in range(30):
        plan, levels = make.plan(len(views))
        within = make.units() if make.dice.random() < 0.3 else None
        known = (5.0, 6.0, 2.0, 3.0, True) if make.dice.random() < 0.3 else None
        flags = make.dice.random() < 0.3, make.dice.random() < 0.5
        units, other = make.units(), make.units()
        values, more = make.rng.random(len(units)), make.rng.random(len(other))
        short = values[: len(values) - make.wrong()]
        counts = (5.0, 6.0, 2.0, 3.0, True)
        questions: list[tuple[Callable[..., object], tuple[Any, ...]]] = [
            (index.gather, (plan, levels, within, *flags, 1.0, known)),
            (index.unite, ([(units, short), (other, more)],)),
            (index.shares, (units, [(other, 0.5), (units, 0.25)])),
            (index.contained, (units, other)),
            (index.document_scores, (units, short, None, values, counts, 1.0)),
            (index.documents_of, (units,)),
            (index.grouped, (units, short)),
            (index.top, (values, make.dice.choice((-1, 0, 1, 10, 1000)))),
            (index.places, (plan, levels, units)),
            (index.telling, (plan, levels)),
            (index.search, make.search(len(views), documents)),
            (index.followed, (units.astype(np.int64), other.astype(np.int64), 3)),
        ]
        for ask, arguments in questions:
            # Refusing is an answer too.
            with suppress(ValueError, OverflowError, TimeoutError):
                ask(*arguments)


def damaged(kernel: Any) -> list[str]:
    """Damage that random arrays have too seldom: what of it is not refused."""
    size = 20_000
    nothing = np.zeros(0, np.uint32)

    def word(plan: Asked) -> tuple[Any, ...]:
        return 0, 1.0, (plan,), 0, False, (), 0, None

    def view(starts: list[int], units: list[int]) -> tuple[Array, ...]:
        once = np.ones(len(units), np.uint8)
        blocks = np.arange(0, len(units), 256).astype(np.uint32)
        arrays = np.array(starts, np.uint32), np.array(units, np.uint16), once[:0], once
        return (*arrays, nothing, nothing, once, nothing, nothing, blocks)

    def plan(*entries: tuple[int, ...]) -> Asked:
        return Asked(np.array(entries, np.int64).reshape(-1, 6), np.array([7, 7], np.uint8))

    def search(
        views: list[tuple[Array, ...]], *clauses: tuple[Any, ...], all_of: bool = False
    ) -> None:
        live = np.ones(size, bool)
        live[9000] = False
        numbers, ones = np.arange(size, dtype=np.int32), np.ones(size)
        weights = tuple(map(float, (0, 150, 190, 215, 225, 240, 250, 256)))
        counts, nearness = (size - 1.0, size - 1.0), (1.5, 4, 64, 3)
        index = kernel.Index(
            *(views, live, numbers, np.ones(size, np.int32), np.ones(50), ones),
            *(counts, weights, (4, 6), (0.01, 0.5, 0.6), (0.4, 1.0), nearness),
            *(
                [(np.zeros(size + 1, np.uint32), np.zeros(0, np.uint8), np.zeros(3, np.uint64))],
                (Found, FoundPassage, Counts),
            ),
        )
        index.search(
            *(clauses, all_of, not all_of, False, (0, 10, 3), 0, None),
            *([], None, (None, None, 0, 0), [], numbers, 0.0),
        )

    empty, one = plan(), plan((0, 0, 1, 0, 1, 0))
    overlapping = [view([0, 2], [50, 100]), *[view([0], [])] * 2, view([0, 2], [99, 200])]
    both = plan((0, 0, 1, 0, 1, 0), (3, 0, 1, 1, 1, 0))
    phrase = (2, 1.0, (plan((0, 0, 2, 0, 1, 0)),), 0, False, (1.0,), 2, None)
    trials: dict[str, Callable[[], None]] = {
        "a phrase whose postings do not ascend": lambda: search(
            [view([0, 2, 2], [19_000, 5])], phrase, word(empty)
        ),
        "a list that goes back behind a deleted unit": lambda: search(
            [view([0, 3], [9000, 5, 12_000])], word(one), word(empty)
        ),
        "segments that overlap": lambda: search(overlapping, word(both), word(empty)),
        "segments that overlap where all is asked for": lambda: search(
            overlapping, word(both), word(both), all_of=True
        ),
    }
    # This is sound, and reads no level where there is none.
    search([view([0, 1], [3])], word(plan((0, 1, 1, 0, 1, 2))), all_of=True)
    accepted = []
    for name, trial in trials.items():
        try:
            trial()
        except ValueError:
            continue
        accepted.append(name)
    return accepted


if __name__ == "__main__":
    loaded = load(sys.argv[1])
    for trial in damaged(loaded):
        print(trial, "was accepted")
    for number in range(int(sys.argv[2])):
        one(loaded, number)
    print("nothing happened")

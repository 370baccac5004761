"""Nonsense for the compiled kernel: it may refuse it, and must not read or write elsewhere.

`python -m tests.engines.fuzz_kernel KERNEL.so ROUNDS`; the tests build the kernel with the address
sanitizer and run this under it.
"""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


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
            np.ones(make.size),
            np.ones(documents),
            (float(make.size), float(documents)),
            tuple(map(float, (0, 90, 150, 180, 206, 230, 244, 256))),
            4,
            0.01,
            0.5,
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
            (index.places, (plan, units)),
            (index.followed, (units.astype(np.int64), other.astype(np.int64), 3)),
        ]
        for ask, arguments in questions:
            # Refusing is an answer too.
            with suppress(ValueError, OverflowError):
                ask(*arguments)


if __name__ == "__main__":
    loaded = load(sys.argv[1])
    for number in range(int(sys.argv[2])):
        one(loaded, number)
    print("nothing happened")

"""Times of queries: all engines in turn, query by query, so that a busy hour slows all alike."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.corpus import Corpus
from tests.benchmarks.engines.base import Run, Timed
from tests.benchmarks.queries import Draw, Words

SLOW = 0.1
"""Seconds of a query after which an engine runs fewer of its class."""
_EVERY = 10
"""A slow engine runs each so-manieth query."""


@dataclass(frozen=True)
class Measured:
    """One engine, one class of queries: CPU milliseconds of this process."""

    queries: int
    median: float
    p95: float
    agreement: float | None
    """The part of our engine's ten best that are among its own; None where it tells no ids."""

    @staticmethod
    def of(seconds: Sequence[float], agreement: Sequence[float] = ()) -> Measured:
        return Measured(
            len(seconds),
            1e3 * statistics.median(seconds),
            1e3 * sorted(seconds)[int(0.95 * (len(seconds) - 1))],
            statistics.fmean(agreement) if agreement else None,
        )


Results = dict[str, dict[str, Measured]]
"""Class -> engine -> times."""


def timed(run: Run) -> tuple[float, Sequence[int]]:
    """The CPU seconds of one query, and what it found."""
    start = time.process_time()
    found = run()
    return time.process_time() - start, found


def measure(
    engines: Sequence[Timed], corpus: Corpus, classes: Mapping[str, Draw], queries: int, seed: int
) -> Results:
    """Run so many queries of each class. The first engine's answers are what others agree with."""
    results: Results = {}
    words = Words(corpus, seed)
    gc.collect()
    gc.freeze()
    for name, draw in classes.items():
        words.again()
        times: dict[str, list[float]] = defaultdict(list)
        agreement: dict[str, list[float]] = defaultdict(list)
        for number in range(queries):
            query = draw(words)
            reference: set[int] = set()
            for engine in engines:
                slow = sum(times[engine.name]) > SLOW * queries
                run = None if slow and number % _EVERY else engine.compile(query)
                if run is None:
                    continue
                seconds, found = timed(run)
                times[engine.name].append(seconds)
                if engine is engines[0]:
                    reference = set(found)
                if reference and found:
                    agreement[engine.name].append(len(reference & set(found)) / len(reference))
        results[name] = {
            engine: Measured.of(taken, agreement[engine])
            for engine, taken in times.items()
            if taken
        }
        print(f"measured {name}", file=sys.stderr)
    return {name: measured for name, measured in results.items() if measured}

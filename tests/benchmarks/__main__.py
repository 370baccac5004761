"""Time every engine on the same text: `python -m tests.benchmarks --passages 200000`.

Queries of a class are run by all engines in turn, one after another, so that a busy hour of the
machine slows all alike. Times are CPU milliseconds of this process.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.corpus import Corpus, from_folder, synthetic
from tests.benchmarks.engines import Timed, emptied, engines, size
from tests.benchmarks.queries import CLASSES, Words

SLOW = 0.2
"""Seconds of a query after which an engine runs fewer of its class."""


@dataclass
class Built:
    """What building an index took."""

    seconds: float
    megabytes: float


@dataclass
class Measured:
    """One engine, one class of queries: CPU milliseconds."""

    queries: int
    median: float
    p95: float
    agreement: float
    """The part of the ten best that our own engine finds too."""


def build(chosen: list[Timed], corpus: Corpus, folder: Path) -> dict[str, Built]:
    """Build every index."""
    built = {}
    for engine in chosen:
        place = emptied(folder / engine.name.replace(" ", "-").replace(",", ""))
        start = time.process_time()
        engine.build(corpus, place)
        built[engine.name] = Built(time.process_time() - start, size(place) / 1e6)
        print(f"built {engine.name}: {built[engine.name].seconds:.1f} s", file=sys.stderr)
    return built


def measure(
    chosen: list[Timed], corpus: Corpus, queries: int, seed: int
) -> dict[str, dict[str, Measured]]:
    """Class -> engine -> times."""
    results: dict[str, dict[str, Measured]] = {}
    words = Words(corpus, seed)
    for name, make in CLASSES.items():
        words.again()
        times: dict[str, list[float]] = defaultdict(list)
        agreement: dict[str, list[float]] = defaultdict(list)
        for number in range(queries):
            query = make(words)
            reference: set[int] = set()
            for engine in chosen:
                run = engine.compile(query)
                # A slow engine runs fewer, from the same draw: enough for its median.
                spent = sum(times[engine.name])
                if run is None or (spent > SLOW * queries and number % 10):
                    continue
                start = time.process_time()
                found = set(run())
                times[engine.name].append(time.process_time() - start)
                if engine is chosen[0]:
                    reference = found
                agreement[engine.name].append(len(found & reference) / max(1, len(reference)))
        results[name] = {
            engine: Measured(
                len(taken),
                1e3 * statistics.median(taken),
                1e3 * sorted(taken)[int(0.95 * (len(taken) - 1))],
                statistics.fmean(agreement[engine]),
            )
            for engine, taken in times.items()
            if taken
        }
        print(f"measured {name}", file=sys.stderr)
    return results


def table(built: dict[str, Built], measured: dict[str, dict[str, Measured]], against: str) -> str:
    """Markdown: medians and p95 by class and engine, then ratios of medians to one engine."""
    names = list(built)
    lines = [
        "CPU ms, median / p95",
        "| | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for kind, engines_measured in measured.items():
        cells = [
            f"{m.median:.3f} / {m.p95:.3f}" if (m := engines_measured.get(name)) else "–"
            for name in names
        ]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    lines.append(
        "| build s, MB | "
        + " | ".join(f"{b.seconds:.1f}, {b.megabytes:.0f}" for b in built.values())
        + " |"
    )
    lines.extend(["", *ratios(measured, names, against)])
    return "\n".join(lines)


def ratios(measured: dict[str, dict[str, Measured]], names: list[str], against: str) -> list[str]:
    """How many times as long each engine takes as one of them, and the same top ten."""
    lines = [f"Median against {against}; the part of our top ten found"]
    for name in names:
        shared = [
            kinds[name].median / kinds[against].median
            for kinds in measured.values()
            if name in kinds and against in kinds
        ]
        agreed = [kinds[name].agreement for kinds in measured.values() if name in kinds]
        if shared:
            mean = math.exp(statistics.fmean(map(math.log, shared)))
            lines.append(
                f"- {name}: geometric mean {mean:.2f} over {len(shared)} classes, "
                f"worst {max(shared):.2f}; agreement {statistics.fmean(agreed):.2f}"
            )
    return lines


def main() -> int:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=100, help="of each class")
    parser.add_argument("--folder", type=Path, help="text files instead of a made-up corpus")
    parser.add_argument("--engines", default="", help="names, separated by semicolons; all of them")
    parser.add_argument("--against", default="tantivy", help="the engine that ratios are to")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    make = from_folder if options.folder else None
    corpus = (
        make(options.folder, options.passages, options.seed)
        if make
        else synthetic(options.passages, options.seed)
    )
    chosen = engines([name.strip() for name in options.engines.split(";") if name.strip()])
    with tempfile.TemporaryDirectory() as folder:
        built = build(chosen, corpus, Path(folder))
        measured = measure(chosen, corpus, options.queries, options.seed)
    print(table(built, measured, options.against))
    if options.json:
        figures = {
            "passages": corpus.passage_count,
            "words": len(corpus.words),
            "built": {name: asdict(value) for name, value in built.items()},
            "measured": {
                kind: {name: asdict(value) for name, value in values.items()}
                for kind, values in measured.items()
            },
        }
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

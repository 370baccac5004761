"""What it costs to plan a word asked for the first time: `python -m tests.benchmarks.planning`.

Microseconds a word, of CPU time of this process, over words of random passages.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from whoosh.query import FuzzyTerm, Prefix

from search_service.engines.whoosh.planning import expansions
from search_service.engines.whoosh.planning.plan import SOURCES, Plan, Sources
from search_service.engines.whoosh.planning.planner import COMPILED, PLANNERS, Planner, open_planner
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.segment import Segment
from search_service.nodes import Word, Words
from search_service.query.parsed import Options
from search_service.query.parsing import parse
from search_service.schema import TEXT_FIELD
from tests.benchmarks.corpus import LANGUAGES, Corpus, synthetic
from tests.benchmarks.engines.ours import OursLadder

OWN: Sources = ((TEXT_FIELD, 1),)


@dataclass(frozen=True)
class Question:
    """What is timed: `ask` of what `make` made of a word before."""

    make: Callable[[str], Any]
    ask: Callable[[Any], Plan]


def word(text: str, languages: tuple[str, ...] = LANGUAGES) -> Word:
    """A word with its ladder, as so many languages read it."""
    tree = parse(text, Options(languages)).tree
    found = tree.parts[0] if isinstance(tree, Words) else tree
    if not isinstance(found, Word):
        raise TypeError(f"{text!r} is no word but {found!r}")
    return found


def questions(snapshot: Snapshot, planner: Planner) -> dict[str, Question]:
    """What is timed, by its name."""

    def expanded(node: Prefix | FuzzyTerm) -> Plan:
        ranges = [
            expansions.expand(planner, number, segment.vocabulary, node)
            for number, segment in enumerate(snapshot.segments)
        ]
        return planner.ranges(ranges, OWN)

    def laddered(asked: Word) -> Plan:
        return planner.word(asked, SOURCES[TEXT_FIELD], asked.similar)

    def fuzzy(edits: int, prefix: int) -> Question:
        def node(text: str) -> FuzzyTerm:
            return FuzzyTerm(TEXT_FIELD, text, maxdist=edits, prefixlength=prefix)

        return Question(node, expanded)

    return {
        "exact form": Question(str, lambda text: planner.form(text, OWN)),
        "word, one language": Question(partial(word, languages=LANGUAGES[:1]), laddered),
        "word, four languages": Question(word, laddered),
        "prefix of 4 letters": Question(lambda text: Prefix(TEXT_FIELD, text[:4]), expanded),
        "fuzzy, 1 edit, prefix 1": fuzzy(1, 1),
        "fuzzy, 1 edit": fuzzy(1, 0),
        "fuzzy, 2 edits, prefix 1": fuzzy(2, 1),
        "fuzzy, 2 edits": fuzzy(2, 0),
    }


def measure(question: Question, texts: list[str], budget: float) -> tuple[float, float, float]:
    """Microseconds a word over as many words as are asked in `budget` seconds.

    That is: the median and p95 of the first time, when nothing of it is in the processor's cache,
    and the median of the least of five more, which tells what a busy machine hides.
    """
    first, again = [], []
    for text in texts:
        asked = question.make(text)
        times = []
        for _ in range(6):
            start = time.process_time_ns()
            question.ask(asked)
            times.append((time.process_time_ns() - start) / 1000)
        first.append(times[0])
        again.append(min(times[1:]))
        if sum(first) > budget * 1e6 / 6:
            break
    p95 = sorted(first)[int(0.95 * (len(first) - 1))]
    return statistics.median(first), p95, statistics.median(again)


def drawn(corpus: Corpus, count: int, seed: int) -> list[str]:
    """Words of random passages, of four letters or more."""
    rng = random.Random(seed)
    found: list[str] = []
    while len(found) < count:
        text = rng.choice(corpus.tokens(rng.randrange(corpus.passage_count)))
        if len(text) >= 4:
            found.append(text)
    return found


def main() -> int:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--words", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=5.0, help="at most, for each figure")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where to keep the segments for another run")
    options = parser.parse_args()
    corpus = synthetic(options.passages, options.seed)
    texts = drawn(corpus, options.words, options.seed)
    print(f"{options.passages} passages, {len(corpus.vocabulary)} forms at most")
    print("Microseconds a word: median / p95 of the first time, median when asked again\n")
    print("| | segments | " + " | ".join(PLANNERS) + " |\n|---|---|" + "---|" * len(PLANNERS))
    with tempfile.TemporaryDirectory() as made:
        for count in (1, 4):
            folder = (options.keep or Path(made)) / f"{options.passages}-{options.seed}-{count}"
            names = [f"s{number}" for number in range(count)]
            if not folder.exists():
                folder.mkdir(parents=True)
                OursLadder("numpy", count).build(corpus, folder)
            snapshot = Snapshot([Segment(folder, name) for name in names])
            planners = {
                name: open_planner(snapshot, name)
                for name in PLANNERS
                if COMPILED or name != "compiled"
            }
            for name in questions(snapshot, next(iter(planners.values()))):
                cells = []
                for planner in planners.values():
                    question = questions(snapshot, planner)[name]
                    median, p95, again = measure(question, texts, options.seconds)
                    cells.append(f"{median:.1f} / {p95:.1f}, {again:.1f}")
                print(f"| {name} | {count} | " + " | ".join(cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

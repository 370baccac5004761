"""Time every engine on the same text: `python -m tests.benchmarks --passages 200000`.

Queries of a class are run by all engines in turn, one after another, so that a busy hour of the
machine slows all alike. Times of queries are CPU milliseconds of this process; engines build in
processes of their own. What is printed is Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import engines, plot, report
from tests.benchmarks.building import Built, build
from tests.benchmarks.corpus import Corpus, from_folder, synthetic
from tests.benchmarks.engines.base import Timed
from tests.benchmarks.engines.builders import analysing, given_words
from tests.benchmarks.growth import SIZES, grow
from tests.benchmarks.measuring import Results, measure
from tests.benchmarks.queries import PAGES, RANKED, Words
from tests.benchmarks.service import serve

PARTS = ("words", "ladder", "building", "analysing", "service")
_AGAINST = (
    "tantivy; Whoosh; SQLite FTS5; ours, compiled; tantivy, no count; tantivy, search alone; "
    "tantivy, no count, search alone"
)
_IN_FULL = 4
"""The ratios to so many of them are told class by class, to the others in the mean."""
_COLD = 7
"""How many processes are started for a first answer, at most."""


class Benchmark:
    """One run over one corpus, with its figures as they come."""

    def __init__(self, options: argparse.Namespace, corpus: Corpus, folder: Path) -> None:
        self.options = options
        self.corpus = corpus
        self.folder = folder
        self.figures: dict[str, Any] = {
            "passages": corpus.passage_count,
            "words": len(corpus.words),
            "vocabulary": len(corpus.vocabulary),
        }
        self.panels: dict[str, Results] = {}

    def compare(self, title: str, chosen: Sequence[Timed], *, pages: bool = False) -> Iterator[str]:
        """Build and ask some engines."""
        chosen = [each for each in chosen if self._wanted(each.name)]
        builds = self._build(chosen)
        for each in chosen:
            each.open(self.corpus, self.folder / each.index)
        queries, seed = self.options.queries, self.options.seed
        results = measure(chosen, self.corpus, RANKED, queries, seed)
        ours = [each for each in chosen if each.name.startswith("ours")]
        asked = measure(ours, self.corpus, PAGES, queries, seed) if pages else {}
        self.panels[title] = results
        self.figures[title] = {"built": builds, "ranked": results, "page": asked}
        yield from report.times(title, {**results, **asked})
        for place, against in enumerate(self.options.against.split(";")):
            named = against.strip()
            others = [each.name for each in chosen if each.name != named]
            compared = [name for name in others if name.startswith("ours")]
            yield from report.ratios(title, results, named, compared, classes=place < _IN_FULL)
        yield from report.page(asked)
        yield from report.built(f"{title}: built for the queries above", builds)

    def building(self, title: str, builders: Sequence[Timed]) -> Iterator[str]:
        """Build as each engine does it best, on all processors."""
        builds = self._build([each for each in builders if self._wanted(each.name)])
        self.figures[title] = builds
        yield from report.built(title, builds)

    def service(self) -> Iterator[str]:
        """Serve the index with the ladder."""
        ladder = engines.with_ladder()[0]
        if not (self.folder / ladder.index).exists():
            self._build([ladder])
        words = Words(self.corpus, self.options.seed)
        queries = [" ".join(words.some(2)) for _ in range(60)]
        cold = min(_COLD, self.options.queries)
        served = serve(self.folder / ladder.index, self.folder / "service", queries, cold)
        self.figures["service"] = served
        yield "## The service"
        yield ""
        yield from report.served(served)

    def _wanted(self, name: str) -> bool:
        names = [each.strip() for each in self.options.engines.split(";") if each.strip()]
        return not names or any(name == each or name.startswith(each + ",") for each in names)

    def _build(self, chosen: Sequence[Timed]) -> dict[str, Built]:
        """Build each index once."""
        builds = {}
        for each in chosen:
            place = self.folder / each.index
            if not place.exists():
                builds[each.name] = build(each, self.corpus, place)
        return builds


def main() -> int:
    """Build, measure, print."""
    options = _options()
    parts = [part.strip() for part in options.parts.split(",") if part.strip()]
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(f"no part {', '.join(unknown)}: choose from {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for line in _machine():
            print(line)
        if options.growth:
            sizes = [int(size) for size in options.growth.split(",")]
            grown = grow(sizes, folder, options.queries, options.seed)
            figures: dict[str, Any] = {"growth": grown}
            print("\n".join(report.growth(grown)))
        else:
            corpus = (
                from_folder(options.folder, options.passages, options.seed)
                if options.folder
                else synthetic(options.passages, options.seed)
            )
            run = Benchmark(options, corpus, folder)
            for lines in _parts(run, parts):
                print("\n".join(lines), flush=True)
            figures = run.figures
            if options.plot and run.panels:
                options.plot.write_text(plot.plot(run.panels), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(_plain(figures), indent=1), encoding="utf-8")
    return 0


def _parts(run: Benchmark, parts: Sequence[str]) -> Iterator[Iterator[str]]:
    # Engines that are open have threads, so what is built in processes of its own comes first.
    if "building" in parts:
        yield run.building("Building from the same words", given_words())
    if "analysing" in parts:
        yield run.building("Building with all analysis", analysing())
    if "words" in parts:
        yield run.compare("The same words", engines.over_words())
    if "ladder" in parts:
        yield run.compare("The match ladder", engines.with_ladder(), pages=True)
    if "service" in parts:
        yield run.service()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=100, help="of each class")
    parser.add_argument("--folder", type=Path, help="text files instead of a made-up corpus")
    parser.add_argument("--engines", default="", help="names, separated by semicolons; all of them")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--against", default=_AGAINST, help="engines that ratios are to, by ;")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--plot", type=Path, help="where to draw the medians (SVG)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--growth",
        nargs="?",
        const=",".join(map(str, SIZES)),
        help="only this: our engine over so many passages, the same postings touched",
    )
    return parser.parse_args()


def _machine() -> Iterator[str]:
    yield (
        f"Python {platform.python_version()}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    for line in engines.absent():
        yield f"- {line}"
    yield ""


def _plain(value: Any) -> Any:
    """Figures as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value


if __name__ == "__main__":
    sys.exit(main())

"""Flat queries over many ranges of units: the compiled kernel against NumPy, to the last bit.

`python -m tests.engines.fuzz_ranges KERNEL.so CORPORA SEED`; the tests build the kernel with small
ranges, so that a few thousand passages are many of them and the best of the first prune the last.
The corpora of `fuzz_executor` are too small for that, and its oracle too slow for larger ones.
"""

from __future__ import annotations

import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from whoosh import query as q
from whoosh.query import Query

from search_service.engines.base import Request
from search_service.engines.whoosh.evaluation import compiled_kernel
from search_service.engines.whoosh.evaluation.executor import Executor
from search_service.model import Rung
from search_service.nodes import Word, WordPhrase, Words
from tests.engines.corpora import LANGUAGES, Trees, segments, word_form
from tests.engines.families import Families, OneLanguage
from tests.engines.fuzz_executor import differences
from tests.engines.fuzz_kernel import load


class FlatTrees(Trees):
    """Trees that a kernel answers in one call."""

    def word(self) -> Word:
        """Mostly a word of the text with what is similar to it."""
        rng = self.rng
        if rng.random() < 0.2:
            return super().word()
        folded = rng.choices(self.corpus.folded, [w + 0.05 for w in self.corpus.weights])[0]
        readings = tuple(
            (language, word_form(folded, 0, language))
            for language in rng.sample(LANGUAGES, rng.choice((1, 2, 3)))
        )
        rung = rng.choice((Rung.EXACT, Rung.FOLD, Rung.STEM, Rung.TRANSLIT))
        return Word("text", folded, readings, rung, rng.random() < 0.8, (), self.boost())

    def boost(self) -> float:
        """Mostly none, sometimes one that says nothing or takes away."""
        return self.rng.choice((1.0,) * 12 + (2.0, 0.5, 0.0, -1.0))

    def part(self) -> Query:
        """A word, or now and then what else may be a clause."""
        if self.rng.random() < 0.85:
            return self.word()
        first, second = (replace(self.word(), fieldname="text") for _ in range(2))
        return self.rng.choice(
            (
                WordPhrase((first, second), self.rng.choice((0, 2))),
                q.Prefix("text", first.text[:5], constantscore=self.rng.random() < 0.5),
                q.Term("text", first.text),
                q.Phrase("text", [first.text, second.text], slop=3),
            )
        )

    def query(self) -> Query:
        """All shapes of flat queries."""
        rng = self.rng
        parts = [self.part() for _ in range(rng.choice((1, 1, 2, 2, 2, 3, 3, 4, 5, 8)))]
        if rng.random() < 0.02:
            parts *= 33 // len(parts)  # at the border of what a kernel takes
        match rng.randrange(8):
            case 0 | 7:
                return q.Or(parts, boost=self.boost())
            case 1:
                return q.And(parts[:3], boost=self.boost())
            case 2:
                return q.Or([q.Term("text", self.word().text) for _ in parts])
            case 3:
                return parts[0]
            case _:
                return Words(tuple(parts), rng.random() < 0.25)

    def request(self) -> Request:
        """With pages that end before, at and behind the last hit."""
        rng = self.rng
        request = super().request()
        return replace(
            request,
            query=self.query(),
            sort=rng.choice(("relevance",) * 6 + ("date", "-date")),
            filters=request.filters if rng.random() < 0.4 else {},
            first_day=request.first_day if rng.random() < 0.4 else None,
            last_day=request.last_day if rng.random() < 0.4 else None,
            limit=rng.choice((0, 1, 2, 3, 5, 10, 20, 50, 100, 10_000)),
            offset=rng.choice((0, 0, 0, 0, 1, 7, 100_000)),
            passages=rng.choice((1, 2, 3, 5, 50)),
            facets=request.facets if rng.random() < 0.5 else (),
        )


class PlainTrees(FlatTrees):
    """Passages that have any of some words, rare and frequent ones, and nothing besides counted."""

    def query(self) -> Query:
        """Words as they are written."""
        rng = self.rng
        words = rng.choices(self.corpus.folded, k=rng.choice((1, 2, 3, 4, 8)))
        words += rng.choices(self.corpus.folded[:3], k=rng.choice((0, 0, 1)))
        return q.Or([q.Term("text", word, boost=self.boost()) for word in words])

    def request(self) -> Request:
        """Of passages."""
        return replace(super().request(), group="passage", facets=())


def check(rng: random.Random, folder: Path, documents: int, queries: int) -> list[str]:
    """How the answers of both kernels differ over one corpus."""
    corpus = rng.choice((Families, OneLanguage))(rng, documents)
    dead = rng.choice((0.0, 0.0, 0.05))
    deleted = {d.header["id"] for d in corpus.prepared if rng.random() < dead}
    cuts = sorted(rng.sample(range(1, documents), rng.choice((0, 0, 1, 3))))
    opened = segments(folder, corpus.prepared, cuts, deleted)
    numpy, compiled = Executor(opened, "numpy"), Executor(opened, "compiled")
    found: list[str] = []
    for _ in range(queries):
        plain = isinstance(corpus, OneLanguage) and rng.random() < 0.7
        request = (PlainTrees if plain else FlatTrees)(corpus, rng).request()
        expected, got = numpy.execute(request), compiled.execute(request)
        if expected != got:
            told = differences(expected, got) or ["the last bit"]
            found.append("\n    ".join((str(request), *told)))
    return found


def main() -> int:
    """Print what differs."""
    compiled_kernel._kernel = load(sys.argv[1])  # type: ignore[attr-defined]
    found: list[str] = []
    for number in range(int(sys.argv[2])):
        rng = random.Random(int(sys.argv[3]) * 1000 + number)
        with tempfile.TemporaryDirectory() as folder:
            found += check(rng, Path(folder), rng.choice((300, 1000)), 100)
    print(*found[:5], f"{len(found)} answers differ", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""bm25s: eager sparse scoring in NumPy; a union of words is all it does."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.corpus import Corpus
from tests.benchmarks.engines.base import TOP, Run, Timed
from tests.benchmarks.queries import Query


class Bm25s(Timed):
    """An index of numbers of words, mapped from its files."""

    name = "bm25s"
    index = "bm25s"

    def build(self, corpus: Corpus, folder: Path) -> None:
        retriever = import_module("bm25s").BM25()
        words = {word: number for number, word in enumerate(corpus.vocabulary)}
        tokens = [
            [words[word] for word in corpus.text(passage).split()]
            for passage in range(corpus.passage_count)
        ]
        retriever.index((tokens, words), show_progress=False)
        retriever.save(str(folder), show_progress=False)

    def open(self, corpus: Corpus, folder: Path) -> None:
        self._numbers = {word: number for number, word in enumerate(corpus.vocabulary)}
        self._retriever: Any = import_module("bm25s").BM25.load(str(folder), mmap=True)

    def compile(self, query: Query) -> Run | None:
        if query.kind != "or" or query.page or query.language or query.by_date:
            return None
        words = [[self._numbers[word] for word in query.words]]

        def run() -> list[int]:
            found = self._retriever.retrieve(
                words, k=TOP, show_progress=False, return_as="documents"
            )
            return [int(number) for number in found[0]]

        return run

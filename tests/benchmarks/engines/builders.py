"""Engines as they are built where only building is timed: on all processors."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from search_service.engines.whoosh.writing.writer import WhooshWriter
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.engines.base import Timed
from tests.benchmarks.engines.fts5 import Fts5
from tests.benchmarks.engines.ours import Ours, OursLadder, prepared_by_workers
from tests.benchmarks.engines.stock_whoosh import StockWhoosh
from tests.benchmarks.engines.tantivy import Tantivy, TantivyLadder

THREADS = 2


class _Written:
    """Ours as the service's indexer writes: with its limit of memory, merged to the end."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        writer = WhooshWriter(folder, None)
        documents = range(corpus.document_count)
        for prepared in prepared_by_workers(self._preparing(corpus), documents):  # type: ignore[attr-defined]
            writer.add(prepared)
        writer.commit(merge_large=True)


class OursWritten(_Written, Ours):
    """From the same words."""

    def __init__(self) -> None:
        super().__init__("numpy")
        self.name, self.index = "ours", "built-ours"


class OursLadderWritten(_Written, OursLadder):
    """With all analysis."""

    def __init__(self) -> None:
        super().__init__("numpy")
        self.name, self.index = "ours", "built-ours-ladder"


class TantivyThreads(Tantivy):
    """tantivy with several threads."""

    index = "built-tantivy"

    def __init__(self) -> None:
        super().__init__(threads=THREADS)
        self.name = f"tantivy, {THREADS} threads"


class TantivyLadderThreads(TantivyLadder):
    """tantivy with several threads, given the keys of each rung."""

    index = "built-tantivy-ladder"

    def __init__(self) -> None:
        super().__init__(threads=THREADS)
        self.name = f"tantivy, {THREADS} threads, given the keys of each rung"


class Fts5Built(Fts5):
    """SQLite, which writes in one thread."""

    index = "built-fts5"


def given_words() -> list[Timed]:
    """From the same words."""
    found: list[Timed] = [OursWritten()]
    if find_spec("tantivy"):
        found.append(TantivyThreads())
    return [*found, Fts5Built()]


def analysing() -> list[Timed]:
    """With all analysis: ours with languages and rungs, Whoosh with its English analyser."""
    found: list[Timed] = [OursLadderWritten()]
    if find_spec("tantivy"):
        found.append(TantivyLadderThreads())
    return [*found, StockWhoosh(english=True)]

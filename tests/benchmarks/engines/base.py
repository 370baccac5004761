"""What an engine does in a benchmark."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from search_service.engines.whoosh.store.segment import TEXTS_SUFFIX
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.queries import Query

TOP = 10
Run = Callable[[], Sequence[int]]
"""Runs one query; returns the numbers of the ten best passages."""


class Timed(ABC):
    """An engine, or one way of asking it."""

    name: str
    index: str
    """What it builds, as a file name: ways of asking one engine share an index."""

    def ready(self, corpus: Corpus) -> None:  # noqa: B027 -- most begin with the texts
        """Have ready what building begins with, where that is more than the corpus's texts."""

    @abstractmethod
    def build(self, corpus: Corpus, folder: Path) -> None:
        """Index the corpus into a folder that is there; called in a process of its own."""

    @abstractmethod
    def open(self, corpus: Corpus, folder: Path) -> None:
        """Open what `build` has made."""

    @abstractmethod
    def compile(self, query: Query) -> Run | None:
        """Make a query ready to run; None for what the engine cannot do."""


def size(folder: Path) -> int:
    """The bytes of an index's files, our texts aside: the other engines keep none."""
    return sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != TEXTS_SUFFIX
    )

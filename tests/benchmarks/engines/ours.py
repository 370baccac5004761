"""Our engine: over the same words as the others, and over all that the service makes of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import query as q

from search_service.durable import write_file
from search_service.engines.base import Request
from search_service.engines.whoosh.evaluation.executor import Executor
from search_service.engines.whoosh.reader import WhooshReader
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.store.state import STATE, SegmentState, State, write_deleted
from search_service.engines.whoosh.writing.builder import SegmentBuilder
from search_service.engines.whoosh.writing.prepared import unpack
from search_service.engines.whoosh.writing.writer import count_deleted
from search_service.indexer.workers import Failure, Pool, processors
from search_service.nodes import Words
from search_service.query.parsed import Options
from search_service.query.parsing import parse
from search_service.searcher.filters import FACET_NAMES
from search_service.searcher.searching import Question, Searcher
from tests.benchmarks.corpus import LANGUAGES, Corpus
from tests.benchmarks.documents import Analysing, Counting, numbers
from tests.benchmarks.engines.base import TOP, Run, Timed
from tests.benchmarks.queries import Query

DELETED = 50
"""Where there are several segments, each so-manieth document is deleted: 2 %."""
_BATCH = 32
"""Documents that a worker prepares at a time."""
_SECONDS = 600.0

Prepare = Callable[[int], bytes]


class _Ours(Timed):
    """What both ways of asking share; the numbers of passages are those of the corpus."""

    index: str

    def __init__(self, kernel: str, segments: int = 1) -> None:
        self.name = f"ours, {kernel}" + (f", {segments} segments" if segments > 1 else "")
        self._kernel = kernel
        self._segments = segments

    def build(self, corpus: Corpus, folder: Path) -> None:
        """Write so many segments from what worker processes prepare."""
        states = []
        preparing = self._preparing(corpus)
        for number, documents in enumerate(numbers(corpus, self._segments)):
            builder = SegmentBuilder(folder, f"s{number}")
            for prepared in prepared_by_workers(preparing, documents):
                builder.add(unpack(prepared))
            states.append(self._closed(builder, folder))
        write_file(folder / STATE, [State(tuple(states)).dump()])

    def _closed(self, builder: SegmentBuilder, folder: Path) -> SegmentState:
        files, name = builder.close(), builder.name
        counts = builder.document_count, builder.passage_count
        if self._segments == 1:
            return SegmentState(name, *counts, files)
        deleted = np.arange(builder.document_count) % DELETED == 0
        file, bytes_, sha256 = write_deleted(folder, name, deleted)
        gone = count_deleted(Segment(folder, name), deleted)
        return SegmentState(name, *counts, files | {file: (bytes_, sha256)}, file, *gone)

    @abstractmethod
    def _preparing(self, corpus: Corpus) -> Prepare:
        """What worker processes call with the number of a document."""

    def open(self, corpus: Corpus, folder: Path) -> None:
        self._reader = _Reader(folder, self._kernel)
        self._first = corpus.bounds

    def _request(self, query: Query, tree: Any) -> Request:
        return Request(
            tree,
            {"language": (query.language,)} if query.language else {},
            query.first_day,
            group="document" if query.page else "passage",
            sort="-date" if query.by_date else "relevance",
            limit=TOP,
            facets=FACET_NAMES if query.page else (),
        )

    def _run(self, query: Query, tree: Any) -> Run:
        request = self._request(query, tree)

        def run() -> list[int]:
            answer = self._reader.search(request)
            return [self._first[int(f.document_id)] + f.passages[0].ordinal for f in answer.found]

        return run


class Ours(_Ours):
    """The words as they are, in one field, asked by Whoosh's own nodes."""

    def __init__(self, kernel: str, segments: int = 1) -> None:
        super().__init__(kernel, segments)
        self.index = f"ours-words-{segments}"

    def _preparing(self, corpus: Corpus) -> Prepare:
        return Counting(corpus)

    def compile(self, query: Query) -> Run | None:
        return None if query.page else self._run(query, whoosh_tree(query))


class OursLadder(_Ours):
    """As the service does it: the query is read in all languages, and words meet by their rungs."""

    def __init__(self, kernel: str, segments: int = 1) -> None:
        super().__init__(kernel, segments)
        self.index = f"ours-ladder-{segments}"

    def ready(self, corpus: Corpus) -> None:
        """Make sentences of the words, which is no part of building."""
        corpus.sentences(0)

    def _preparing(self, corpus: Corpus) -> Prepare:
        return Analysing(corpus)

    def open(self, corpus: Corpus, folder: Path) -> None:
        super().open(corpus, folder)
        self._searcher = Searcher(self._reader, deadline=_SECONDS)

    def compile(self, query: Query) -> Run | None:
        if query.page != "whole":
            return self._run(query, ladder_tree(query))
        question = Question(" ".join(query.words), limit=TOP, facets=FACET_NAMES)

        def run() -> list[int]:
            hits = self._searcher.search(question).hits
            return [
                self._first[int(hit.document.id)] + hit.passages[0].passage.ordinal for hit in hits
            ]

        return run


class _Reader(WhooshReader):
    """A reader with a kernel of our choice."""

    def __init__(self, directory: Path, kernel: str) -> None:
        super().__init__(directory)
        self._executor = Executor(self.segments, kernel)


def prepared_by_workers(prepare: Prepare, documents: Sequence[int]) -> Any:
    """Documents prepared, in order, by as many processes as there are processors."""

    def batch(part: Sequence[int]) -> bytes:
        pieces = [prepare(number) for number in part]
        lengths = np.array([len(pieces), *map(len, pieces)], np.int64)
        return b"".join([lengths.tobytes(), *pieces])

    parts = [documents[n : n + _BATCH] for n in range(0, len(documents), _BATCH)]
    with Pool(batch, processors(), _SECONDS) as pool:
        for _, answer in pool.run(parts):
            if isinstance(answer, Failure):
                raise RuntimeError(answer.reason)  # noqa: TRY004 -- it is no wrong argument
            count = int(np.frombuffer(answer, np.int64, 1)[0])
            ends = np.cumsum(np.frombuffer(answer, np.int64, count, 8)) + 8 * (count + 1)
            starts = [8 * (count + 1), *ends[:-1].tolist()]
            yield from (answer[a:b] for a, b in zip(starts, ends.tolist(), strict=True))


def whoosh_tree(query: Query) -> Any:
    """The query as Whoosh's nodes."""
    terms = [q.Term("text", word) for word in query.words]
    match query.kind:
        case "phrase":
            return q.Phrase("text", list(query.words))
        case "prefix":
            return q.Prefix("text", query.words[0])
        case "fuzzy":
            return q.FuzzyTerm("text", query.words[0], maxdist=1, prefixlength=1)
    if len(terms) == 1:
        return terms[0]
    return q.And(terms) if query.kind == "and" else q.Or(terms)


def ladder_tree(query: Query) -> Any:
    """The query as the service reads what a person types."""
    text = " ".join(query.words)
    match query.kind:
        case "phrase":
            text = f'"{text}"'
        case "prefix":
            text += "*"
        case "fuzzy":
            text += "~1"
    tree = parse(text, Options(LANGUAGES)).tree
    # AND of passages, as the other engines do it; the service's own is of documents.
    if query.kind == "and" and isinstance(tree, Words):
        return q.And(list(tree.parts))
    return tree

"""Whoosh as it comes, with its own codec and matchers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whoosh import fields, index, scoring
from whoosh import query as q
from whoosh.analysis import SpaceSeparatedTokenizer, StemmingAnalyzer

from tests.benchmarks.corpus import LANGUAGES, Corpus
from tests.benchmarks.engines.base import TOP, Run, Timed
from tests.benchmarks.engines.ours import whoosh_tree
from tests.benchmarks.queries import Query

_MEGABYTES = 512


class StockWhoosh(Timed):
    """One field of words; or, with `english`, as its own English analyser reads them."""

    def __init__(self, *, english: bool = False) -> None:
        self.name = "Whoosh, English" if english else "Whoosh"
        self.index = "whoosh-english" if english else "whoosh"
        self._english = english

    def build(self, corpus: Corpus, folder: Path) -> None:
        analyser: Any = StemmingAnalyzer if self._english else SpaceSeparatedTokenizer
        schema = fields.Schema(
            text=fields.TEXT(analyzer=analyser(), phrase=True),
            language=fields.ID(),
            day=fields.NUMERIC(int, sortable=True),
        )
        writer = index.create_in(str(folder), schema).writer(limitmb=_MEGABYTES)
        for passage, document in enumerate(corpus.documents.tolist()):
            writer.add_document(
                text=corpus.text(passage),
                language=LANGUAGES[corpus.languages[document]],
                day=int(corpus.days[document]),
            )
        writer.commit()

    def open(self, corpus: Corpus, folder: Path) -> None:
        self._searcher = index.open_dir(str(folder)).searcher(weighting=scoring.BM25F())

    def compile(self, query: Query) -> Run | None:
        if query.page or self._english:
            return None
        tree = whoosh_tree(query)
        conditions: list[Any] = []
        if query.language:
            conditions.append(q.Term("language", query.language))
        if query.first_day:
            conditions.append(q.NumericRange("day", query.first_day, None))
        kept = q.And(conditions) if conditions else None
        order: dict[str, Any] = {"sortedby": "day", "reverse": True} if query.by_date else {}

        def run() -> list[int]:
            found = self._searcher.search(tree, limit=TOP, filter=kept, **order)
            return [hit.docnum for hit in found]

        return run

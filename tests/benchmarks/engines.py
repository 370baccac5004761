"""The engines that are timed, behind one small interface.

All get the same words in one field. With the ladder, tantivy has a field a rung and takes the best
of them; ours has forms and keys. What an engine cannot do it says by None.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from whoosh import fields, index, scoring
from whoosh import query as q
from whoosh.analysis import SpaceSeparatedTokenizer

from search_service.engines.base import Request
from search_service.engines.whoosh.executor import Executor
from search_service.engines.whoosh.kernel import chosen_kernel
from search_service.nodes import Word, Words
from tests.benchmarks import ours
from tests.benchmarks.corpus import LANGUAGES, Corpus
from tests.benchmarks.queries import Query

TOP = 10
Run = Callable[[], Sequence[int]]
"""Runs one query; returns the numbers of the ten best passages."""


class Timed(Protocol):
    """An engine with a corpus in it."""

    name: str

    def build(self, corpus: Corpus, folder: Path) -> None:
        """Index the corpus."""

    def compile(self, query: Query) -> Run | None:
        """Make a query ready to run; None for what the engine cannot do."""


class Ours:
    """Our engine with one of its kernels; the numbers of passages are those of the corpus."""

    def __init__(self, kernel: str, segments: int = 1) -> None:
        self.name = f"ours, {kernel}" + (f", {segments} segments" if segments > 1 else "")
        self._kernel = kernel
        self._segments = segments

    def build(self, corpus: Corpus, folder: Path) -> None:
        self._executor = Executor(ours.build(corpus, folder, self._segments), self._kernel)
        self._first = np.searchsorted(corpus.documents, np.arange(corpus.document_count)).tolist()

    def compile(self, query: Query) -> Run | None:
        request = Request(
            self._tree(query),
            {"language": (query.language,)} if query.language else {},
            query.first_day,
            group="document" if query.page else "passage",
            sort="-date" if query.by_date else "relevance",
            limit=TOP,
            facets=("language", "year", "source") if query.page else (),
        )

        def run() -> list[int]:
            answer = self._executor.execute(request)
            return [self._first[int(f.document_id)] + f.passages[0].ordinal for f in answer.found]

        return run

    @staticmethod
    def _tree(query: Query) -> Any:
        if query.ladder:
            readings = [(("en", ours.form(word)),) for word in query.words]
            words = [
                Word("text", w, reading) for w, reading in zip(query.words, readings, strict=True)
            ]
            return q.And(words) if query.kind == "and" else Words(tuple(words))
        return whoosh_tree(query)


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


class StockWhoosh:
    """Whoosh as it comes, with its own codec and matchers."""

    name = "Whoosh"

    def build(self, corpus: Corpus, folder: Path) -> None:
        spaces: Any = SpaceSeparatedTokenizer()
        schema = fields.Schema(
            text=fields.TEXT(analyzer=spaces, phrase=True),
            language=fields.ID(),
            day=fields.NUMERIC(int, sortable=True),
        )
        folder.mkdir()
        opened = index.create_in(str(folder), schema)
        writer = opened.writer(limitmb=512)
        for passage, document in enumerate(corpus.documents.tolist()):
            writer.add_document(
                text=" ".join(corpus.tokens(passage)),
                language=LANGUAGES[corpus.languages[document]],
                day=int(corpus.days[document]),
            )
        writer.commit()
        self._searcher = opened.searcher(weighting=scoring.BM25F())

    def compile(self, query: Query) -> Run | None:
        if query.ladder or query.page:
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


class Fts5:
    """SQLite's full-text search, ordered by its rank."""

    name = "SQLite FTS5"

    def build(self, corpus: Corpus, folder: Path) -> None:
        folder.mkdir()
        self._database = sqlite3.connect(folder / "fts.db")
        self._database.execute("pragma journal_mode = off")
        self._database.execute(
            "create virtual table passages using fts5(text, content='', tokenize='unicode61')"
        )
        self._database.executemany(
            "insert into passages(rowid, text) values (?, ?)",
            ((n, " ".join(corpus.tokens(n))) for n in range(corpus.passage_count)),
        )
        self._database.execute("insert into passages(passages) values ('optimize')")
        self._database.commit()

    def compile(self, query: Query) -> Run | None:
        if query.ladder or query.page or query.language or query.by_date or query.kind == "fuzzy":
            return None
        quoted = [f'"{word}"' for word in query.words]
        match query.kind:
            case "phrase":
                asked = '"' + " ".join(query.words) + '"'
            case "prefix":
                asked = quoted[0] + "*"
            case kind:
                asked = f" {kind.upper()} ".join(quoted)
        statement = f"select rowid from passages where passages match ? order by rank limit {TOP}"
        return lambda: [row[0] for row in self._database.execute(statement, (asked,))]


class Tantivy:
    """tantivy by its Python binding, one segment, its usual settings."""

    name = "tantivy"

    def build(self, corpus: Corpus, folder: Path) -> None:
        tantivy: Any = import_module("tantivy")

        self._tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        for name in ("text", "stem", "four"):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field("language", tokenizer_name="raw")
        builder.add_integer_field("day", indexed=True, fast=True)
        builder.add_integer_field("number", stored=True, fast=True)
        self._schema = builder.build()
        folder.mkdir()
        opened = tantivy.Index(self._schema, path=str(folder))
        writer = opened.writer(heap_size=500_000_000, num_threads=1)
        for passage, document in enumerate(corpus.documents.tolist()):
            words = corpus.tokens(passage)
            writer.add_document(
                tantivy.Document(
                    text=" ".join(words),
                    stem=" ".join([word[:5] for word in words]),
                    four=" ".join([word[:4] for word in words]),
                    language=LANGUAGES[corpus.languages[document]],
                    day=int(corpus.days[document]),
                    number=passage,
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        opened.reload()
        self._searcher = opened.searcher()

    def compile(self, query: Query) -> Run | None:
        if query.page:
            return None
        tantivy, schema = self._tantivy, self._schema
        occur = tantivy.Occur.Must if query.kind == "and" else tantivy.Occur.Should
        match query.kind:
            case "phrase":
                tree = tantivy.Query.phrase_query(schema, "text", list(query.words))
            case "prefix":
                tree = tantivy.Query.regex_query(schema, "text", query.words[0] + ".*")
            case "fuzzy":
                tree = tantivy.Query.fuzzy_term_query(schema, "text", query.words[0], distance=1)
            case _:
                parts = [self._word(word, ladder=query.ladder) for word in query.words]
                tree = tantivy.Query.boolean_query([(occur, part) for part in parts])
        if query.language and query.first_day:
            must = tantivy.Occur.Must
            language = tantivy.Query.term_query(schema, "language", query.language)
            after = tantivy.Query.range_query(
                schema, "day", tantivy.FieldType.Integer, query.first_day, 1 << 40
            )
            tree = tantivy.Query.boolean_query([(must, tree), (must, language), (must, after)])
        order: dict[str, Any] = {"order_by_field": "day"} if query.by_date else {}

        def run() -> list[int]:
            found = self._searcher.search(tree, TOP, count=True, **order)
            return [self._searcher.doc(place)["number"][0] for _, place in found.hits]

        return run

    def _word(self, word: str, *, ladder: bool) -> Any:
        tantivy, schema = self._tantivy, self._schema
        term = tantivy.Query.term_query(schema, "text", word)
        if not ladder:
            return term
        rungs = [
            tantivy.Query.boost_query(tantivy.Query.term_query(schema, name, word[:length]), boost)
            for name, length, boost in (("stem", 5, 0.8), ("four", 4, 0.6))
        ]
        return tantivy.Query.disjunction_max_query([term, *rungs])


class Bm25s:
    """bm25s: eager sparse scoring; a union of words is all it does."""

    name = "bm25s"

    def build(self, corpus: Corpus, folder: Path) -> None:
        bm25s: Any = import_module("bm25s")

        self._numbers = {word: number for number, word in enumerate(corpus.vocabulary)}
        self._retriever = bm25s.BM25()
        tokens = [
            corpus.words[corpus.starts[n] : corpus.starts[n + 1]].tolist()
            for n in range(corpus.passage_count)
        ]
        self._retriever.index((tokens, self._numbers), show_progress=False)

    def compile(self, query: Query) -> Run | None:
        plain = not (query.ladder or query.page or query.language or query.by_date)
        if query.kind != "or" or not plain:
            return None
        words = [[self._numbers[word] for word in query.words]]

        def run() -> list[int]:
            found = self._retriever.retrieve(
                words, k=TOP, show_progress=False, return_as="documents"
            )
            return [int(number) for number in found[0]]

        return run


def engines(names: Sequence[str]) -> list[Timed]:
    """The engines of these names (all that are installed, for none), ours among them."""
    kernels = sorted({"numpy", chosen_kernel()})
    every: list[Timed] = [*(Ours(kernel) for kernel in kernels), Fts5(), StockWhoosh()]
    every.extend(Ours(kernel, 4) for kernel in kernels)
    if find_spec("tantivy"):
        every.append(Tantivy())
    if find_spec("bm25s"):
        every.append(Bm25s())
    return [engine for engine in every if not names or engine.name in names]


def size(folder: Path) -> int:
    """The bytes of an index's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def emptied(folder: Path) -> Path:
    """A folder that is not there yet."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder

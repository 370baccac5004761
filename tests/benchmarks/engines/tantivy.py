"""tantivy by its Python binding, with its usual settings."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from search_service.languages.analysis import analyser
from search_service.nodes import Words
from tests.benchmarks.corpus import LANGUAGES, Corpus
from tests.benchmarks.engines.base import TOP, Run, Timed
from tests.benchmarks.engines.ours import ladder_tree
from tests.benchmarks.queries import Query

_HEAP = 500_000_000
RUNGS = ("exact", "fold", "stem", "translit")
_BOOSTS = (1.0, 0.9, 0.8, 0.6)


class Tantivy(Timed):
    """One field of words.

    Args:
        count: whether hits are counted, as ours are; without, it can leave out the hopeless ones.
        fetch: whether the ids of the hits are read, as ours are; without, the search alone is
            timed, and its ids are not compared.
        threads: that write; with one there is one segment.
    """

    index = "tantivy"

    def __init__(self, *, count: bool = True, fetch: bool = True, threads: int = 1) -> None:
        self.name = (
            "tantivy" + ("" if count else ", no count") + ("" if fetch else ", search alone")
        )
        self._count = count
        self._fetch = fetch
        self._threads = threads

    def build(self, corpus: Corpus, folder: Path) -> None:
        tantivy: Any = import_module("tantivy")
        writer = tantivy.Index(self._schema(), path=str(folder)).writer(
            heap_size=_HEAP, num_threads=self._threads
        )
        for passage, document in enumerate(corpus.documents.tolist()):
            writer.add_document(
                tantivy.Document(
                    **self._texts(corpus, passage, document),
                    language=LANGUAGES[corpus.languages[document]],
                    day=int(corpus.days[document]),
                    number=passage,
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    @staticmethod
    def _fields() -> tuple[str, ...]:
        return ("exact",)

    def _texts(self, corpus: Corpus, passage: int, document: int) -> dict[str, str]:
        return {"exact": corpus.text(passage)}

    def _schema(self) -> Any:
        builder = import_module("tantivy").SchemaBuilder()
        for name in self._fields():
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field("language", tokenizer_name="raw")
        builder.add_integer_field("day", indexed=True, fast=True)
        builder.add_integer_field("number", stored=True, fast=True)
        return builder.build()

    def open(self, corpus: Corpus, folder: Path) -> None:
        self._tantivy: Any = import_module("tantivy")
        self._opened_schema = self._schema()
        opened = self._tantivy.Index(self._opened_schema, path=str(folder))
        opened.reload()
        self._searcher = opened.searcher()

    def compile(self, query: Query) -> Run | None:
        if query.page:
            return None
        tree = self._filtered(query, self._tree(query))
        order: dict[str, Any] = {"order_by_field": "day"} if query.by_date else {}
        searcher, count = self._searcher, self._count
        if not self._fetch:

            def search() -> list[int]:
                searcher.search(tree, TOP, count=count, **order)
                return []

            return search

        def run() -> list[int]:
            found = searcher.search(tree, TOP, count=count, **order)
            return [searcher.doc(place)["number"][0] for _, place in found.hits]

        return run

    def _tree(self, query: Query) -> Any:
        tantivy, schema = self._tantivy, self._opened_schema
        occur = tantivy.Occur.Must if query.kind == "and" else tantivy.Occur.Should
        match query.kind:
            case "phrase":
                return tantivy.Query.phrase_query(schema, "exact", list(query.words))
            case "prefix":
                return tantivy.Query.regex_query(schema, "exact", query.words[0] + ".*")
            case "fuzzy":
                return tantivy.Query.fuzzy_term_query(schema, "exact", query.words[0], distance=1)
        parts = self._parts(query)
        if len(parts) == 1:
            return parts[0]
        return tantivy.Query.boolean_query([(occur, part) for part in parts])

    def _parts(self, query: Query) -> list[Any]:
        return [self._term("exact", word) for word in query.words]

    def _term(self, field: str, text: str) -> Any:
        return self._tantivy.Query.term_query(self._opened_schema, field, text)

    def _filtered(self, query: Query, tree: Any) -> Any:
        if not query.language or not query.first_day:
            return tree
        tantivy = self._tantivy
        must = tantivy.Occur.Must
        after = tantivy.Query.range_query(
            self._opened_schema, "day", tantivy.FieldType.Integer, query.first_day, 1 << 40
        )
        language = tantivy.Query.const_score_query(self._term("language", query.language), 0.0)
        after = tantivy.Query.const_score_query(after, 0.0)
        return tantivy.Query.boolean_query([(must, tree), (must, language), (must, after)])


class TantivyLadder(Tantivy):
    """A field a rung, each with the keys that our analysers make; a word takes the best of them."""

    index = "tantivy-ladder"

    @staticmethod
    def _fields() -> tuple[str, ...]:
        return RUNGS

    def ready(self, corpus: Corpus) -> None:
        """Analyse, so that what is timed is tantivy alone."""
        self._analysed = [
            "\n".join(
                _analysed(corpus.text(passage), LANGUAGES[corpus.languages[document]])
            ).encode()
            for passage, document in enumerate(corpus.documents.tolist())
        ]

    def _texts(self, corpus: Corpus, passage: int, document: int) -> dict[str, str]:
        return dict(zip(RUNGS, self._analysed[passage].decode().split("\n"), strict=True))

    def _parts(self, query: Query) -> list[Any]:
        tree: Any = ladder_tree(query)
        words = tree.parts if isinstance(tree, Words) else getattr(tree, "subqueries", [tree])
        return [self._word(word) for word in words]

    def _word(self, word: Any) -> Any:
        query = self._tantivy.Query
        terms = [
            query.boost_query(self._term(rung, key), boost)
            for rung, boost, keys in zip(RUNGS, _BOOSTS, _keys(word), strict=True)
            for key in keys
        ]
        return query.disjunction_max_query(terms)


def _analysed(text: str, language: str) -> Iterator[str]:
    """The keys of a text for each rung, with spaces between."""
    form = analyser(language).form
    forms = [form(word) for word in text.split()]
    yield " ".join([form.exact for form in forms])
    yield " ".join([form.folded for form in forms])
    yield " ".join([stem for form in forms for stem in form.stems])
    yield " ".join([key for form in forms for key in form.translit])


def _keys(word: Any) -> Iterator[tuple[str, ...]]:
    """What a word asks of each rung, by all the languages that read it."""
    forms = [form for _, form in word.readings]
    yield tuple(dict.fromkeys(form.exact for form in forms))
    yield tuple(dict.fromkeys(form.folded for form in forms))
    yield tuple(dict.fromkeys(key for form in forms for key in form.stems))
    yield tuple(dict.fromkeys(key for form in forms for key in form.translit))

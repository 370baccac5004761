"""Xapian, where Debian's package of its binding can be imported by this Python."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.corpus import LANGUAGES, Corpus
from tests.benchmarks.engines.base import TOP, Run, Timed
from tests.benchmarks.queries import Query

_DEBIAN = "/usr/lib/python3/dist-packages"
_DAY = 0
"""The value slot of the day."""


def xapian() -> Any:
    """The module. Raises `ImportError`."""
    try:
        return import_module("xapian")
    except ImportError:
        # Debian's package is for Debian's Python; one of the same minor version can load it.
        sys.path.append(_DEBIAN)
        try:
            return import_module("xapian")
        finally:
            sys.path.remove(_DEBIAN)


class Xapian(Timed):
    """Words as terms with positions; a language is a term with a prefix, a day is a value."""

    name = "Xapian"
    index = "xapian"

    def build(self, corpus: Corpus, folder: Path) -> None:
        module = xapian()
        database = module.WritableDatabase(str(folder), module.DB_CREATE_OR_OPEN)
        for passage, document in enumerate(corpus.documents.tolist()):
            made = module.Document()
            for position, word in enumerate(corpus.text(passage).split()):
                made.add_posting(word, position)
            made.add_boolean_term("L" + LANGUAGES[corpus.languages[document]])
            made.add_value(_DAY, module.sortable_serialise(int(corpus.days[document])))
            # Documents are counted from 1.
            database.replace_document(passage + 1, made)
        database.commit()
        database.close()

    def open(self, corpus: Corpus, folder: Path) -> None:
        self._module = xapian()
        self._database = self._module.Database(str(folder))

    def compile(self, query: Query) -> Run | None:
        module = self._module
        if query.page or query.kind == "fuzzy":
            return None
        words = list(query.words)
        match query.kind:
            case "phrase":
                tree = module.Query(module.Query.OP_PHRASE, words, len(words))
            case "prefix":
                every, scored = module.Query.WILDCARD_LIMIT_ERROR, module.Query.OP_SYNONYM
                tree = module.Query(module.Query.OP_WILDCARD, words[0], 0, every, scored)
            case "and":
                tree = module.Query(module.Query.OP_AND, words)
            case _:
                tree = module.Query(module.Query.OP_OR, words)
        if query.language:
            tree = module.Query(module.Query.OP_FILTER, tree, module.Query("L" + query.language))
        if query.first_day:
            day = module.sortable_serialise(query.first_day)
            after = module.Query(module.Query.OP_VALUE_GE, _DAY, day)
            tree = module.Query(module.Query.OP_FILTER, tree, after)
        enquire = module.Enquire(self._database)
        enquire.set_query(tree)
        enquire.set_weighting_scheme(module.BM25Weight())
        if query.by_date:
            enquire.set_sort_by_value(_DAY, True)
        return lambda: [match.docid - 1 for match in enquire.get_mset(0, TOP)]

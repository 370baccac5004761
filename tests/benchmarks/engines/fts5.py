"""SQLite's full-text search, ordered by its rank."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.benchmarks.corpus import Corpus
from tests.benchmarks.engines.base import TOP, Run, Timed
from tests.benchmarks.queries import Query


class Fts5(Timed):
    """A table without its text, as the others keep none."""

    name = "SQLite FTS5"
    index = "fts5"

    def build(self, corpus: Corpus, folder: Path) -> None:
        database = sqlite3.connect(folder / "fts.db")
        database.execute("pragma journal_mode = off")
        database.execute(
            "create virtual table passages using fts5(text, content='', tokenize='unicode61')"
        )
        database.executemany(
            "insert into passages(rowid, text) values (?, ?)",
            ((n, corpus.text(n)) for n in range(corpus.passage_count)),
        )
        database.execute("insert into passages(passages) values ('optimize')")
        database.commit()
        database.close()

    def open(self, corpus: Corpus, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "fts.db")

    def compile(self, query: Query) -> Run | None:
        if query.page or query.language or query.by_date or query.kind == "fuzzy":
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

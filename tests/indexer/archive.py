"""A folder of documents with its index, for tests of the indexer."""

import os
import time
from pathlib import Path
from typing import Any

from search_service import engines
from search_service.engines.base import Reader
from search_service.generations import Generations
from search_service.indexer import running
from search_service.indexer.report import Report
from search_service.ledger import Ledger
from search_service.model import Document
from search_service.settings import Settings


class Archive:
    """A folder of documents with its index."""

    def __init__(self, root: Path) -> None:
        self.corpus = root / "corpus"
        self.corpus.mkdir()
        self.settings = Settings(
            corpus=self.corpus, index=root / "index", index_processes=1, file_seconds=20.0
        )

    def write(self, **texts: str) -> None:
        """Write files; `a__b` is a/b, and all are .txt."""
        for name, text in texts.items():
            path = self.corpus / f"{name.replace('__', '/')}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.age(path)

    def age(self, path: Path) -> None:
        """Let a file look as if it had not been changed just now."""
        stamp = time.time() - 100
        os.utime(path, (stamp, stamp))

    def run(self, **options: Any) -> Report:
        return running.run(self.settings, **options)

    @property
    def reader(self) -> Reader:
        return engines.get("whoosh").reader(Generations(self.settings.index).current().directory)

    def documents(self) -> dict[str, Document]:
        """Path#key -> document."""
        reader = self.reader
        found = {}
        for summary in reader.summaries():
            document = reader.document(summary.id)
            assert document is not None
            found[f"{document.path}#{document.key}".rstrip("#")] = document
        return found

    def ids(self) -> dict[str, str]:
        return {path: document.id for path, document in self.documents().items()}

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.corpus, self.settings.state_folder)

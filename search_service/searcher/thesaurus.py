"""The owner's `synonyms.txt` beside the documents, read again whenever it changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from search_service.corpus import SYNONYMS_FILE
from search_service.errors import SearchServiceError
from search_service.languages import synonyms
from search_service.languages.base import Form


class Thesaurus:
    """Synonyms for the languages of one index.

    A file that cannot be read leaves the last good one in force, and `problem` says why.
    """

    def __init__(self, corpus: Path, languages: Sequence[str]) -> None:
        self._path = corpus / SYNONYMS_FILE
        self._languages = tuple(languages)
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None
        self._synonyms: synonyms.Synonyms | None = None
        self.problem = ""
        """What is wrong with the file, and the cure; empty if nothing is."""

    def of(self, word: str) -> tuple[Form, ...]:
        """Forms that are to be found for a word as well; none for most."""
        known = self._synonyms
        return known.of(word) if known else ()

    def refresh(self) -> None:
        """Read the file again if it is another than before."""
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            stamp = None
        if stamp == self._seen:
            return
        with self._lock:
            self._seen = stamp
            self.problem = ""
            if stamp is None:
                self._synonyms = None
                return
            try:
                self._synonyms = synonyms.load(self._path, self._languages)
            except (SearchServiceError, OSError) as problem:
                self.problem = str(problem)

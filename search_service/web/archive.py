"""The index as the web process has it open: the live generation, swapped between requests.

A request keeps the generation that it began with; an old one is closed when its last request is
done. Nothing here writes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property

from search_service import engines, suspicion
from search_service.errors import IndexUnavailable
from search_service.generations import Generations, Live
from search_service.ledger import Ledger
from search_service.searcher.searching import Searcher
from search_service.settings import Settings
from search_service.web.catalogue import Catalogue


@dataclass
class Opened:
    """One generation, open."""

    live: Live
    searcher: Searcher
    users: int = 0
    retired: bool = False
    _making: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self.searcher.reader.summaries())

    def catalogue(self) -> Catalogue:
        """All its documents with their metadata, read once."""
        with self._making:
            return self._catalogue


class Archive:
    """What the pages ask of the index."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.generations = Generations(settings.index)
        self._ledger = Ledger(settings.corpus, settings.state_folder)
        self._reading = threading.Lock()
        self._engine = engines.get(settings.engine)
        self._lock = threading.Lock()
        self._open: Opened | None = None

    @contextmanager
    def use(self) -> Iterator[Opened]:
        """The live generation for as long as one request takes.

        Raises `IndexUnavailable` where there is none.
        """
        with self._lock:
            opened = self._newest()
            opened.users += 1
        try:
            yield opened
        finally:
            with self._lock:
                opened.users -= 1
                if opened.retired and not opened.users:
                    opened.searcher.reader.close()

    def _newest(self) -> Opened:
        live = self.generations.current()
        before = self._open
        if before is not None and _same(before.live, live):
            before.live = live
            return before
        live, reader = self.generations.open(self._engine.reader)
        self._open = Opened(live, Searcher.of(reader, live.name, self.settings))
        # Large files are hashed beside the requests, once each: damage there changes `current`.
        threading.Thread(target=self._verify, daemon=True).start()
        if before is not None:
            before.retired = True
            if not before.users:
                before.searcher.reader.close()
        return self._open

    def _verify(self) -> None:
        self.generations.verify_all()
        with suppress(IndexUnavailable):
            if degraded := self.generations.current().degraded:
                suspicion.note(self.settings.state_folder, degraded)

    def nearest(self, document_id: str, anchor: str) -> str | None:
        """The anchor that stood nearest to one which has vanished since."""
        with self._fresh() as ledger:
            return ledger.nearest(document_id, anchor)

    def successor(self, document_id: str) -> str | None:
        """The id by which a document is known now, if that has changed."""
        with self._fresh() as ledger:
            return ledger.successor(document_id)

    def gone_since(self, document_id: str) -> str | None:
        """The ISO date on which a document was found missing, or was withdrawn."""
        with self._fresh() as ledger:
            return ledger.gone_since(document_id)

    @contextmanager
    def _fresh(self) -> Iterator[Ledger]:
        """The ledger as the last run has left it; by one thread at a time, for it may be reread."""
        with self._reading:
            self._ledger.refresh()
            yield self._ledger


def _same(before: Live, now: Live) -> bool:
    return (before.name, before.quarantined) == (now.name, now.quarantined)

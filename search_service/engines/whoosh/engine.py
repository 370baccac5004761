"""The embedded engine: Whoosh's frame around packed arrays."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from search_service import languages
from search_service.model import Document
from search_service.schema import SCHEMA_VERSION

# A process mostly needs one of the three, and waits for no other.
if TYPE_CHECKING:
    from search_service.engines.whoosh.reader import WhooshReader
    from search_service.engines.whoosh.writing.preparer import Preparer
    from search_service.engines.whoosh.writing.writer import WhooshWriter

MEMORY = 512 << 20
"""Bytes that a writer may use for words before it writes a segment."""


class WhooshEngine:
    """An index in files, searched in this process.

    Args:
        memory: bytes that a writer may use before it writes a segment; None for the default.
    """

    name = "whoosh"

    def __init__(self, *, memory: int | None = None) -> None:
        self._memory = MEMORY if memory is None else memory
        self._local = threading.local()

    def ready(self) -> None:
        """Import what a writer needs."""
        import_module("search_service.engines.whoosh.writing.writer")

    def prepare(self, document: Document) -> bytes:
        """Analyse a document for `Writer.add`: the costly part, done in worker processes."""
        preparer: Preparer | None = getattr(self._local, "preparer", None)
        if preparer is None:
            from search_service.engines.whoosh.writing.preparer import Preparer

            preparer = self._local.preparer = Preparer()
        return preparer.prepare(document)

    def writer(
        self, directory: Path, previous: Path | None, without: frozenset[str] = frozenset()
    ) -> WhooshWriter:
        """A writer into `directory`, going on from the generation in `previous`.

        Segments that have files of `without` are left out.
        """
        from search_service.engines.whoosh.writing.writer import WhooshWriter

        return WhooshWriter(directory, previous, without, memory=self._memory)

    def reader(self, directory: Path, without: frozenset[str] = frozenset()) -> WhooshReader:
        """Open a published generation without the segments that have damaged files.

        Raises `IndexDamaged`.
        """
        from search_service.engines.whoosh.reader import WhooshReader

        return WhooshReader(directory, without)

    def fingerprint(self) -> str:
        """Changes when stored forms would: another means that the index is built anew."""
        from search_service.engines.whoosh.store.segment import FORMAT

        digest = hashlib.sha256(repr((FORMAT, SCHEMA_VERSION, version("PyStemmer"))).encode())
        for path in sorted(Path(languages.__path__[0]).rglob("*")):
            if path.suffix in {".py", ".txt", ".tsv"}:
                digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def files(self, directory: Path) -> Iterable[Path]:
        """The engine's files of a generation, for the manifest."""
        from search_service.engines.whoosh.store.state import STATE, read_state

        return [directory / name for name in (STATE, *sorted(read_state(directory).files()))]

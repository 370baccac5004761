"""The oracle as an engine: everything in memory, and one pickled file to publish it."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from search_service.engines.base import Answer, FormMeeting, Request
from search_service.engines.whoosh.writing.prepared import unpack
from search_service.engines.whoosh.writing.preparer import Preparer
from search_service.errors import IndexDamaged
from search_service.model import Block, Document, Passage
from search_service.nodes import Word
from search_service.passages.near import alike
from tests.engines.oracle import Oracle, StoredDocument, levenshtein, stored

Kept = dict[str, tuple[Document, StoredDocument]]
FILE = "memory.pickle"


class MemoryReader:
    """See `engines.base.Reader`."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._oracle = Oracle(document for _, document in kept.values())
        self.document_count = len(kept)
        self.passage_count = len(self._oracle.passages)

    def search(self, request: Request) -> Answer:
        return self._oracle.execute(request)

    def document(self, document_id: str) -> Document | None:
        return self._kept[document_id][0] if document_id in self._kept else None

    def summary(self, document_id: str) -> Document | None:
        document = self.document(document_id)
        return document and replace(document, text="", blocks=(), passages=())

    def summaries(self) -> Iterator[Document]:
        for document, _ in sorted(
            self._kept.values(), key=lambda pair: (pair[0].path, pair[0].key)
        ):
            yield replace(document, text="", blocks=(), passages=())

    def passages(self, document_id: str, ordinals: Sequence[int]) -> list[tuple[Passage, str]]:
        document = self.document(document_id)
        if document is None:
            return []
        chosen = [p for o in ordinals for p in document.passages if p.ordinal == o]
        return [(p, document.text[p.start : p.end]) for p in chosen]

    def slices(self, document_id: str, spans: Sequence[tuple[int, int]]) -> list[str]:
        document = self.document(document_id)
        return [document.text[start:end] for start, end in spans] if document else []

    def blocks(self, document_id: str, span: tuple[int, int]) -> tuple[Block, ...]:
        document = self.document(document_id)
        blocks = document.blocks if document else ()
        return tuple(each for each in blocks if each.start < span[1] and span[0] < each.end)

    def languages(self) -> Mapping[str, int]:
        return Counter(passage.language for passage in self._oracle.passages.values())

    def _counted(self) -> Counter[tuple[str, str, str]]:
        counts: Counter[tuple[str, str, str]] = Counter()
        for passage in self._oracle.passages.values():
            counts.update({row.identity for row in passage.text if row is not None})
        return counts

    def forms(self, folded_prefix: str, limit: int) -> list[tuple[str, str, int]]:
        counts = self._counted().items()
        found = [(form[1], form[2], n) for form, n in counts if form[0].startswith(folded_prefix)]
        return sorted(found, key=lambda item: -item[2])[:limit]

    def forms_sounding(self, key_prefixes: Sequence[str], limit: int) -> list[tuple[str, str, int]]:
        rows = {r for passage in self._oracle.passages.values() for r in passage.text if r}
        wanted = {
            row.identity
            for row in rows
            if any(k.startswith(tuple(key_prefixes)) for k in row.translit)
        }
        counts = self._counted().items()
        found = [(form[1], form[2], n) for form, n in counts if form in wanted]
        return sorted(found, key=lambda item: (-item[2], item[0], item[1]))[:limit]

    def forms_meeting(self, words: Sequence[Word]) -> set[FormMeeting]:
        return self._oracle.forms_meeting(words)

    def spellings(self, folded: str, limit: int) -> list[tuple[str, str, int]]:
        counts = self._counted().items()
        found = [
            (levenshtein(form[0], folded), -n, form[1], form[2])
            for form, n in counts
            if levenshtein(form[0], folded) <= 2
        ]
        return [(exact, language, -n) for _, n, exact, language in sorted(found)[:limit]]

    def duplicates(self, document_id: str, ordinal: int) -> list[tuple[str, int]]:
        wanted = self._kept[document_id][0].passages[ordinal].signature
        return sorted(
            (document.id, passage.ordinal)
            for document, _ in self._kept.values()
            for passage in document.passages
            if alike(wanted, passage.signature)
            and (document.id, passage.ordinal) != (document_id, ordinal)
        )

    def close(self) -> None:
        self._kept = {}


class MemoryWriter:
    """See `engines.base.Writer`."""

    def __init__(self, directory: Path, kept: Kept) -> None:
        self._directory = directory
        self._kept = kept

    def add(self, prepared: bytes) -> None:
        document, analysed = pickle.loads(prepared)
        self._kept[document.id] = (document, stored(unpack(analysed)))

    def delete(self, document_id: str) -> bool:
        return self._kept.pop(document_id, None) is not None

    def commit(self, *, merge_large: bool = False, purge: bool = False) -> Mapping[str, object]:
        (self._directory / FILE).write_bytes(pickle.dumps(self._kept))
        return {
            "documents": len(self._kept),
            "passages": sum(len(document.passages) for document, _ in self._kept.values()),
        }

    def abort(self) -> None:
        self._kept = {}


class MemoryEngine:
    """See `engines.base.Engine`."""

    name = "memory"

    def ready(self) -> None:
        pass

    def prepare(self, document: Document) -> bytes:
        return pickle.dumps((document, Preparer().prepare(document)))

    def writer(
        self, directory: Path, previous: Path | None, without: frozenset[str] = frozenset()
    ) -> MemoryWriter:
        if FILE in without:
            raise IndexDamaged(f"{directory / FILE} is damaged: run the index command")
        return MemoryWriter(directory, self._read(previous) if previous else {})

    def reader(self, directory: Path, without: frozenset[str] = frozenset()) -> MemoryReader:
        if FILE in without:
            raise IndexDamaged(f"{directory / FILE} is damaged: run the index command")
        return MemoryReader(self._read(directory))

    @staticmethod
    def _read(directory: Path) -> Kept:
        try:
            kept: Kept = pickle.loads((directory / FILE).read_bytes())
        except OSError as error:
            raise IndexDamaged(f"{directory} holds no index: run the index command") from error
        return kept

    def fingerprint(self) -> str:
        return self.name

    def files(self, directory: Path) -> Iterable[Path]:
        return [directory / FILE]

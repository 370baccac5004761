"""Fills a new generation: segments for what is new, bits for what is gone, links for the rest."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search_service.durable import hash_file, write_file
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.store.state import (
    STATE,
    SegmentState,
    State,
    link,
    whole_segments,
    write_deleted,
)
from search_service.engines.whoosh.writing import policy
from search_service.engines.whoosh.writing.builder import SegmentBuilder
from search_service.engines.whoosh.writing.heap import give_back
from search_service.engines.whoosh.writing.merging import merge
from search_service.engines.whoosh.writing.prepared import unpack
from search_service.engines.whoosh.writing.toc import TOC_FILE, write_toc
from search_service.errors import IndexDamaged

_MOST_OPEN = 64
"""Segments that are held open: each takes two descriptors, of which a process may have 1,024."""


@dataclass
class _Open:
    """A segment that is in this generation so far, with what this run deletes from it."""

    folder: Path
    state: SegmentState
    segment: Segment
    fresh: bool
    """Whether this run has written it."""
    deleted: NDArray[np.bool_] | None = None
    """bool[D], once this run has deleted something."""

    def number(self, document_id: str) -> int | None:
        """The number of a live document."""
        live = self.segment.live_documents
        for number in self.segment.document_numbers(document_id):
            if not self.is_deleted(number) and (live is None or live[number]):
                return number
        return None

    def is_deleted(self, number: int) -> bool:
        """Whether this run has deleted it."""
        return self.deleted is not None and bool(self.deleted[number])

    def delete(self, number: int) -> None:
        """Leave a document out from now on."""
        if self.deleted is None:
            live = self.segment.live_documents
            self.deleted = np.zeros(self.state.documents, bool) if live is None else ~live
        self.deleted[number] = True

    def verify(self) -> None:
        """Raise `IndexDamaged` unless its files are what they were written as.

        Called before a merge, which would give damaged text and postings a new, valid hash.
        """
        for name, known in self.state.files.items() if not self.fresh else ():
            if hash_file(self.folder / name) != known:
                raise IndexDamaged(
                    f"{self.folder / name} has changed since it was written: run the index command"
                )

    def size(self) -> policy.Size:
        """What the merge policy looks at."""
        state = self.state
        dead = state.deleted_documents + state.deleted_passages
        if self.deleted is not None:
            dead = sum(count_deleted(self.segment, self.deleted))
        return policy.Size(state.name, state.documents + state.passages - dead, dead)

    def remove(self) -> None:
        """It is not in this generation after all."""
        if self.fresh:
            for file in self.state.files:
                (self.folder / file).unlink()


class WhooshWriter:
    """The engine's `Writer`. Memory is bounded by `memory`, whatever is added."""

    def __init__(
        self,
        directory: Path,
        previous: Path | None,
        without: frozenset[str] = frozenset(),
        *,
        memory: int = 512 << 20,
    ) -> None:
        self._directory = directory
        self._memory = memory
        self._open: list[_Open] = []
        self._builder: SegmentBuilder | None = None
        self._building: dict[str, int] = {}
        self._replaced: set[int] = set()
        if previous is not None:
            for state in whole_segments(previous, without):
                self._open.append(_Open(previous, state, state.open(previous), fresh=False))

    def add(self, prepared: bytes) -> None:
        """Add a document that `Engine.prepare` made; one of the same id is replaced."""
        document = unpack(prepared)
        document_id = document.header["id"]
        self.delete(document_id)
        if self._builder is None:
            self._builder = SegmentBuilder(self._directory, new_name())
        self._building[document_id] = self._builder.add(document)
        if self._builder.memory > self._memory:
            self._flush()
            # Or it would be kept in pieces, and the next segment's need more beside them.
            give_back()

    def delete(self, document_id: str) -> bool:
        """Leave a document out; whether it was there."""
        number = self._building.pop(document_id, None)
        if number is not None:
            self._replaced.add(number)
            return True
        for entry in self._open:
            number = entry.number(document_id)
            if number is not None:
                entry.delete(number)
                return True
        return False

    def commit(self, *, merge_large: bool = False, purge: bool = False) -> Mapping[str, object]:
        """Write everything; merge what the policy says, with `merge_large` whatever its size.

        With `purge`, each segment that has something deleted is written anew, without it.
        Returns `files` (name -> [size, SHA-256]) of the whole generation, and counts.
        """
        self._flush()
        self._merge(large=merge_large, purge=purge)
        states = [self._keep(entry) for entry in self._open]
        toc = write_toc(self._directory, [(e.segment, self._dead(e)) for e in self._open])
        state = State(tuple(states), {TOC_FILE: toc})
        written = write_file(self._directory / STATE, [state.dump()])
        return {
            "files": state.files() | {STATE: written},
            "segments": len(states),
            "documents": sum(s.documents - s.deleted_documents for s in states),
            "passages": sum(s.passages - s.deleted_passages for s in states),
            "merge_due": bool(policy.choose([e.size() for e in self._open], large=True)),
        }

    def abort(self) -> None:
        """Leave without a trace but for files in the generation's own folder."""
        if self._builder is not None:
            self._builder.discard()
            self._builder = None
        self._open = []

    def _flush(self) -> None:
        builder, self._builder = self._builder, None
        if builder is None:
            return
        files = builder.close()
        state = SegmentState(builder.name, builder.document_count, builder.passage_count, files)
        entry = _Open(self._directory, state, state.open(self._directory), fresh=True)
        for number in self._replaced:
            entry.delete(number)
        self._open.append(entry)
        self._building = {}
        self._replaced = set()
        if len(self._open) >= _MOST_OPEN:
            self._merge(large=True, purge=False)

    def _merge(self, *, large: bool, purge: bool) -> None:
        sizes = [entry.size() for entry in self._open]
        for size, entry in zip(sizes, list(self._open), strict=True):
            if not size.live:
                entry.remove()
                self._open.remove(entry)
        groups = policy.choose([size for size in sizes if size.live], large=large)
        if purge:
            merged = {name for names in groups for name in names}
            groups += [
                [entry.state.name]
                for entry in self._open
                if self._dead(entry) is not None and entry.state.name not in merged
            ]
        for names in groups:
            entries = [entry for entry in self._open if entry.state.name in names]
            for entry in entries:
                entry.verify()
            if sum(entry.size().live for entry in entries) > policy.SMALL:
                give_back()
            name = new_name()
            files = merge(
                [Segment(e.folder, e.state.name, self._dead(e)) for e in entries],
                self._directory,
                name,
            )
            segment = Segment(self._directory, name)
            state = SegmentState(name, segment.document_count, segment.passage_count, files)
            self._open = [e for e in self._open if e.state.name not in names]
            self._open.append(_Open(self._directory, state, segment, fresh=True))
            for entry in entries:
                entry.remove()

    @staticmethod
    def _dead(entry: _Open) -> NDArray[np.bool_] | None:
        if entry.deleted is not None:
            return entry.deleted
        live = entry.segment.live_documents
        return None if live is None else ~live

    def _keep(self, entry: _Open) -> SegmentState:
        """Have the segment's files in this generation, and its deletions as they are now."""
        state = entry.state
        if not entry.fresh:
            for file in state.files:
                if entry.deleted is None or file != state.deleted:
                    link(entry.folder / file, self._directory / file)
        if entry.deleted is None:
            return state
        name, size, sha256 = write_deleted(self._directory, state.name, entry.deleted)
        documents, passages = count_deleted(entry.segment, entry.deleted)
        files = {file: known for file, known in state.files.items() if file != state.deleted}
        return replace(
            state,
            files=files | {name: (size, sha256)},
            deleted=name,
            deleted_documents=documents,
            deleted_passages=passages,
        )


def count_deleted(segment: Segment, deleted: NDArray[np.bool_]) -> tuple[int, int]:
    """How many (documents, passages) these bits delete."""
    counts = np.diff(segment.document_passages)
    return int(np.count_nonzero(deleted)), int(counts[deleted].sum())


def new_name() -> str:
    """A name that no other segment has or had, so that caches may go by it."""
    return secrets.token_hex(6)

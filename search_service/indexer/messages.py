"""What a run and its workers tell each other: files to read, and what came of them.

Apart from `reading`, so that a run can plan and write without importing what reads.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from search_service import metadata
from search_service.corpus import FileState
from search_service.indexer.register import Held
from search_service.ledger import Departed
from search_service.settings import Settings

if TYPE_CHECKING:
    from search_service.indexer.reading import FileReader

_LENGTH = 8


@dataclass(frozen=True)
class Brief:
    """What a worker must know beside its files. Called with tasks, it reads them."""

    settings: Settings
    overrides: metadata.Overrides
    digests: Mapping[str, str]
    departed: Departed
    taken: Container[str]
    """Ids that documents have: no other is given them because of its path."""
    marks: Mapping[str, str]
    """Of documents that were withdrawn: see `Ledger.marks`."""
    withdrawn: frozenset[str]
    """Their ids."""

    @cached_property
    def reader(self) -> FileReader:
        """What reads; made once a process, and inherited by those that are forked afterwards."""
        from search_service.indexer import reading

        return reading.reader(self)

    def __call__(self, tasks: Sequence[Task]) -> bytes:
        """Read some files; `unpack` tells what came of them."""
        return self.reader(tasks)


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read, and what is known of it."""

    state: FileState
    sha: str = ""
    """Its content when it was indexed: if it is still that, nothing more is done."""
    known: Mapping[str, str] = field(default_factory=dict)
    """Key -> id of the documents that were at this path, or came to it from another."""
    forced: Mapping[str, str] = field(default_factory=dict)
    """Key -> id that is given in any case, because another document has the id it asked for."""


class Read(NamedTuple):
    """A document that was read: what the register holds, and what else a run must know."""

    held: Held
    anchors: tuple[str, ...]
    declared: bool
    """Whether its id was declared by the file or its owner."""
    prepared: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file."""

    path: str
    state: FileState | None
    """How it looked when it was read; None if it is not there any more."""
    settled: bool = False
    sha: str = ""
    overrides: str = ""
    same: bool = False
    """Its content is what it was: nothing else is told."""
    reason: str = ""
    """Why it could not be read."""
    documents: tuple[Read, ...] = ()
    withdrawn: tuple[str, ...] = ()
    """Ids of documents that were forgotten for good, and are therefore left out."""


def unpack(data: bytes) -> Iterator[Outcome]:
    """What a worker answered, file by file."""
    view = memoryview(data)
    at = 0
    while at < len(view):
        header, at = _piece(view, at)
        table: dict[str, Any] = orjson.loads(header)
        documents = []
        for values, anchors, declared in table.pop("documents"):
            prepared, at = _piece(view, at)
            *rest, warnings = values
            held = Held._make((*rest, tuple(warnings)))
            documents.append(Read(held, tuple(anchors), declared, bytes(prepared)))
        state = table.pop("state")
        yield Outcome(
            state=FileState(*state) if state else None,
            documents=tuple(documents),
            withdrawn=tuple(table.pop("withdrawn")),
            **table,
        )


def pack(outcome: Outcome) -> Iterator[bytes]:
    """JSON and blobs, each with its length before it: a parent need not unpickle what a process
    says that has read hostile files."""
    table = {name: getattr(outcome, name) for name in Outcome.__slots__}
    table["state"] = outcome.state and tuple(outcome.state)
    table["documents"] = [
        (tuple(read.held), read.anchors, read.declared) for read in outcome.documents
    ]
    header = orjson.dumps(table)
    for piece in (header, *(read.prepared for read in outcome.documents)):
        yield len(piece).to_bytes(_LENGTH, "little")
        yield piece


def _piece(view: memoryview, at: int) -> tuple[memoryview, int]:
    start = at + _LENGTH
    end = start + int.from_bytes(view[at:start], "little")
    return view[start:end], end

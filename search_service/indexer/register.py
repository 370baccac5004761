"""The register of files: what each file of the corpus was and gave when it was last read.

It is part of a generation (`files.json`), so that it always speaks of the documents that are
searchable there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from search_service.corpus import FileState
from search_service.errors import IndexDamaged

FILE = "files.json"


class Held(NamedTuple):
    """A document in the index, as far as runs and reports need to know it."""

    id: str
    key: str
    passages: int
    characters: int
    """Of its text."""
    indexed: int
    """Of those that are in a passage or a heading; white space is in neither."""
    languages: Mapping[str, int]
    """Language -> passages."""
    title: str
    """Empty where it has none of its own."""
    dated: bool
    warnings: tuple[str, ...]


class Entry(NamedTuple):
    """One file."""

    state: FileState
    settled: bool
    """Whether a change after it was looked at would show in its state."""
    sha: str
    """SHA-256 of its content as indexed; empty if it was never read well."""
    reason: str
    """Why it could not be read this time; empty if it was."""
    overrides: str
    """A hash of the owner's corrections that were applied to it."""
    documents: tuple[Held, ...]
    """If `reason` is given, those of its last good version."""


@dataclass(slots=True)
class Register:
    """All files by path. Rows are only unfolded when they are asked for."""

    rows: dict[str, list[Any]]

    @staticmethod
    def read(directory: Path) -> Register:
        """The register of a generation. Raises `IndexDamaged`."""
        path = directory / FILE
        try:
            return Register(orjson.loads(path.read_bytes()))
        except (OSError, ValueError) as problem:
            raise IndexDamaged(f"{path} is damaged ({problem}): run the index command") from None

    def dump(self) -> bytes:
        """What `read` reads, in order of path."""
        return orjson.dumps(self.rows, option=orjson.OPT_SORT_KEYS)

    def states(self) -> dict[str, FileState]:
        """How each file looked."""
        make = tuple.__new__  # Once a file of the corpus, in each run.
        return {path: make(FileState, (path, *row[0])) for path, row in self.rows.items()}

    def unsettled(self) -> frozenset[str]:
        """The files that had been too young to tell."""
        return frozenset(path for path, row in self.rows.items() if not row[1])

    def failing(self) -> dict[str, str]:
        """Path -> why it could not be read."""
        return {path: row[3] for path, row in self.rows.items() if row[3]}

    def get(self, path: str) -> Entry | None:
        """The entry of one file."""
        row = self.rows.get(path)
        if row is None:
            return None
        held = (Held._make((*values, tuple(warnings))) for *values, warnings in row[5])
        return Entry(FileState(path, *row[0]), row[1], row[2], row[3], row[4], tuple(held))

    def put(self, entry: Entry) -> None:
        """Take an entry in, in place of the one of the same path."""
        self.rows[entry.state.path] = [
            list(entry.state[1:]),
            entry.settled,
            entry.sha,
            entry.reason,
            entry.overrides,
            [list(held) for held in entry.documents],
        ]

    def look(self, state: FileState, *, settled: bool) -> None:
        """A file looks so now, and its content is what it was."""
        self.rows[state.path][:2] = [list(state[1:]), settled]

    def owners(self) -> dict[str, str]:
        """Id -> path of all documents."""
        return {held[0]: path for path, row in self.rows.items() for held in row[5]}

    def withdraw(self, document_id: str) -> set[str]:
        """Take a document out for good; returns the path of its file, if it held no other.

        Such a file is dropped: the next run sees it as new, and leaves it out by its tombstone.
        """
        for path, row in list(self.rows.items()):
            kept = [held for held in row[5] if held[0] != document_id]
            if len(kept) < len(row[5]):
                row[5] = kept
                if not kept:
                    del self.rows[path]
                    return {path}
                row[1] = False  # Other rows are there: it is read again, and not by its content.
                row[2] = ""
        return set()

    def drop(self, path: str) -> None:
        """A file is not there any more."""
        self.rows.pop(path, None)

    def entries(self) -> Iterator[Entry]:
        """All of them, in order of path."""
        for path in sorted(self.rows):
            entry = self.get(path)
            if entry is not None:
                yield entry

    def documents(self) -> Iterator[tuple[str, Held]]:
        """(path, document) of all documents."""
        for entry in self.entries():
            for held in entry.documents:
                yield entry.state.path, held

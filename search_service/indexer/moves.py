"""Which documents have come to another path, told by the content of their files.

A path says less than what a file holds: `latest.txt` becomes `2020.txt` and another text is put in
its place, two files swap names, a folder with two copies of a text is renamed while the index is
empty. So before anything is read, the files to be read are hashed, and a document whose content is
not at its path any more goes where that content is now.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from search_service.corpus import FileState
from search_service.indexer.planning import Plan
from search_service.ledger import Known, Ledger
from search_service.settings import Settings

FEW = 20
"""Of so many files the ledger is asked one by one; of more, all of it is read."""

Moves = Mapping[str, Mapping[str, str]]
"""New path -> key -> id of the documents that came there."""


def follow(plan: Plan, ledger: Ledger, settings: Settings) -> Moves:
    """The moves that a run has to reckon with, before it reads anything."""
    scan = plan.scan
    wanted = {each.state.path: each.state for each in plan.wanted}
    # A few files are hashed first, and the ledger is only asked of what they hold.
    few = len(wanted) <= FEW
    hashes = _contents(plan, wanted, settings) if few else {}
    known = ledger.seen(wanted, frozenset(hashes.values())) if few else ledger.known
    concerned = {
        document_id: was
        for document_id, was in known.items()
        if was.path in wanted or not (was.path in scan.files or scan.hides(was.path))
    }
    if not concerned:
        return {}
    hashes = hashes or _contents(plan, wanted, settings)
    return find(concerned, hashes, {now.path: old for old, now in plan.changes.renamed})


def find(
    known: Mapping[str, Known],
    hashes: Mapping[str, str],
    renamed: Mapping[str, str],
) -> Moves:
    """Where the documents are whose content is not at their path any more.

    Args:
        known: Where each document was last, of those that are read again or are nowhere.
        hashes: Path -> SHA-256 of the files that will be read.
        renamed: New path -> old path, as far as the file system tells.
    """
    left: dict[str, dict[str, dict[str, str]]] = {}  # hash -> old path -> key -> id
    stayed = set()
    for document_id, was in sorted(known.items()):
        if hashes.get(was.path) == was.sha:
            stayed.add(was.path)
        else:
            left.setdefault(was.sha, {}).setdefault(was.path, {})[was.key] = document_id
    moves = {}
    for path, sha in sorted(hashes.items(), key=lambda each: (each[0] not in renamed, each)):
        homeless = left.get(sha)
        if not homeless or path in stayed:
            continue
        # Of several copies the very file, else the one of the same name: its folder was renamed.
        likely = (renamed.get(path), _name(path))
        old = min(homeless, key=lambda old: (old != likely[0], _name(old) != likely[1], old))
        moves[path] = homeless.pop(old)
    return moves


def _contents(plan: Plan, wanted: Mapping[str, FileState], settings: Settings) -> Mapping[str, str]:
    """Path -> SHA-256 of the files to be read."""
    hashes = {}
    unknown = []
    for path, state in wanted.items():
        entry = plan.old.get(path)
        if entry and entry.sha and entry.settled and entry.state == state:
            hashes[path] = entry.sha  # It is only read again: its content is the same.
        else:
            unknown.append(state)
    hashes.update(_hashes(settings.corpus.resolve(), unknown, settings.file_memory))
    return hashes


def _hashes(root: Path, files: Iterable[FileState], most: int) -> Iterator[tuple[str, str]]:
    """(path, SHA-256) of files of up to `most` bytes; what cannot be read is passed over."""
    for state in files:
        if state.size > most:
            continue
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            handle = os.open(root / state.path, flags)
        except OSError:
            continue
        with os.fdopen(handle, "rb") as file:
            if stat.S_ISREG(os.fstat(handle).st_mode):
                try:
                    yield state.path, hashlib.file_digest(file, "sha256").hexdigest()
                except OSError:
                    continue


def _name(path: str) -> str:
    return path.rpartition("/")[2]

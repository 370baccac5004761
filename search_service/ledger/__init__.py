"""Who is who: the ids of documents through renaming, moving, editing and rebuilding.

The ledger is a file of JSON lines that is only appended to, each line with a checksum. It is kept
with the documents (`<corpus>/.search-service/ledger.jsonl`), because an emptied index folder must
break no link; where the corpus cannot be written it is kept in the index's state folder.

    {"crc": "…", "id": "k3f…", "path": "a/b.txt", "key": "", "sha": "…", "passages": "… …"}
    {"crc": "…", "id": "k3f…", "gone": "2026-11-22"}
    {"crc": "…", "id": "k3f…", "anchors": {"old": "nearest"}}
    {"crc": "…", "id": "k3f…", "forgotten": "2026-11-22", "marks": ["…"]}
    {"crc": "…", "id": "k3f…", "now": "declared-id"}

A later line overrules an earlier one.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from search_service.durable import sync_folder, write_file
from search_service.ledger.few import Few
from search_service.ledger.known import SKETCH, Departed, Known, derive, mark
from search_service.ledger.lines import line, read, sound, stamp
from search_service.ledger.tables import Tables, placed

__all__ = ["FILE", "FOLDER", "SKETCH", "Departed", "Known", "Ledger", "derive", "mark"]

FOLDER = ".search-service"
FILE = "ledger.jsonl"

_GROWN = 1000
"""Lines of which nothing may be of use any more, beside one for each that is."""

_log = logging.getLogger(__name__)


class Ledger:
    """The ledger of one corpus, held in memory; changes are written by `save`.

    Threads may ask while one of them refreshes it: each answer is from one state of the file.

    Args:
        corpus: the folder of documents.
        state: the index's state folder.
        whole: whether all of it is read at once. Otherwise lines are read when they are asked for,
            and all of them when all documents are; one thread alone may ask then.
    """

    def __init__(self, corpus: Path, state: Path, *, whole: bool = True) -> None:
        self.places = (corpus / FOLDER / FILE, state / FILE)
        self._folders = corpus, state
        self._pending: list[dict[str, Any]] = []
        self._few = None if whole else Few(b"\n".join(map(read, reversed(self.places))))
        self._tables = self._few.tables if self._few else Tables()
        self._seen: tuple[object, ...] = ()
        if whole:
            self.refresh()

    # Asking

    def refresh(self) -> None:
        """Read it again if another process has changed it; costs two `stat` calls if not."""
        seen = tuple(stamp(place) for place in self.places)
        if seen == self._seen:
            return
        self._few = None
        tables = Tables()
        for place in reversed(self.places):
            lines = [line for line in read(place).splitlines() if line.strip()]
            whole = sound(lines)
            tables.damaged += len(lines) - len(whole)
            # All at once: one by one takes twice as long.
            tables.apply_all(orjson.loads(b"[" + b",".join(whole) + b"]"))
        if tables.damaged:
            _log.warning("%d damaged lines in %s are passed over", tables.damaged, self.places[0])
        self._tables, self._seen = tables, seen

    @property
    def known(self) -> Mapping[str, Known]:
        """Where each document was last, by its id."""
        return self._all().known

    def find(self, document_id: str) -> Known | None:
        """Where a document was last."""
        return self._of(document_id).known.get(document_id)

    def seen(self, paths: Collection[str], hashes: Collection[str]) -> Mapping[str, Known]:
        """Of the documents that were last at one of these paths or had one of these contents."""
        if self._few:
            self._few.seek(paths=paths, hashes=hashes)
            self._tables = self._few.tables
        return {
            document_id: known
            for document_id, known in self._tables.known.items()
            if known.path in paths or known.sha in hashes
        }

    @property
    def damaged(self) -> int:
        """Lines that could not be read: their documents are known by their paths alone."""
        return self._all().damaged

    def ids(self, path: str) -> Mapping[str, str]:
        """Key -> id of the documents last seen at this path."""
        if self._few:
            self._few.seek(paths=(path,))
            self._tables = self._few.tables
        return self._tables.ids.get(path, {})

    def gone_since(self, document_id: str) -> str | None:
        """The ISO date on which a document was found missing, or was withdrawn."""
        tables = self._of(document_id)
        withdrawn = tables.forgotten.get(document_id)
        return withdrawn[0] if withdrawn else tables.gone.get(document_id)

    def taken(self) -> Container[str]:
        """The ids that documents have, for another process to ask."""
        return Taken(*self._folders) if self._few else frozenset(self.known)

    @property
    def marks(self) -> Mapping[str, str]:
        """Mark of a place or content -> the id that was forgotten."""
        return self._tables.marks

    @property
    def withdrawn(self) -> frozenset[str]:
        """The ids that were forgotten for good."""
        return frozenset(self._tables.forgotten)

    def successor(self, document_id: str) -> str | None:
        """The id by which a document of this id is known now, if that has changed."""
        seen = {document_id}
        now = self._all().now
        while (document_id := now.get(document_id, "")) and document_id not in seen:
            seen.add(document_id)
            if document_id not in now:
                return document_id
        return None

    def nearest(self, document_id: str, anchor: str) -> str | None:
        """The anchor that stands nearest to where one stood which has vanished since."""
        moves = self._of(document_id).anchors.get(document_id, {})
        seen = set()
        while anchor in moves and anchor not in seen:
            seen.add(anchor)
            anchor = moves[anchor]
        return anchor if seen and anchor not in seen else None

    def departed(self, paths: Collection[str], moved: Collection[str] = ()) -> Departed:
        """The documents that are at none of these paths and are not among the ids `moved`."""
        anchors: dict[str, tuple[str, ...]] = {}
        about: dict[str, tuple[str, int]] = {}
        for document_id, known in sorted(self.known.items()):
            if known.path in paths or document_id in moved:
                continue
            for anchor in (sketch := known.sketch()):
                anchors[anchor] = (*anchors.get(anchor, ()), document_id)
            about[document_id] = known.key, len(sketch)
        return Departed(anchors, about)

    # Telling

    def place(self, document_id: str, known: Known) -> None:
        """A document of this id is here now."""
        if self.find(document_id) != known or document_id in self._tables.gone:
            self._note(placed(document_id, known))

    def lose(self, document_id: str, since: str) -> None:
        """A document is not in the folder any more."""
        if self.gone_since(document_id) is None:
            self._note({"id": document_id, "gone": since})

    def rename(self, document_id: str, new_id: str) -> None:
        """A document has another id from now on (its owner declared one)."""
        self._note({"id": document_id, "now": new_id})

    def move_anchors(self, document_id: str, before: Sequence[str], now: Sequence[str]) -> None:
        """Remember for each anchor that has vanished the one that stands in its place.

        Where `a b c` has become `a x c`, that is `x` for `b`; where it has become `a c`, it is the
        one before it, `a`.
        """
        known = self._of(document_id).anchors.get(document_id, {})
        moves = dict.fromkeys((anchor for anchor in now if anchor in known), "")
        kept = set(before) & set(now)
        if now and len(kept) < len(set(before)):
            new = _following(now, kept)
            fresh = iter(new.get("", ()))
            nearest = next((anchor for anchor in before if anchor in kept), now[0])
            for anchor in before:
                if anchor in kept:
                    nearest, fresh = anchor, iter(new.get(anchor, ()))
                else:
                    nearest = moves[anchor] = next(fresh, nearest)
        if moves:
            self._note({"id": document_id, "anchors": moves})

    def shed(self, document_id: str) -> None:
        """Know a document that is gone by nothing but its id and the date from now on."""
        self._note({"id": document_id, "shed": True})

    def forget(self, document_id: str, since: str) -> None:
        """Keep nothing of a document but its id, the date, and marks of its place and content.

        The marks are hashes: they let the next run refuse the same document if its file is still
        there, and tell nothing about it. Follow it with `save(compact=True)`.
        """
        known = self.find(document_id)
        marks = [mark(known.path, known.key), mark(known.sha, known.key)] if known else []
        self._note({"id": document_id, "forgotten": since, "marks": marks})

    def save(self, *, compact: bool = False) -> str | None:
        """Put what was noted on the disk; returns a warning if it is not kept with the corpus.

        Raises `OSError` if neither place can be written.
        """
        compact = compact or self.places[1].exists() or self._is_overgrown()
        if not self._pending and not compact:
            return None
        lines = [line(each) for each in (self._all().records() if compact else self._pending)]
        warning = None
        try:
            self._write(self.places[0], lines, whole=compact)
            if self.places[1].exists():
                self.places[1].unlink()
        except OSError as problem:
            self._write(self.places[1], lines, whole=compact)
            warning = (
                f"{self.places[0].parent} cannot be written ({problem.strerror}): the ids of "
                f"documents are kept in {self.places[1].parent}, do not empty it"
            )
        if compact:
            self._tables.lines = len(lines)
        self._pending.clear()
        self._seen = tuple(stamp(place) for place in self.places)
        return warning

    def _is_overgrown(self) -> bool:
        """Whether most of its lines are of no use any more."""
        if self._few:
            # To tell, all must be read: once in so many lines is enough.
            told = self._few.lines + len(self._pending)
            if self._few.lines // _GROWN == told // _GROWN:
                return False
        tables = self._all()
        live = len(tables.known) + len(tables.gone) + len(tables.forgotten) + len(tables.now)
        return tables.lines > 2 * (live + len(tables.anchors)) + _GROWN

    def _note(self, record: dict[str, Any]) -> None:
        self._pending.append(record)
        if self._few:
            self._few.note(record)
        else:
            self._tables.apply(record)

    def _of(self, document_id: str) -> Tables:
        """What says all that is known of a document."""
        if self._few:
            self._few.seek(ids=(document_id,))
            self._tables = self._few.tables
        return self._tables

    def _all(self) -> Tables:
        """What says all that is known."""
        if self._few:
            self._seen = ()
            self.refresh()
            for record in self._pending:
                self._tables.apply(record)
        return self._tables

    def _write(self, place: Path, lines: Iterable[bytes], *, whole: bool) -> None:
        made = not place.exists()
        place.parent.mkdir(parents=True, exist_ok=True)
        if whole:
            write_file(place, lines)
        else:
            handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            with os.fdopen(handle, "wb") as file:
                # A line that a crash has cut short must not swallow the next one.
                file.write(b"\n" if os.fstat(handle).st_size else b"")
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
        if made or whole:
            sync_folder(place.parent)
            sync_folder(place.parent.parent)


@dataclass(frozen=True)
class Taken:
    """The ids in a ledger that is read when the first one is asked for: mostly none is."""

    corpus: Path
    state: Path

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(Ledger(self.corpus, self.state).known)

    def __contains__(self, document_id: object) -> bool:
        return document_id in self._ids


def _following(anchors: Sequence[str], kept: Collection[str]) -> dict[str, list[str]]:
    """The new anchors after each that was kept; those before the first are under an empty name."""
    following: dict[str, list[str]] = {}
    last = ""
    for anchor in anchors:
        if anchor in kept:
            last = anchor
        else:
            following.setdefault(last, []).append(anchor)
    return following

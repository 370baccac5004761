"""Who is who: the ids of documents through renaming, moving, editing and rebuilding.

The ledger is a file of JSON lines that is only appended to, each line with a checksum. It is kept
with the documents (`<corpus>/.search-service/ledger.jsonl`), because an emptied index folder must
break no link; where the corpus cannot be written it is kept in the index's state folder.

    {"crc": "…", "id": "k3f…", "path": "a/b.txt", "key": "", "sha": "…", "sketch": ["…"]}
    {"crc": "…", "id": "k3f…", "gone": "2026-11-22"}
    {"crc": "…", "id": "k3f…", "anchors": {"old": "nearest"}}
    {"crc": "…", "id": "k3f…", "forgotten": "2026-11-22", "marks": ["…"]}
    {"crc": "…", "id": "k3f…", "now": "declared-id"}

A later line overrules an earlier one.
"""

from __future__ import annotations

import hashlib
import logging
import os
import zlib
from base64 import b32encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from search_service.durable import sync_folder, write_file
from search_service.errors import IndexUnavailable

FOLDER = ".search-service"
FILE = "ledger.jsonl"
SKETCH = 12
"""How many of a document's anchors are remembered, to know it again after an edit: the smallest,
so that two versions of a text remember the same ones (Broder's bottom-k sketch, 1997)."""

_log = logging.getLogger(__name__)


def derive(path: str, key: str, attempt: int = 0) -> str:
    """The id of a document that is first seen here: 12 letters and digits, 60 bits."""
    text = "\0".join((path, key, str(attempt) if attempt else ""))
    return b32encode(hashlib.sha256(text.encode()).digest())[:12].decode().lower()


def sketch(anchors: Collection[str]) -> tuple[str, ...]:
    """The anchors by which a document is known again."""
    return tuple(sorted(set(anchors))[:SKETCH])


@dataclass(frozen=True, slots=True)
class Known:
    """Where a document was last, and what it looked like."""

    path: str
    key: str
    sha: str
    """SHA-256 of its file."""
    sketch: tuple[str, ...] = ()


@dataclass(frozen=True)
class Departed:
    """Documents whose files are not where they were: candidates for what is new."""

    by_content: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(SHA-256 of the file, key) -> id."""
    by_anchor: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Anchor -> ids."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Id -> how many anchors are remembered of it."""

    def recognise(self, sha: str, key: str, anchors: Collection[str]) -> str | None:
        """Which of them this is: the same file, or a text with half of the anchors remembered."""
        same = self.by_content.get((sha, key))
        if same or key or not self.sizes:
            return same
        votes: dict[str, int] = {}
        for anchor in set(anchors):
            for each in self.by_anchor.get(anchor, ()):
                votes[each] = votes.get(each, 0) + 1
        best = min(votes, key=lambda each: (-votes[each] / self.sizes[each], each), default=None)
        return best if best and 2 * votes[best] >= self.sizes[best] else None


class Ledger:
    """The ledger of one corpus, held in memory; changes are written by `save`."""

    def __init__(self, corpus: Path, state: Path) -> None:
        self.places = (corpus / FOLDER / FILE, state / FILE)
        self.known: dict[str, Known] = {}
        self._ids: dict[str, dict[str, str]] = {}
        self._gone: dict[str, str] = {}
        self._forgotten: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._marks: dict[str, str] = {}
        self._anchors: dict[str, dict[str, str]] = {}
        self._now: dict[str, str] = {}
        self._pending: list[dict[str, Any]] = []
        self._lines = 0
        self._seen: tuple[object, ...] = ()
        self.damaged = 0
        """Lines that could not be read: their documents are known by their paths alone."""
        self.refresh()

    # Asking

    def refresh(self) -> None:
        """Read it again if another process has changed it; costs two `stat` calls if not."""
        seen = tuple(_stamp(place) for place in self.places)
        if seen == self._seen:
            return
        for table in (self.known, self._ids, self._gone, self._forgotten):
            table.clear()
        for more in (self._marks, self._anchors, self._now):
            more.clear()
        self._lines = self.damaged = 0
        for place in reversed(self.places):
            for record in self._read(place):
                self._apply(record)
        self._seen = seen
        if self.damaged:
            _log.warning("%d damaged lines in %s are passed over", self.damaged, self.places[0])

    def ids(self, path: str) -> Mapping[str, str]:
        """Key -> id of the documents last seen at this path."""
        return self._ids.get(path, {})

    def gone_since(self, document_id: str) -> str | None:
        """The ISO date on which a document was found missing, or was withdrawn."""
        withdrawn = self._forgotten.get(document_id)
        return withdrawn[0] if withdrawn else self._gone.get(document_id)

    @property
    def marks(self) -> Mapping[str, str]:
        """Mark of a place or content -> the id that was forgotten."""
        return self._marks

    def successor(self, document_id: str) -> str | None:
        """The id by which a document of this id is known now, if that has changed."""
        seen = {document_id}
        while (document_id := self._now.get(document_id, "")) and document_id not in seen:
            seen.add(document_id)
            if document_id not in self._now:
                return document_id
        return None

    def nearest(self, document_id: str, anchor: str) -> str | None:
        """The anchor that stood nearest to one which has vanished since."""
        moves = self._anchors.get(document_id, {})
        seen = set()
        while anchor in moves and anchor not in seen:
            seen.add(anchor)
            anchor = moves[anchor]
        return anchor if seen and anchor not in seen else None

    def departed(self, paths: Collection[str]) -> Departed:
        """The documents that are at none of these paths."""
        content: dict[tuple[str, str], str] = {}
        anchors: dict[str, tuple[str, ...]] = {}
        sizes: dict[str, int] = {}
        for document_id, known in sorted(self.known.items()):
            if known.path not in paths:
                content.setdefault((known.sha, known.key), document_id)
                if known.sketch:
                    sizes[document_id] = len(known.sketch)
                for anchor in known.sketch:
                    anchors[anchor] = (*anchors.get(anchor, ()), document_id)
        return Departed(content, anchors, sizes)

    # Telling

    def place(self, document_id: str, known: Known) -> None:
        """A document of this id is here now."""
        if self.known.get(document_id) != known or document_id in self._gone:
            record = {"id": document_id, "path": known.path, "key": known.key, "sha": known.sha}
            self._note(record | {"sketch": list(known.sketch)})

    def lose(self, document_id: str, since: str) -> None:
        """A document is not in the folder any more."""
        if self.gone_since(document_id) is None:
            self._note({"id": document_id, "gone": since})

    def rename(self, document_id: str, new_id: str) -> None:
        """A document has another id from now on (its owner declared one)."""
        self._note({"id": document_id, "now": new_id})

    def move_anchors(self, document_id: str, before: tuple[str, ...], now: Collection[str]) -> None:
        """Remember for each anchor that has vanished the one that stood before it, or after."""
        kept = set(now)
        if not kept or kept.issuperset(before):
            return
        moves: dict[str, str] = {}
        previous = next((anchor for anchor in before if anchor in kept), None)
        if previous is None:
            previous = next(iter(now))
        for anchor in before:
            if anchor in kept:
                previous = anchor
            else:
                moves[anchor] = previous
        self._note({"id": document_id, "anchors": moves})

    def forget(self, document_id: str, since: str) -> None:
        """Keep nothing of a document but its id, the date, and marks of its place and content.

        The marks are hashes: they let the next run refuse the same document if its file is still
        there, and tell nothing about it. Follow it with `save(compact=True)`.
        """
        known = self.known.get(document_id)
        marks = [mark(known.path, known.key), mark(known.sha, known.key)] if known else []
        self._note({"id": document_id, "forgotten": since, "marks": marks})

    def save(self, *, compact: bool = False) -> str | None:
        """Put what was noted on the disk; returns a warning if it is not kept with the corpus.

        Raises `OSError` if neither place can be written.
        """
        live = len(self.known) + len(self._forgotten) + len(self._anchors) + len(self._now)
        compact = compact or self._lines > 2 * live + 1000 or self.places[1].exists()
        if not self._pending and not compact:
            return None
        lines = [_line(record) for record in (self._all() if compact else self._pending)]
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
        self._lines = len(lines) if compact else self._lines
        self._pending.clear()
        self._seen = tuple(_stamp(place) for place in self.places)
        return warning

    def _note(self, record: dict[str, Any]) -> None:
        self._pending.append(record)
        self._apply(record)

    def _apply(self, record: Mapping[str, Any]) -> None:
        document_id = record["id"]
        self._lines += 1
        if "path" in record:
            self._unplace(document_id)
            known = Known(record["path"], record["key"], record["sha"], tuple(record["sketch"]))
            self.known[document_id] = known
            self._ids.setdefault(known.path, {})[known.key] = document_id
            self._gone.pop(document_id, None)
        elif "gone" in record:
            self._gone[document_id] = record["gone"]
        elif "anchors" in record:
            self._anchors.setdefault(document_id, {}).update(record["anchors"])
        elif "now" in record:
            self._now[document_id] = record["now"]
        elif "forgotten" in record:
            self._unplace(document_id)
            self._gone.pop(document_id, None)
            self._anchors.pop(document_id, None)
            self._forgotten[document_id] = (record["forgotten"], tuple(record["marks"]))
            self._marks.update(dict.fromkeys(record["marks"], document_id))

    def _unplace(self, document_id: str) -> None:
        known = self.known.pop(document_id, None)
        if known and self._ids.get(known.path, {}).get(known.key) == document_id:
            del self._ids[known.path][known.key]

    def _all(self) -> Iterator[dict[str, Any]]:
        for document_id, known in self.known.items():
            record = {"id": document_id, "path": known.path, "key": known.key, "sha": known.sha}
            yield record | {"sketch": list(known.sketch)}
        for document_id, since in self._gone.items():
            yield {"id": document_id, "gone": since}
        for document_id, moves in self._anchors.items():
            yield {"id": document_id, "anchors": moves}
        for document_id, new_id in self._now.items():
            yield {"id": document_id, "now": new_id}
        for document_id, (since, marks) in self._forgotten.items():
            yield {"id": document_id, "forgotten": since, "marks": list(marks)}

    def _read(self, place: Path) -> Iterator[Mapping[str, Any]]:
        try:
            data = place.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as problem:
            raise IndexUnavailable(
                f"{place} cannot be read ({problem.strerror}), and without it links would break: "
                "give the service's user the right to, or repair the disk"
            ) from None
        for line in data.splitlines():
            record = _parse(line)
            if record is not None:
                yield record
            elif line.strip():
                self.damaged += 1

    def _write(self, place: Path, lines: Iterable[bytes], *, whole: bool) -> None:
        made = not place.exists()
        place.parent.mkdir(parents=True, exist_ok=True)
        if whole:
            write_file(place, lines)
        else:
            handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            with os.fdopen(handle, "wb") as file:
                # A line that a crash has cut short must not swallow the next one.
                file.write(b"\n" if file.tell() else b"")
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
        if made or whole:
            sync_folder(place.parent)
            sync_folder(place.parent.parent)


def mark(what: str, key: str) -> str:
    """What is kept of a withdrawn document's path, or of its content: enough to know it again."""
    return hashlib.sha256(f"withdrawn\0{what}\0{key}".encode()).hexdigest()[:32]


def _line(record: Mapping[str, Any]) -> bytes:
    body = orjson.dumps(record)
    return b'{"crc":"%08x",' % zlib.crc32(body) + body[1:] + b"\n"


def _parse(line: bytes) -> Mapping[str, Any] | None:
    body = b"{" + line[17:].rstrip()
    if line[:17] != b'{"crc":"%08x",' % zlib.crc32(body):
        return None
    record: Mapping[str, Any] = orjson.loads(body)
    return record


def _stamp(place: Path) -> object:
    try:
        status = place.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns

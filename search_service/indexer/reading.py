"""What a worker process does with a file: bytes to documents, ready for the engine's writer.

Nothing that a file holds makes this fail: it is read, or it is named with the reason.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count

from search_service import engines, formats, metadata
from search_service.corpus import FileState, unreadable
from search_service.engines.base import Engine
from search_service.errors import SearchServiceError, UnreadableFile
from search_service.formats.base import Source
from search_service.indexer.messages import Brief, Outcome, Read, Task, pack
from search_service.indexer.register import Held
from search_service.indexer.workers import limit_memory
from search_service.languages.identify import Identifier
from search_service.ledger import derive, mark
from search_service.model import BlockKind, Document, Extract, Metadata
from search_service.passages import cutting
from search_service.settings import Settings

_TRIES = 3
"""How often a file that changes while it is read is read again."""

_SAMPLE = " ".join(f"A{number} b." for number in range(20)).encode()
"""Enough words for a signature of a long passage, and a sentence to end."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")


@dataclass(frozen=True)
class FileReader:
    """Reads files of one corpus. Called in a worker with tasks, it answers with bytes."""

    brief: Brief
    root: str
    engine: Engine
    identifier: Identifier

    def __call__(self, tasks: Sequence[Task]) -> bytes:
        """Read some files; `unpack` tells what came of them."""
        parts: list[bytes] = []
        for task in tasks:
            limit_memory(self.brief.settings.file_memory)
            parts.extend(pack(self.read(task)))
        return b"".join(parts)

    def read(self, task: Task) -> Outcome:
        """Read one file. Raises only `MemoryError`."""
        path = task.state.path
        known = Outcome(path, task.state, overrides=self.brief.digests.get(path, ""))
        try:
            form = formats.format_of(path)
            state, settled, data = self._bytes(path)
            sha = hashlib.sha256(data).hexdigest()
            known = replace(known, state=state, settled=settled, sha=sha)
            if sha == task.sha:
                return replace(known, same=True)
            extracts = form.read(Source(path, data))
            return self._documents(task, known, form.name, extracts)
        except MemoryError:
            raise
        except FileNotFoundError:
            return replace(known, state=None)
        except OSError as problem:
            reason = unreadable(problem)
        except SearchServiceError as problem:
            reason = str(problem)
            known = replace(known, settled=known.settled or not known.sha)
        except Exception as problem:  # noqa: BLE001 -- hostile input meets any bug of any parser
            what = f"{type(problem).__name__}: {str(problem)[:200]}"
            reason = f"its reader failed ({what}): the file may be damaged"
        return replace(known, reason=reason)

    def _documents(
        self, task: Task, known: Outcome, form: str, extracts: Iterable[Extract]
    ) -> Outcome:
        found: list[Read] = []
        withdrawn: list[str] = []
        path = task.state.path
        for extract in extracts:
            complete = metadata.complete(extract, path)
            complete = self.brief.overrides.apply(complete, path, extract.key)
            warnings = (*extract.warnings, *metadata.doubts(complete))
            cut = cutting.cut(replace(extract, metadata=complete), self.identifier.identify)
            anchors = tuple(passage.anchor for passage in cut)
            document_id, declared = self._identify(task, extract.key, complete, anchors)
            forgotten = self._withdrawn(path, known.sha, extract.key, document_id)
            if forgotten:
                withdrawn.append(forgotten)
                continue
            languages: dict[str, int] = {}
            for passage in cut:
                languages[passage.language] = languages.get(passage.language, 0) + 1
            document = Document(
                id=document_id,
                path=path,
                key=extract.key,
                format=form,
                text=extract.text,
                metadata=complete,
                blocks=extract.blocks,
                passages=cut,
                languages=tuple(sorted(languages, key=lambda code: (-languages[code], code))),
                page_starts=extract.page_starts,
                warnings=warnings,
            )
            held = Held(
                id=document_id,
                key=extract.key,
                passages=len(cut),
                characters=len(extract.text),
                indexed=_covered(document),
                languages=languages,
                title=complete.title.value if complete.title else "",
                dated=complete.date is not None,
                warnings=warnings,
            )
            found.append(Read(held, anchors, declared, self.engine.prepare(document)))
        return replace(known, documents=tuple(found), withdrawn=tuple(withdrawn))

    def _identify(
        self, task: Task, key: str, complete: Metadata, anchors: tuple[str, ...]
    ) -> tuple[str, bool]:
        """A document's id, and whether it was declared."""
        if key in task.forced:
            return task.forced[key], False
        if complete.identifier and (declared := _usable_id(complete.identifier.value)):
            return declared, True
        known = task.known.get(key) or self.brief.departed.recognise(key, anchors)
        if known:
            return known, False
        fresh = (derive(task.state.path, key, attempt) for attempt in count())
        return next(each for each in fresh if each not in self.brief.taken), False

    def _withdrawn(self, path: str, sha: str, key: str, document_id: str) -> str | None:
        if document_id in self.brief.withdrawn:
            return document_id
        return self.brief.marks.get(mark(path, key)) or self.brief.marks.get(mark(sha, key))

    def _bytes(self, path: str) -> tuple[FileState, bool, bytes]:
        """A file's state, whether that is settled, and its content."""
        for _ in range(_TRIES):
            # Not through links, and without waiting for the other end of what is now a FIFO.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            handle = os.open(f"{self.root}/{path}", flags)
            with os.fdopen(handle, "rb") as file:
                before = os.fstat(handle)
                if not stat.S_ISREG(before.st_mode):
                    raise UnreadableFile("it is no file any more: remove it")
                if before.st_size > self.brief.settings.file_memory:
                    raise UnreadableFile(
                        f"it has {before.st_size:,} bytes, more than a file may have "
                        f"({self.brief.settings.file_memory:,}): raise file_memory, or split it"
                    )
                data = file.read(before.st_size + 1)
                after = os.fstat(handle)
            moment = time.time_ns()
            if len(data) == after.st_size and _stamps(before) == _stamps(after):
                break
        state = FileState(path, *_stamps(before))
        settled = state.settled(moment) and _stamps(before) == _stamps(after)
        return state, settled, data


def reader(brief: Brief) -> FileReader:
    """What reads files of a corpus."""
    settings = brief.settings
    return FileReader(
        brief,
        os.fspath(settings.corpus.resolve()),
        engines.get(settings.engine, memory=settings.index_memory),
        identifier(settings.languages),
    )


def warm(settings: Settings) -> None:
    """Do once what each file needs, before the first one comes: import, and read tables."""
    identify = identifier(settings.languages).identify
    for extract in formats.get("text").read(Source("a.txt", _SAMPLE)):
        complete = metadata.complete(extract, "a.txt")
        doubts = metadata.doubts(complete)
        cut = cutting.cut(replace(extract, metadata=complete), identify)
        read = Document(
            "", "", "", "text", extract.text, complete, extract.blocks, cut, (), warnings=doubts
        )
        engines.get(settings.engine).prepare(read)


@cache
def identifier(expected: tuple[str, ...]) -> Identifier:
    """What names languages, among those that are expected (all, if none is); made once."""
    return Identifier(expected) if expected else Identifier()


def _usable_id(text: str) -> str:
    """A declared id as it may stand in an address; one that may not is replaced by its hash."""
    return text if _ID.fullmatch(text) else derive(text, "declared")


def _covered(document: Document) -> int:
    """How many characters of a document are in a passage or a heading."""
    spans = {
        (block.start, block.end) for block in document.blocks if block.kind is BlockKind.HEADING
    }
    spans.update((passage.start, passage.end) for passage in document.passages)
    covered = reached = 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered


def _stamps(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino

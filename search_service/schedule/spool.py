"""Where the pages leave a request for a run, and the scheduler finds it.

The web process cannot write the index; a file in `<state>/spool` is all that it may leave. The
scheduler holds a lock as long as it lives, so that everybody can see whether one is there.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from search_service.durable import write_file
from search_service.errors import IndexLocked, NoScheduler, RunFailed

FOLDER = "spool"
SCHEDULER = "scheduler.json"
WAITING = 100
"""More requests than this are one request: all of them are answered by the next run."""
PATIENCE = 1.0
"""Seconds in which those who only look whether a scheduler is there have let go of its lock."""


@dataclass(frozen=True, slots=True)
class Scheduler:
    """The scheduler that runs now."""

    pid: int
    when: tuple[str, ...]
    """What makes it run, in words: "every 15m", "a change in the folder"."""
    next: str = ""
    """When it runs next at the latest, in ISO 8601; empty if only changes or requests decide."""
    running: bool = False


def ask(state: Path) -> str:
    """Leave a request; returns its id, by which the record of the run can be found.

    Raises `NoScheduler` where nobody would read it.
    """
    if scheduler(state) is None:
        raise NoScheduler(
            "no scheduler runs: start `search-service schedule`, or serve with --reindex-every"
        )
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    waiting = _names(folder)
    if len(waiting) >= WAITING:
        return waiting[-1]
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    name = f"{stamp}-{secrets.token_hex(4)}"
    write_file(folder / f"{name}.json", [orjson.dumps({"asked": stamp})])
    return name


def requests(state: Path) -> list[str]:
    """The ids of the requests that wait, the oldest first."""
    return _names(state / FOLDER)


def answered(state: Path, names: list[str]) -> None:
    """Take away requests that a run has answered."""
    for name in names:
        (state / FOLDER / f"{name}.json").unlink(missing_ok=True)


def scheduler(state: Path) -> Scheduler | None:
    """The scheduler that runs now, if one does."""
    try:
        handle = os.open(state / SCHEDULER, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with suppress(ValueError, TypeError):
            values = orjson.loads(os.pread(handle, 1 << 16, 0))
            return Scheduler(**values | {"when": tuple(values["when"])})
        return Scheduler(0, ())
    finally:
        os.close(handle)
    return None


class Presence:
    """What a scheduler tells of itself, while it holds the lock."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._told = b""

    def tell(self, told: Scheduler) -> None:
        """Let `scheduler` answer with this from now on."""
        data = orjson.dumps(asdict(told)).ljust(len(self._told))
        if data != self._told:
            with suppress(OSError):  # A full disk: runs tell of it, and the schedule goes on.
                os.pwrite(self._handle, data, 0)
                self._told = data


@contextmanager
def present(state: Path) -> Iterator[Presence]:
    """Be the scheduler of this index.

    Raises `IndexLocked` if there is one already, `RunFailed` where the state cannot be written.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        handle = os.open(state / SCHEDULER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as problem:
        raise RunFailed(
            f"{state} cannot be written ({problem.strerror}): give the scheduler's user the right "
            "to, or set another state folder"
        ) from None
    try:
        _lock(handle)
        os.ftruncate(handle, 0)
        yield Presence(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise IndexLocked(
                    "another scheduler runs for this index: one is enough, stop it first"
                ) from None
            time.sleep(0.01)
        else:
            return


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.stem for path in folder.glob("*.json") if path.name[0] != ".")
    except OSError:
        return []

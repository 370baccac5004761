"""The lock by which one process at a time writes an index.

The system gives it back when its owner dies, however it dies: there is no stale lock to remove.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from search_service.errors import IndexLocked

LOCK = "lock"

_ORPHANS_TAKE = 5.0
"""Seconds for which the children of a killed run may still hold its lock."""


@contextmanager
def only_writer(index: Path) -> Iterator[int]:
    """Be the only process that writes this index. Raises `IndexLocked` with the owner's pid.

    Yields the lock's file descriptor, for child processes to close: a child that lives on would
    hold it too.
    """
    index.mkdir(parents=True, exist_ok=True)
    handle = os.open(index / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _take(handle, index)
        os.ftruncate(handle, 0)
        os.pwrite(handle, b"%d\n" % os.getpid(), 0)
        yield handle
    finally:
        os.close(handle)


def _take(handle: int, index: Path) -> None:
    """Lock a file, or raise `IndexLocked`.

    A process that was killed may leave children that have not yet learnt of it and hold its lock
    for some milliseconds more: those are waited for, a living owner is not.
    """
    patience = time.monotonic() + _ORPHANS_TAKE
    while True:
        with suppress(BlockingIOError):
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        owner = os.pread(handle, 20, 0).decode(errors="replace").strip()
        if _lives(owner) or time.monotonic() > patience:
            raise IndexLocked(
                f"process {owner or 'unknown'} is writing {index}: wait until it is done"
            )
        time.sleep(0.01)


def _lives(owner: str) -> bool:
    """Whether a process is there; an owner that has not yet written its number is taken to be."""
    if not owner.isdigit():
        return True
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

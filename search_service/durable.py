"""Files that survive a power cut: hashed while they are written, and on the disk when closed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from search_service.errors import IndexDamaged

Chunk = bytes | bytearray | memoryview


class DurableFile:
    """A new file, written from its beginning to its end; `close` puts it on the disk.

    `size` and `sha256` are those of what was written so far. A file of that name is replaced only
    by `write_file`: here it is an error (`FileExistsError`), because generations share files.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()
        self._file = path.open("xb", buffering=1 << 20)

    @property
    def sha256(self) -> str:
        """The hash of what was written so far, in hexadecimal."""
        return self._hash.hexdigest()

    def write(self, chunk: Chunk) -> None:
        """Append bytes. Raises `OSError` when the disk is full."""
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk) if isinstance(chunk, bytes | bytearray) else chunk.nbytes

    def close(self) -> None:
        """Flush and fsync. The folder's own entry is synced by `sync_folder`."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def discard(self) -> None:
        """Close and remove it: what it held is not wanted."""
        try:
            # It flushes first, which fails once more on a disk that is full.
            with suppress(OSError):
                self._file.close()
        finally:
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self.close()
        else:
            self.discard()


def write_file(path: Path, chunks: Iterable[Chunk]) -> tuple[int, str]:
    """Write a whole file under a temporary name and rename it into place, atomically.

    Returns its size in bytes and its SHA-256. A reader sees the old file or the new one.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)
    with DurableFile(temporary) as file:
        for chunk in chunks:
            file.write(chunk)
    temporary.replace(path)
    return file.size, file.sha256


def hash_file(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file as it is on the disk now. Raises `IndexDamaged` if unreadable."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read ({error}): run the index command") from error


def sync_folder(folder: Path) -> None:
    """Make the names of new, renamed and removed files in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

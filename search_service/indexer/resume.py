"""What a large run has read so far, so that one which was interrupted goes on where it left off.

Reading and analysing is nearly all of a run's time. Each answer of a worker is appended to
`<index>/resume/<key>.parts` with its length and checksum; a part that a crash has cut short is not
counted. Nothing is trusted that could have changed since: a file is taken from here only if it
still looks as it did, and the file is thrown away when the run is published.
"""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, Self

from search_service.settings import Settings

FOLDER = "resume"
WORTH = 500
"""Runs over fewer files than this are not worth it."""

_HEAD = 12


class Parts:
    """The answers of workers, on the disk. Use it as a context manager.

    `key` says what they depend on beside their files; parts with another key are removed.
    """

    def __init__(self, settings: Settings, key: str) -> None:
        self._folder = settings.index / FOLDER
        self._path = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.parts"
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def kept(self) -> Iterator[bytes]:
        """What was appended before, up to the first part that is not whole; call it first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if path != self._path:
                path.unlink()
        good = 0
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            while len(head := file.read(_HEAD)) == _HEAD:
                size, crc = int.from_bytes(head[:8], "little"), int.from_bytes(head[8:], "little")
                data = file.read(size) if size <= self._path.stat().st_size else b""
                if len(data) != size or zlib.crc32(data) != crc:
                    break
                good = file.tell()
                yield data
        self._file = self._path.open("ab")
        self._file.truncate(good)

    def append(self, data: bytes) -> None:
        """Remember an answer. Not synced: what a power cut takes is read again."""
        if self._file is not None:
            self._file.write(len(data).to_bytes(8, "little"))
            self._file.write(zlib.crc32(data).to_bytes(4, "little"))
            self._file.write(data)
            self._file.flush()


def discard(settings: Settings) -> None:
    """Remove what is kept: it is published, or must not be."""
    shutil.rmtree(settings.index / FOLDER, ignore_errors=True)

"""Files are hashed as they are written, and appear whole or not at all."""

from __future__ import annotations

import hashlib
import resource
from pathlib import Path

import pytest

from search_service.durable import DurableFile, hash_file, sync_folder, write_file
from search_service.errors import IndexDamaged


def test_size_and_hash_are_those_of_the_file(tmp_path: Path) -> None:
    chunks: list[bytes | bytearray | memoryview] = [
        b"Sheki",
        bytearray(b" silk"),
        memoryview(b" scarves"),
    ]
    told = write_file(tmp_path / "silk", chunks)
    assert (tmp_path / "silk").read_bytes() == b"Sheki silk scarves"
    assert told == (18, hashlib.sha256(b"Sheki silk scarves").hexdigest())
    assert told == hash_file(tmp_path / "silk")
    sync_folder(tmp_path)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_file(tmp_path / "tea", [b"black"])

    def chunks() -> object:
        yield b"gre"
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_file(tmp_path / "tea", chunks())  # type: ignore[arg-type]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"tea": b"black"}


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "plov").write_bytes(b"saffron")
    with pytest.raises(FileExistsError):
        DurableFile(tmp_path / "plov")


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="nowhere"):
        hash_file(tmp_path / "nowhere")


def test_what_a_full_disk_has_no_room_for_is_removed(tmp_path: Path) -> None:
    file = DurableFile(tmp_path / "pakhlava")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        file.write(bytes(2000))
        with pytest.raises(OSError, match="too large"):
            file.close()
        file.discard()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())

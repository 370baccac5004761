"""The lines of a ledger's file: JSON, each with a checksum in front."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from search_service.errors import IndexUnavailable

_HEAD = len('{"crc":"00000000",')
_BRACE = zlib.crc32(b"{")


def read(place: Path) -> bytes:
    """What is in a file; nothing where there is none. Raises `IndexUnavailable`."""
    try:
        return place.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as problem:
        raise IndexUnavailable(
            f"{place} cannot be read ({problem.strerror}), and without it links would break: "
            "give the service's user the right to, or repair the disk"
        ) from None


def line(record: Mapping[str, Any]) -> bytes:
    """A record as it is written."""
    body = orjson.dumps(record)
    return b'{"crc":"%08x",' % zlib.crc32(body) + body[1:] + b"\n"


def sound(lines: Iterable[bytes]) -> list[bytes]:
    """The lines that are as they were written. This is a tenth of a small run: nothing is called
    twice."""
    crc32 = zlib.crc32
    return [
        line
        for line in lines
        if line[:_HEAD] == b'{"crc":"%08x",' % crc32(line[_HEAD:].rstrip(), _BRACE)
    ]


def stamp(place: Path) -> object:
    """What changes when a file does; None where there is none."""
    try:
        status = place.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns

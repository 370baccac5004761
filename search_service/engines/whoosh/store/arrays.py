"""A file of named arrays: written in one pass, memory-mapped whole, read without copying.

Layout: eight bytes of magic; the arrays, each at a multiple of 64 bytes; a table in JSON; its
length and the CRC-32 of it, eight bytes each in little-endian; the magic again. A file that was cut
short has no table, so it is refused when it is opened.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Protocol, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from search_service.errors import IndexDamaged

MAGIC = b"SSARRAY1"
_ALIGN = 64
_PIECE = 1 << 20
_TRAILER = struct.Struct("<QQ8s")

Array = NDArray[Any]


class Sink(Protocol):
    """What an `ArrayWriter` writes to: a `DurableFile`, or a file of another storage."""

    def write(self, chunk: bytes) -> None:
        """Append bytes."""

    def close(self) -> None:
        """It is complete."""

    def discard(self) -> None:
        """It is not wanted."""


class ArrayWriter:
    """Writes one file; arrays may be written whole, or in pieces as they are made."""

    def __init__(self, sink: Sink, folder: Path | None = None) -> None:
        """Temporary files go to `folder`, or where the system keeps those."""
        self.folder = folder
        self._sink = sink
        self._size = 0
        self._table: dict[str, tuple[str, int, int]] = {}
        self._open: str | None = None
        self._write(MAGIC)

    def _write(self, chunk: bytes) -> None:
        self._sink.write(chunk)
        self._size += len(chunk)

    def begin(self, name: str, dtype: str) -> None:
        """Start an array whose pieces follow by `extend`; only one is open at a time."""
        self._write(bytes(-self._size % _ALIGN))
        self._table[name] = (np.dtype(dtype).str, self._size, 0)
        self._open = name

    def extend(self, piece: Array | bytes) -> None:
        """Append to the array begun last. Arrays are cast to its type, which must hold them."""
        if self._open is None:
            raise RuntimeError("begin an array first")
        dtype, start, _ = self._table[self._open]
        if not isinstance(piece, bytes):
            if piece.size and np.issubdtype(piece.dtype, np.integer):
                limits = np.iinfo(dtype)
                if int(piece.max()) > limits.max or int(piece.min()) < limits.min:
                    raise OverflowError(f"array {self._open!r} does not fit in {dtype}")
            piece = np.ascontiguousarray(piece, dtype=dtype).tobytes()
        self._write(piece)
        # By all bytes: a piece of a file may end within an element.
        count = (self._size - start) // np.dtype(dtype).itemsize
        self._table[self._open] = (dtype, start, count)

    def extend_from(self, file: IO[bytes]) -> None:
        """Append a whole file, which has values of the array's type."""
        file.seek(0)
        while piece := file.read(_PIECE):
            self.extend(piece)

    def add(self, name: str, dtype: str, array: Array | bytes) -> None:
        """Write a whole array."""
        self.begin(name, dtype)
        self.extend(array)

    def add_starts(self, name: str, dtype: str, counts: Iterable[Array]) -> None:
        """Write where things begin that lie behind one another, and where the last one ends.

        Of how many elements each of them has, which comes in pieces.
        """
        end = np.zeros(1, np.int64)
        self.add(name, dtype, end)
        for piece in counts:
            ends = end + np.cumsum(piece, dtype=np.int64)
            end = ends[-1:] if len(ends) else end
            self.extend(ends)

    def close(self, meta: Mapping[str, Any]) -> None:
        """Write the table and `meta` (JSON) and put the file on the disk."""
        table = orjson.dumps({"arrays": self._table, "meta": dict(meta)})
        self._write(table)
        self._write(_TRAILER.pack(len(table), zlib.crc32(table), MAGIC))
        self._sink.close()

    def discard(self) -> None:
        """Remove the unfinished file."""
        self._sink.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is not None:
            self.discard()


class ArrayFile:
    """One such file, read-only. Arrays stay valid as long as somebody refers to them."""

    def __init__(self, name: str, data: bytes | mmap.mmap) -> None:
        """`name` is for messages. Raises `IndexDamaged`."""
        self.name = name
        self._bytes = memoryview(data)
        self._table, self.meta = self._read_table()

    @staticmethod
    def open(path: Path) -> ArrayFile:
        """Map a file. Raises `IndexDamaged`."""
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"{path} cannot be opened ({error}): run the index command") from (
                error
            )
        return ArrayFile(str(path), data)

    def _read_table(self) -> tuple[dict[str, tuple[str, int, int]], dict[str, Any]]:
        size = len(self._bytes)
        end = size - _TRAILER.size
        if end < len(MAGIC) or self._bytes[: len(MAGIC)] != MAGIC:
            raise IndexDamaged(f"{self.name} is not a file of arrays: run the index command")
        length, checksum, magic = _TRAILER.unpack(self._bytes[end:])
        if (
            magic != MAGIC
            or length > end
            or zlib.crc32(self._bytes[end - length : end]) != checksum
        ):
            raise IndexDamaged(f"{self.name} is cut short or overwritten: run the index command")
        table = orjson.loads(self._bytes[end - length : end])
        return table["arrays"], table["meta"]

    def __contains__(self, name: str) -> bool:
        return name in self._table

    def array(self, name: str) -> Array:
        """A read-only view of an array. Raises `IndexDamaged` when the file has none such."""
        try:
            dtype, start, count = self._table[name]
        except KeyError as error:
            raise IndexDamaged(f"{self.name} has no {name!r}: run the index command") from error
        return np.frombuffer(self._bytes, dtype=dtype, count=count, offset=start)

    def bytes(self, name: str) -> memoryview:
        """The bytes of an array, for slicing without a copy."""
        dtype, start, count = self._table[name]
        return self._bytes[start : start + count * np.dtype(dtype).itemsize]

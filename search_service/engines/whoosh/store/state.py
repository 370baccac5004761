"""What a generation of this engine consists of: `segments.json`, and bits for what is deleted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from search_service.durable import write_file
from search_service.engines.whoosh.store.segment import FORMAT, Segment
from search_service.errors import IndexDamaged

STATE = "segments.json"
DELETED_SUFFIX = ".deleted"

Files = Mapping[str, tuple[int, str]]
"""File name -> (size in bytes, SHA-256)."""


@dataclass(frozen=True, slots=True)
class SegmentState:
    """One segment as one generation has it."""

    name: str
    documents: int
    """Deleted ones among them."""
    passages: int
    """Deleted ones among them."""
    files: Files
    deleted: str | None = None
    """The file of bits that says which documents are deleted."""
    deleted_documents: int = 0
    deleted_passages: int = 0

    def open(self, folder: Path) -> Segment:
        """Open it. Raises `IndexDamaged`."""
        segment = Segment(folder, self.name, read_deleted(folder, self))
        if (segment.document_count, segment.passage_count) != (self.documents, self.passages):
            raise IndexDamaged(
                f"{folder / self.name} has {segment.document_count} documents and "
                f"{segment.passage_count} passages, not {self.documents} and {self.passages}: "
                "run the index command"
            )
        return segment


@dataclass(frozen=True, slots=True)
class State:
    """All segments of a generation, the oldest first."""

    segments: tuple[SegmentState, ...] = ()
    others: Files = field(default_factory=dict)
    """Files that belong to no segment."""

    def dump(self) -> bytes:
        """As JSON."""
        return orjson.dumps({"format": FORMAT, "segments": self.segments, "others": self.others})

    def files(self) -> dict[str, tuple[int, str]]:
        """All files but `segments.json`."""
        files = dict(self.others)
        for segment in self.segments:
            files.update(segment.files)
        return files


def read_state(folder: Path) -> State:
    """The state of a generation. Raises `IndexDamaged`."""
    path = folder / STATE
    try:
        record = orjson.loads(path.read_bytes())
        if record["format"] != FORMAT:
            raise IndexDamaged(
                f"{path} has format {record['format']}, not {FORMAT}: "
                "run the index command to build the index anew"
            )
        return State(
            tuple(
                SegmentState(**{**segment, "files": _files(segment["files"])})
                for segment in record["segments"]
            ),
            _files(record["others"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{path} cannot be read ({error}): run the index command") from error


def whole_segments(folder: Path, without: frozenset[str]) -> list[SegmentState]:
    """The segments of a generation that need none of its damaged files `without`.

    Raises `IndexDamaged` where nothing can be told without them.
    """
    if STATE in without:
        raise IndexDamaged(f"{folder / STATE} is damaged: run the index command")
    return [each for each in read_state(folder).segments if without.isdisjoint(each.files)]


def _files(record: Mapping[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    return {name: (size, sha256) for name, (size, sha256) in record.items()}


def read_deleted(folder: Path, segment: SegmentState) -> NDArray[np.bool_] | None:
    """bool[D], or None when nothing is deleted. Raises `IndexDamaged`."""
    if segment.deleted is None:
        return None
    path = folder / segment.deleted
    try:
        bits = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read ({error}): run the index command") from error
    if len(bits) != (segment.documents + 7) // 8:
        raise IndexDamaged(f"{path} has the wrong size: run the index command")
    return np.unpackbits(bits, count=segment.documents).astype(bool)


def write_deleted(folder: Path, name: str, deleted: NDArray[np.bool_]) -> tuple[str, int, str]:
    """Write the bits of a segment; returns (file name, size, SHA-256)."""
    file = f"{name}.{int(np.count_nonzero(deleted))}{DELETED_SUFFIX}"
    return file, *write_file(folder / file, [np.packbits(deleted).tobytes()])


def link(source: Path, target: Path) -> None:
    """Let a file be in both generations: one file with two names, or a copy where that fails."""
    try:
        os.link(source, target)
    except FileNotFoundError as error:
        raise IndexDamaged(f"{source} is missing: run the index command") from error
    except OSError:
        # Another disk, a file system without links, or too many of them.
        shutil.copyfile(source, target)
        with target.open("rb") as file:
            os.fsync(file.fileno())

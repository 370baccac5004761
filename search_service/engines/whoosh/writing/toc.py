"""Whoosh's table of contents over our segments, written without Whoosh, whose import takes longer.

It is a header, the pickled schema and the pickled segments. What is pickled here is how to make
them: whoever reads it has Whoosh (`passagecodec`), and this engine never does.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from search_service.durable import write_file
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.whoosh_version import NUMBERS, check_version
from search_service.schema import whoosh_schema

if TYPE_CHECKING:
    from search_service.engines.whoosh.codec.passagecodec import PassageSegment

check_version()

INDEX_NAME = "MAIN"
_GENERATION = 1
TOC_FILE = f"_{INDEX_NAME}_{_GENERATION}.toc"

_FORMAT = -111
_BYTE_ORDER = -12345
"""Whoosh sees by it that the order of bytes is its own."""
_SIZES = (4, 8, 4)
"""Of an int, a long and a float on the machine that wrote it, as Whoosh tells them."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Is pickled as a call."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.function, self.arguments


def passage_segment(name: str, passages: int, deleted: Iterable[int]) -> PassageSegment:
    """A segment as Whoosh lists it."""
    from search_service.engines.whoosh.codec.passagecodec import PassageSegment

    return PassageSegment(name, passages, deleted)


def write_toc(
    folder: Path, segments: Iterable[tuple[Segment, NDArray[np.bool_] | None]]
) -> tuple[int, str]:
    """Write the table over segments with their deleted documents, bool[D].

    Returns its size and SHA-256.
    """
    listed = []
    for segment, deleted in segments:
        gone: list[int] = []
        if deleted is not None:
            gone = np.flatnonzero(np.repeat(deleted, np.diff(segment.document_passages))).tolist()
        listed.append(_Made(passage_segment, (segment.name, segment.passage_count, gone)))
    schema = pickle.dumps(_Made(whoosh_schema), 2)
    table = b"".join(
        (
            *map(_varint, _SIZES),
            struct.pack(">ii", _BYTE_ORDER, _FORMAT),
            *map(_varint, NUMBERS),
            _varint(len(schema)),
            schema,
            struct.pack(">ii", _GENERATION, 0),
            pickle.dumps(listed, 2),
        )
    )
    return write_file(folder / TOC_FILE, [table])


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)

"""An analysed document as bytes: made in worker processes by `preparer`, stored by the writer.

It carries each of its distinct forms once, and its words as numbers of those. They are JSON and
arrays: nothing is unpickled.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

GAP = 0xFFFFFFFF
"""A place that no word has: between two headings, so that no phrase goes over their border."""


class Column(IntEnum):
    """The columns of `Prepared.passages`."""

    START = 0
    """In code points of the document's text, as END."""
    END = 1
    FIRST_BYTE = 2
    """In bytes of the text in UTF-8, as LAST_BYTE."""
    LAST_BYTE = 3
    LEAD_IN_START = 4
    """In code points, as LEAD_IN_END; -1 where there is none."""
    LEAD_IN_END = 5
    PAGE = 6
    """From 1; 0 where there is none."""
    HEADINGS = 7
    """How many are above it."""
    LANGUAGE = 8
    """Index into the header's languages."""
    WORDS = 9
    """How many words its `text` has."""
    CONTEXT_WORDS = 10
    """How many its `context` has, gaps included."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document of P passages, H headings above them all, and F distinct forms."""

    header: dict[str, Any]
    """id, path, key, facets, first_day, last_day, languages, anchors."""
    text: bytes
    """The document's text in UTF-8."""
    summary: bytes
    structure: bytes
    forms: bytes
    """Distinct forms (`form_key`) in UTF-8, with `FORM_SEPARATOR` between."""
    hashes: NDArray[np.uint64]
    """uint64[F]: `form_hash` of each."""
    words: NDArray[np.uint32]
    """uint32: numbers of forms in order, F for a gap; the words of the `text` of all passages, of
    the `context` of all, then those of the title."""
    passages: NDArray[np.int32]
    """int32[P, 11]: see `Column`."""
    signatures: NDArray[np.uint64]
    """uint64[P]."""
    headings: NDArray[np.int32]
    """int32[2 H]: starts and ends in code points."""


_PARTS = 10
_LENGTHS = struct.Struct(f"<{_PARTS}Q")


def pack(prepared: Prepared) -> bytes:
    """One run of bytes: the lengths of its parts, then the parts."""
    parts = [
        orjson.dumps(prepared.header),
        prepared.text,
        prepared.summary,
        prepared.structure,
        prepared.forms,
        prepared.hashes.tobytes(),
        prepared.words.tobytes(),
        prepared.passages.tobytes(),
        prepared.signatures.tobytes(),
        prepared.headings.tobytes(),
    ]
    return b"".join([_LENGTHS.pack(*map(len, parts)), *parts])


def unpack(data: bytes) -> Prepared:
    """The reverse of `pack`; its arrays are views of `data`."""
    ends = list(accumulate(_LENGTHS.unpack_from(data), initial=_LENGTHS.size))
    header, text, summary, structure, forms = (data[start:end] for start, end in pairwise(ends[:6]))

    def array(part: int, dtype: type[np.generic]) -> NDArray[Any]:
        count = (ends[part + 1] - ends[part]) // np.dtype(dtype).itemsize
        return np.frombuffer(data, dtype, count, ends[part])

    return Prepared(
        header=orjson.loads(header),
        text=text,
        summary=summary,
        structure=structure,
        forms=forms,
        hashes=array(5, np.uint64),
        words=array(6, np.uint32),
        passages=array(7, np.int32).reshape(-1, len(Column)),
        signatures=array(8, np.uint64),
        headings=array(9, np.int32),
    )


def form_hash(key: str) -> int:
    """64 bits by which the writer knows a form again, without reading its key; never 0.

    Of a million forms two are mistaken for each other once in thirty million indexes.
    """
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little") or 1

"""Cuts a sentence that is too long for any passage: at clause marks, else at spaces, else anywhere.

Such "sentences" are word lists, minutes without full stops, encoded data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from zlib import crc32

from search_service.passages.packing import FITS

_CLAUSE = re.compile(r"[;,:·–—،؛、，；：՝][\s]|[、，；：]|\n")
_LETTERS = FITS * 8
"""A clause of more letters, or of more than FITS words, is cut at its spaces; about FITS words, so
that few clauses are."""
_ROOM = _LETTERS // 4
_SPACE = re.compile(r"\s+")


def split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pieces of `text[start:end]` without white space around them, in order."""
    last = start
    for mark in _CLAUSE.finditer(text, start, end):
        yield from _pieces(text, last, mark.end())
        last = mark.end()
    yield from _pieces(text, last, end)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while True:
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        if start == end:
            return
        if end - start <= _LETTERS and len(text[start:end].split()) <= FITS:
            yield start, end
            return
        # A space after enough letters, or after enough words where they are short.
        gaps = _SPACE.finditer(text, start, min(end, start + 2 * _ROOM))
        spaces = [
            gap.start()
            for before, gap in enumerate(islice(gaps, FITS), 1)
            if gap.start() >= start + _ROOM or before > FITS // 2
        ]
        # Chosen by what follows, so that an edit moves few cuts; see `packing`.
        cut = min(spaces, key=lambda at: crc32(text[at : at + 12].encode()), default=start + _ROOM)
        while cut < end and unicodedata.combining(text[cut]):
            cut += 1  # a letter keeps its marks
        yield start, cut
        start = cut

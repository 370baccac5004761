"""Vocabularies and word streams into the arrays of a segment: sorting instead of loops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.arrays import ArrayWriter
from search_service.engines.whoosh.store.postings import MAX_POSITION, MAX_UNITS, PostingsWriter
from search_service.engines.whoosh.writing.prepared import GAP

Row = tuple[str, str, str]
"""(folded form, exact form, language code)."""

MAX_ROWS = 1 << 24


def write_strings(file: ArrayWriter, name: str, strings: Sequence[bytes]) -> None:
    """Write what `vocabulary.Strings` reads."""
    starts = np.zeros(len(strings) + 1, np.int64)
    np.cumsum([len(string) for string in strings], out=starts[1:])
    file.add(f"{name}.starts", "<u4", starts)
    file.add(f"{name}.bytes", "u1", b"".join(strings))


def write_vocabulary(
    file: ArrayWriter,
    rows: Sequence[Row],
    languages: Sequence[str],
    stems: Iterable[tuple[str, int]],
    translits: Iterable[tuple[str, int]],
) -> None:
    """Write what `vocabulary.Vocabulary` reads; `rows` are sorted, keys are (key, row) pairs."""
    if len(rows) > MAX_ROWS:
        raise OverflowError(f"a segment holds at most {MAX_ROWS} forms, not {len(rows)}")
    groups: list[bytes] = []
    group_starts: list[int] = []
    exact: list[bytes] = []
    last = None
    for number, (folded, form, _) in enumerate(rows):
        if folded != last:
            groups.append(folded.encode())
            group_starts.append(number)
            last = folded
        exact.append(b"" if form == folded else form.encode())
    write_strings(file, "folded", groups)
    file.add("group.starts", "<u4", np.array([*group_starts, len(rows)], np.int64))
    write_strings(file, "exact", exact)
    codes = {language: code for code, language in enumerate(languages)}
    file.add("row.language", "u1", np.array([codes[language] for *_, language in rows], np.int64))
    by_form = sorted(range(len(rows)), key=[form for _, form, _ in rows].__getitem__)
    file.add("row.by_form", "<i4", np.array(by_form, np.int64))
    write_key_table(file, "stem", stems)
    write_key_table(file, "translit", translits)


def write_key_table(file: ArrayWriter, name: str, pairs: Iterable[tuple[str, int]]) -> None:
    """Write what `vocabulary.KeyTable` reads."""
    table: dict[str, list[int]] = {}
    for key, row in pairs:
        if key in table:
            table[key].append(row)
        else:
            table[key] = [row]
    # Keys alone are sorted: a tenth of the time that sorting the pairs takes.
    keys = sorted(table)
    write_strings(file, f"{name}.keys", [key.encode() for key in keys])
    lists = [rows if len(rows := table[key]) == 1 else sorted(set(rows)) for key in keys]
    file.add(f"{name}.starts", "<u4", np.cumsum([0, *map(len, lists)], dtype=np.int64))
    file.add(f"{name}.rows", "<i4", np.array([row for rows in lists for row in rows], np.int64))


def write_postings(
    file: ArrayWriter,
    name: str,
    rows: int,
    words: NDArray[np.uint32],
    counts: NDArray[np.int32],
) -> None:
    """Write a field from its words: rows of the vocabulary or `GAP`, `counts` of them a unit."""
    writer = PostingsWriter(file, name, rows, len(counts))
    writer.add(0, *invert(words, counts, rows))
    writer.close()


def invert(
    words: NDArray[np.uint32], counts: NDArray[np.int32], rows: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint16]]:
    """Postings of the words of units, in order: (postings a row, units, frequencies, positions).

    One sort of 64-bit numbers (row: 24 bits, unit: 24, position: 16), which NumPy does with vector
    instructions: 15 million words take half a second, a stable argsort of their rows four times as
    long. The words of a unit behind its 65,536th all take that position.
    """
    if rows > MAX_ROWS or len(counts) > MAX_UNITS:
        raise OverflowError(f"{rows} forms and {len(counts)} units are too many for a segment")
    key = words.astype(np.uint64)
    key <<= np.uint64(24)
    key |= np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    key <<= np.uint64(16)
    starts = np.zeros(len(counts), np.int64)
    np.cumsum(counts[:-1], out=starts[1:])
    positions = np.arange(len(words), dtype=np.uint32)
    positions -= np.repeat(starts.astype(np.uint32), counts)
    np.minimum(positions, MAX_POSITION, out=positions)
    key |= positions
    if (words == GAP).any():
        key = key[words != GAP]
    key.sort()
    position = key.astype(np.uint16)
    key >>= np.uint64(16)
    begins = np.empty(len(key), bool)
    begins[:1] = True
    np.not_equal(key[1:], key[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    key = key[first]
    frequencies = np.diff(first, append=len(position))
    units = key.astype(np.uint32) & np.uint32(MAX_UNITS - 1)
    key >>= np.uint64(24)
    return np.bincount(key.astype(np.int64), minlength=rows), units, frequencies, position

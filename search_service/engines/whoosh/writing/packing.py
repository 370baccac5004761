"""Vocabularies and word streams into the arrays of a segment: sorting instead of loops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.arrays import Array, ArrayWriter
from search_service.engines.whoosh.store.postings import MAX_POSITION, MAX_UNITS, PostingsWriter
from search_service.engines.whoosh.writing.prepared import GAP
from search_service.languages.separators import KEY_SEPARATOR, PART_SEPARATOR

COMPILED = find_spec("search_service.engines.whoosh.writing._building") is not None
"""Whether the compiled module was built at installation."""

Row = tuple[str, str, str]
"""(folded form, exact form, language code)."""

MAX_ROWS = 1 << 24

_VOCABULARY = {
    "folded.starts": "<u4",
    "folded.bytes": "u1",
    "group.starts": "<u4",
    "exact.starts": "<u4",
    "exact.bytes": "u1",
    "row.language": "u1",
    "row.by_form": "<i4",
    "stem.keys.starts": "<u4",
    "stem.keys.bytes": "u1",
    "stem.starts": "<u4",
    "stem.rows": "<i4",
    "translit.keys.starts": "<u4",
    "translit.keys.bytes": "u1",
    "translit.starts": "<u4",
    "translit.rows": "<i4",
}
"""The arrays that `vocabulary.Vocabulary` reads, in the order of the file, and their types."""


@dataclass(frozen=True, slots=True)
class PackedVocabulary:
    """What becomes of forms: rows, and keys that several of them share."""

    row_of_form: NDArray[np.uint32]
    """uint32: the row of each form that was given."""
    languages: list[str]
    """In order; `row.language` has their places."""
    arrays: Mapping[str, Array | bytes]
    """By their names, see `_VOCABULARY`; bytes are arrays of the type it says."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.arrays["row.language"])

    def write(self, file: ArrayWriter) -> None:
        """Write what `vocabulary.Vocabulary` reads."""
        if self.rows > MAX_ROWS:
            raise OverflowError(f"a segment holds at most {MAX_ROWS} forms, not {self.rows}")
        for name, dtype in _VOCABULARY.items():
            file.add(name, dtype, self.arrays[name])


def write_strings(file: ArrayWriter, name: str, strings: Sequence[bytes]) -> None:
    """Write what `vocabulary.Strings` reads."""
    for part, array in _strings(name, strings).items():
        file.add(part, "<u4" if part.endswith("starts") else "u1", array)


def _strings(name: str, strings: Sequence[bytes]) -> dict[str, Array | bytes]:
    starts = np.zeros(len(strings) + 1, np.int64)
    np.cumsum([len(string) for string in strings], out=starts[1:])
    return {f"{name}.starts": starts, f"{name}.bytes": b"".join(strings)}


def pack_forms(keys: Sequence[str]) -> PackedVocabulary:
    """The vocabulary of forms, by their keys (`prepared.form_key`); compiled in `_building`.

    Keys that differ in stems alone (words of no known language are read as those of their
    document) share a row.
    """
    rows: list[Row] = []
    row_of_form = np.zeros(len(keys), np.uint32)
    stems: list[tuple[str, int]] = []
    translits: list[tuple[str, int]] = []
    for number in sorted(range(len(keys)), key=keys.__getitem__):
        folded, exact, language, stem_keys, translit_keys = keys[number].split(PART_SEPARATOR)
        row = (folded, exact, language)
        if not rows or rows[-1] != row:
            rows.append(row)
        place = len(rows) - 1
        row_of_form[number] = place
        if stem_keys:
            stems += [(key, place) for key in stem_keys.split(KEY_SEPARATOR)]
        if translit_keys:
            translits += [(key, place) for key in translit_keys.split(KEY_SEPARATOR)]
    return pack_rows(rows, stems, translits, row_of_form)


def pack_rows(
    rows: Sequence[Row],
    stems: Iterable[tuple[str, int]],
    translits: Iterable[tuple[str, int]],
    row_of_form: NDArray[np.uint32] | None = None,
) -> PackedVocabulary:
    """A vocabulary of rows, which are sorted; keys are (key, row) pairs."""
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
    languages = sorted({language for *_, language in rows})
    codes = {language: code for code, language in enumerate(languages)}
    by_form = sorted(range(len(rows)), key=[form for _, form, _ in rows].__getitem__)
    return PackedVocabulary(
        np.arange(len(rows), dtype=np.uint32) if row_of_form is None else row_of_form,
        languages,
        _strings("folded", groups)
        | {"group.starts": np.array([*group_starts, len(rows)], np.int64)}
        | _strings("exact", exact)
        | {
            "row.language": np.array([codes[language] for *_, language in rows], np.int64),
            "row.by_form": np.array(by_form, np.int64),
        }
        | _key_table("stem", stems)
        | _key_table("translit", translits),
    )


def _key_table(name: str, pairs: Iterable[tuple[str, int]]) -> dict[str, Array | bytes]:
    """What `vocabulary.KeyTable` reads."""
    table: dict[str, list[int]] = {}
    for key, row in pairs:
        if key in table:
            table[key].append(row)
        else:
            table[key] = [row]
    # Keys alone are sorted: a tenth of the time that sorting the pairs takes.
    keys = sorted(table)
    lists = [rows if len(rows := table[key]) == 1 else sorted(set(rows)) for key in keys]
    return _strings(f"{name}.keys", [key.encode() for key in keys]) | {
        f"{name}.starts": np.cumsum([0, *map(len, lists)], dtype=np.int64),
        f"{name}.rows": np.array([row for rows in lists for row in rows], np.int64),
    }


def write_postings(
    file: ArrayWriter,
    name: str,
    vocabulary: PackedVocabulary,
    words: NDArray[np.uint32],
    counts: NDArray[np.int32],
) -> None:
    """Write a field from its words: numbers of forms or `GAP`, `counts` of them a unit."""
    writer = PostingsWriter(file, name, vocabulary.rows, len(counts))
    writer.add(0, *invert(words, counts, vocabulary.row_of_form, vocabulary.rows))
    writer.close()


Inverted = tuple[NDArray[np.integer], NDArray[np.uint32], NDArray[np.integer], NDArray[np.uint16]]
"""(postings a row, units, frequencies, positions)."""


def invert(
    words: NDArray[np.uint32],
    counts: NDArray[np.int32],
    row_of_form: NDArray[np.uint32],
    rows: int,
    *,
    compiled: bool | None = None,
) -> Inverted:
    """Postings of the words of units, in order. Those behind a unit's 65,536th take that position.

    In C every word goes to its place, in Python they are sorted.
    """
    if rows > MAX_ROWS or len(counts) > MAX_UNITS:
        raise OverflowError(f"{rows} forms and {len(counts)} units are too many for a segment")
    if not (COMPILED if compiled is None else compiled):
        return _sorted(_translate(words, row_of_form), counts, rows)
    made = import_module("search_service.engines.whoosh.writing._building").invert(
        words, np.ascontiguousarray(counts, np.int32), row_of_form, rows
    )
    types = (np.uint32, np.uint32, np.uint32, np.uint16)
    first, units, frequencies, positions = map(np.frombuffer, made, types)
    return first, units, frequencies, positions


def _translate(words: NDArray[np.uint32], table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """`table[word]` for each word, gaps staying gaps."""
    gaps = words == GAP
    if not gaps.any():
        return table[words]
    translated = np.full(len(words), GAP, np.uint32)
    translated[~gaps] = table[words[~gaps]]
    return translated


def _sorted(words: NDArray[np.uint32], counts: NDArray[np.int32], rows: int) -> Inverted:
    """Postings of words that are rows.

    One sort of 64-bit numbers (row: 24 bits, unit: 24, position: 16), which NumPy does with vector
    instructions: 15 million words take half a second, a stable argsort of their rows four times as
    long.
    """
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

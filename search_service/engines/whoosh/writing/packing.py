"""Forms into the arrays of a vocabulary, as a segment stores them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.arrays import Array, ArrayWriter
from search_service.languages.separators import KEY_SEPARATOR, PART_SEPARATOR

COMPILED = find_spec("search_service.engines.whoosh.writing._building") is not None
"""Whether the compiled module was built at installation."""

Row = tuple[str, str, str]
"""(folded form, exact form, language code)."""

MAX_ROWS = 1 << 24

_AT_ONCE = 1 << 13
"""Lengths that are written together."""

_BYTES_AT_ONCE = 1 << 16
"""Of strings that are written together."""

T = TypeVar("T")

VOCABULARY = {
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

    rows: int
    """How many there are."""
    languages: list[str]
    """In order; `row.language` has their places."""
    arrays: Mapping[str, Array | bytes | BinaryIO]
    """By their names, see `VOCABULARY`; bytes and files are arrays of the type it says."""

    def write(self, file: ArrayWriter) -> None:
        """Write what `vocabulary.Vocabulary` reads."""
        if self.rows > MAX_ROWS:
            raise OverflowError(f"a segment holds at most {MAX_ROWS} forms, not {self.rows}")
        for name, dtype in VOCABULARY.items():
            file.begin(name, dtype)
            array = self.arrays[name]
            if isinstance(array, bytes | np.ndarray):
                file.extend(array)
            else:
                file.extend_from(array)


def write_strings(
    file: ArrayWriter, name: str, strings: Iterable[bytes], starts: str = "<u4"
) -> None:
    """Write what `vocabulary.Strings` reads; `strings` is gone through twice.

    `starts` is the type of the places where they begin, `<u8` for what `catalogue.Blobs` reads.
    """
    file.add_starts(f"{name}.starts", starts, _lengths(strings))
    file.begin(f"{name}.bytes", "u1")
    for some in batches(strings, _BYTES_AT_ONCE, _size):
        file.extend(b"".join(some))


def _lengths(strings: Iterable[bytes]) -> Iterator[NDArray[np.int64]]:
    rest = map(len, strings)
    while len(some := np.fromiter(islice(rest, _AT_ONCE), np.int64)):
        yield some


def batches(items: Iterable[T], most: int, size: Callable[[T], int]) -> Iterator[list[T]]:
    """Lists of them in order, each complete when its items are as large as that together."""
    some: list[T] = []
    total = 0
    for item in items:
        some.append(item)
        total += size(item)
        if total >= most:
            yield some
            some, total = [], 0
    if some:
        yield some


def _size(string: bytes) -> int:
    """Of any length; one of nothing has its place in a list."""
    return len(string) + 8


def _strings(name: str, strings: Sequence[bytes]) -> dict[str, Array | bytes]:
    starts = np.zeros(len(strings) + 1, np.int64)
    np.cumsum([len(string) for string in strings], out=starts[1:])
    return {f"{name}.starts": starts, f"{name}.bytes": b"".join(strings)}


def pack_forms(keys: Sequence[str]) -> tuple[PackedVocabulary, NDArray[np.uint32]]:
    """The vocabulary of forms, by their keys (`prepared.form_key`), and the row of each.

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
    return pack_rows(rows, stems, translits), row_of_form


def pack_rows(
    rows: Sequence[Row],
    stems: Iterable[tuple[str, int]],
    translits: Iterable[tuple[str, int]],
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
        len(rows),
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

"""Vocabularies of several segments into one: compiled where that could be, else in Python."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from itertools import groupby
from operator import itemgetter
from os import SEEK_END
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.scratch import scratches
from search_service.engines.whoosh.store.vocabulary import KeyTable, Vocabulary
from search_service.engines.whoosh.writing.packing import (
    COMPILED,
    VOCABULARY,
    PackedVocabulary,
    Row,
)

Joined = tuple[PackedVocabulary, list[NDArray[np.int32]]]
"""The vocabulary of all, and for each int32[R]: the new row of each of its rows, never falling.

A row that does not live on goes where the next one does.
"""

_CHUNK = 1 << 16
"""Rows that are looked at together."""


def join(
    vocabularies: Sequence[Vocabulary],
    live: Sequence[NDArray[np.bool_]],
    opened: ExitStack,
    folder: Path | None = None,
    *,
    compiled: bool | None = None,
) -> Joined:
    """The vocabulary of those rows that live on: bool[R] for each of the vocabularies.

    It goes through all of them at once, and into temporary files, which `opened` closes: little is
    held in memory, whatever their size.
    """
    join_all = _compiled if (COMPILED if compiled is None else compiled) else _plain
    languages = sorted(set().union(*map(_languages, vocabularies, live)))
    maps = scratches([*map(len, vocabularies)], np.int32, folder)
    files = {
        name: opened.enter_context(TemporaryFile(dir=folder))  # noqa: SIM115 -- `opened` closes it
        for name in VOCABULARY
    }
    join_all(list(zip(vocabularies, live, maps, strict=True)), languages, files)
    rows = files["row.language"].seek(0, SEEK_END)
    return PackedVocabulary(rows, languages, files), maps


def _languages(vocabulary: Vocabulary, live: NDArray[np.bool_]) -> set[str]:
    """Those of the rows that live on."""
    codes: set[int] = set()
    for low in range(0, len(vocabulary), _CHUNK):
        high = low + _CHUNK
        # Not `np.unique`, which takes 20 ms to import what it needs.
        counts = np.bincount(vocabulary.language[low:high][live[low:high]])
        codes.update(counts.nonzero()[0].tolist())
    return {vocabulary.languages[code] for code in codes}


_Source = tuple[Vocabulary, NDArray[np.bool_], NDArray[np.int32]]
"""(vocabulary, which of its rows live on, where they go: to be filled)."""

_Files = Mapping[str, BinaryIO]


def _compiled(sources: Sequence[_Source], languages: Sequence[str], files: _Files) -> None:
    codes = {language: code for code, language in enumerate(languages)}
    building: Any = import_module("search_service.engines.whoosh.writing._building")
    building.join(
        [
            # The code of a language that no row in use has matters not.
            (
                *vocabulary.arrays(),
                vocabulary.language,
                bytes([codes.get(language, 0) for language in vocabulary.languages]),
                live,
                row_map,
            )
            for vocabulary, live, row_map in sources
        ],
        tuple(file.fileno() for file in files.values()),
    )


def _plain(sources: Sequence[_Source], languages: Sequence[str], files: _Files) -> None:
    _plain_rows(sources, languages, files)
    _plain_forms(sources, files)
    for name in ("stem", "translit"):
        tables = [v.stems if name == "stem" else v.translits for v, _, _ in sources]
        _plain_keys(name, tables, sources, files)


class _Numbers:
    """An array of numbers in a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._held = array("I")

    def add(self, number: int) -> None:
        self._held.append(number)
        if len(self._held) == _CHUNK:
            self.close()

    def close(self) -> None:
        self._held.tofile(self._file)
        del self._held[:]


class _Strings:
    """An array of strings in two files."""

    def __init__(self, name: str, files: _Files) -> None:
        self._starts = _Numbers(files[f"{name}.starts"])
        self._bytes = files[f"{name}.bytes"]
        self._end = 0

    def add(self, string: bytes) -> None:
        self._starts.add(self._end)
        self._bytes.write(string)
        self._end += len(string)

    def close(self) -> None:
        self._starts.add(self._end)
        self._starts.close()


def _plain_rows(sources: Sequence[_Source], languages: Sequence[str], files: _Files) -> None:
    folded, exact = _Strings("folded", files), _Strings("exact", files)
    groups = _Numbers(files["group.starts"])

    def numbered(index: int) -> Iterator[tuple[Row, int, int]]:
        vocabulary, live, _ = sources[index]
        for number, row in enumerate(vocabulary.rows()):
            if live[number]:
                yield row, index, number

    last, count, through = None, 0, [0] * len(sources)
    for row, index, number in heapq.merge(*map(numbered, range(len(sources)))):
        if row != last:
            if last is None or row[0] != last[0]:
                folded.add(row[0].encode())
                groups.add(count)
            exact.add(b"" if row[1] == row[0] else row[1].encode())
            files["row.language"].write(bytes([languages.index(row[2])]))
            last, count = row, count + 1
        sources[index][2][through[index] : number + 1] = count - 1
        through[index] = number + 1
    for (_, _, row_map), end in zip(sources, through, strict=True):
        row_map[end:] = count
    groups.add(count)
    for written in (folded, exact, groups):
        written.close()


def _plain_forms(sources: Sequence[_Source], files: _Files) -> None:
    """Rows by their exact forms."""
    by_form = _Numbers(files["row.by_form"])

    def rows(vocabulary: Vocabulary, live: NDArray[np.bool_], row_map: Any) -> Iterator[Any]:
        for place in range(len(vocabulary)):
            row = vocabulary.by_form.item(place)
            if live[row]:
                yield vocabulary.form(row)[1], row_map.item(row)

    for (_, row), _ in groupby(heapq.merge(*(rows(*source) for source in sources))):
        by_form.add(row)
    by_form.close()


def _plain_keys(
    name: str, tables: Sequence[KeyTable], sources: Sequence[_Source], files: _Files
) -> None:
    keys, starts = _Strings(f"{name}.keys", files), _Numbers(files[f"{name}.starts"])
    all_rows = _Numbers(files[f"{name}.rows"])

    def listed(table: KeyTable, source: _Source) -> Iterator[tuple[bytes, list[int]]]:
        _, live, row_map = source
        for place in range(len(table.keys)):
            rows = table.all_rows[table.starts[place] : table.starts[place + 1]]
            yield table.keys[place], row_map[rows[live[rows]]].tolist()

    count = 0
    merged = heapq.merge(*map(listed, tables, sources))
    for key, lists in groupby(merged, key=itemgetter(0)):
        rows = sorted({row for _, some in lists for row in some})
        if rows:
            keys.add(key)
            starts.add(count)
            for row in rows:
                all_rows.add(row)
            count += len(rows)
    starts.add(count)
    for written in (keys, starts, all_rows):
        written.close()

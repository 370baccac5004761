"""Vocabularies of several segments into one: compiled where that could be, else in Python."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib import import_module
from os import SEEK_END
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.vocabulary import KeyTable, Vocabulary
from search_service.engines.whoosh.writing.packing import (
    COMPILED,
    VOCABULARY,
    PackedVocabulary,
    Row,
    pack_rows,
)

Joined = tuple[PackedVocabulary, list[NDArray[np.int32]]]
"""The vocabulary of all, and for each the new row of each of its rows; -1 for none."""


def join(
    vocabularies: Sequence[Vocabulary],
    live: Sequence[NDArray[np.bool_]],
    opened: ExitStack,
    folder: Path | None = None,
    *,
    compiled: bool | None = None,
) -> Joined:
    """The vocabulary of those rows that live on: bool[R] for each of the vocabularies.

    Compiled, it goes through all of them at once, and into temporary files, which `opened` closes:
    whatever their size, only the numbers of rows are held. In Python it holds all.
    """
    if COMPILED if compiled is None else compiled:
        return _compiled(vocabularies, live, opened, folder)
    return _plain(vocabularies, live)


def _compiled(
    vocabularies: Sequence[Vocabulary],
    live: Sequence[NDArray[np.bool_]],
    opened: ExitStack,
    folder: Path | None,
) -> Joined:
    languages = sorted(
        {
            vocabulary.languages[code]
            for vocabulary, rows in zip(vocabularies, live, strict=True)
            for code in np.unique(vocabulary.language[rows]).tolist()
        }
    )
    codes = {language: code for code, language in enumerate(languages)}
    arrays = {
        name: opened.enter_context(TemporaryFile(dir=folder, buffering=0))  # noqa: SIM115 -- `opened` closes it
        for name in VOCABULARY
    }
    building: Any = import_module("search_service.engines.whoosh.writing._building")
    maps = building.join(
        [
            (*vocabulary.arrays(), _renamed(vocabulary, codes), rows)
            for vocabulary, rows in zip(vocabularies, live, strict=True)
        ],
        tuple(file.fileno() for file in arrays.values()),
    )
    rows = arrays["row.language"].seek(0, SEEK_END)
    packed = PackedVocabulary(rows, languages, arrays)
    return packed, [np.frombuffer(row_map, np.int32) for row_map in maps]


def _renamed(vocabulary: Vocabulary, codes: dict[str, int]) -> NDArray[np.uint8]:
    """The languages of its rows; the code of one that no row in use has matters not."""
    table = [codes.get(language, 0) for language in vocabulary.languages]
    renamed: NDArray[np.uint8] = np.array(table, np.uint8)[vocabulary.language]
    return renamed


def _plain(vocabularies: Sequence[Vocabulary], live: Sequence[NDArray[np.bool_]]) -> Joined:
    rows: list[Row] = []
    targets: list[list[int]] = [[] for _ in vocabularies]

    def numbered(index: int) -> Iterator[tuple[Row, int]]:
        alive = live[index].tolist()
        for number, row in enumerate(vocabularies[index].rows()):
            if alive[number]:
                yield row, index

    for row, index in heapq.merge(*map(numbered, range(len(vocabularies)))):
        if not rows or rows[-1] != row:
            rows.append(row)
        targets[index].append(len(rows) - 1)
    maps = []
    for alive, target in zip(live, targets, strict=True):
        row_map = np.full(len(alive), -1, np.int32)
        row_map[alive] = target
        maps.append(row_map)
    packed = pack_rows(
        rows,
        _keys([vocabulary.stems for vocabulary in vocabularies], maps),
        _keys([vocabulary.translits for vocabulary in vocabularies], maps),
    )
    return packed, maps


def _keys(
    tables: Sequence[KeyTable], row_maps: Sequence[NDArray[np.int32]]
) -> Iterator[tuple[str, int]]:
    """(key, new row) of the rows that live on."""
    for table, row_map in zip(tables, row_maps, strict=True):
        starts = table.starts.tolist()
        rows = row_map[table.all_rows].tolist()
        for place in range(len(table.keys)):
            key = table.keys[place].decode()
            for row in rows[starts[place] : starts[place + 1]]:
                if row >= 0:
                    yield key, row

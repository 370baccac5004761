"""Vocabularies are joined to the same, compiled and in Python."""

from __future__ import annotations

import os
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayFile, ArrayWriter
from search_service.engines.whoosh.store.vocabulary import Vocabulary
from search_service.engines.whoosh.writing.joining import join
from search_service.engines.whoosh.writing.packing import COMPILED, VOCABULARY, Row, pack_rows

needs_compiled = pytest.mark.skipif(not COMPILED, reason="no compiler at installation")

_WORD = st.text("abcəЖ", min_size=1, max_size=3)
_ROWS = st.dictionaries(
    st.tuples(_WORD, _WORD, st.sampled_from(["az", "en", "ru"])),
    st.tuples(st.sets(_WORD, max_size=2), st.sets(_WORD, max_size=2), st.booleans()),
    max_size=12,
)


def stored(rows: dict[Row, tuple[set[str], set[str], bool]], path: Path) -> Vocabulary:
    ordered = sorted(rows)
    packed = pack_rows(
        ordered,
        [(key, number) for number, row in enumerate(ordered) for key in rows[row][0]],
        [(key, number) for number, row in enumerate(ordered) for key in rows[row][1]],
    )
    with ArrayWriter(DurableFile(path)) as file:
        packed.write(file)
        file.close({"vocabulary_languages": packed.languages})
    return Vocabulary(ArrayFile.open(path))


@needs_compiled
@settings(max_examples=60, deadline=None)
@given(st.lists(_ROWS, max_size=4))
def test_both_kinds_join_the_same(
    given: list[dict[Row, tuple[set[str], set[str], bool]]],
) -> None:
    with TemporaryDirectory() as folder, ExitStack() as opened:
        vocabularies = [stored(rows, Path(folder, str(n))) for n, rows in enumerate(given)]
        live = [np.array([rows[row][2] for row in sorted(rows)], bool) for rows in given]
        found = []
        for compiled in (True, False):
            packed, maps = join(vocabularies, live, opened, Path(folder), compiled=compiled)
            path = Path(folder, f"joined{compiled}")
            with ArrayWriter(DurableFile(path)) as file:
                packed.write(file)
                file.close({})
            read = ArrayFile.open(path)
            arrays = {name: read.array(name).tolist() for name in VOCABULARY}
            found.append((packed.rows, packed.languages, arrays, [m.tolist() for m in maps]))
        assert found[0] == found[1]
        for row_map in found[0][3]:
            assert row_map == sorted(row_map)
        expected = {row for rows in given for row, (_, _, lives) in rows.items() if lives}
        assert found[0][0] == len(expected)


@needs_compiled
def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    building = import_module("search_service.engines.whoosh.writing._building")
    vocabulary = stored({("a", "a", "en"): (set(), set(), True)}, tmp_path / "one")
    given = (*vocabulary.arrays(), vocabulary.language, b"\0", np.ones(1, bool), bytearray(4))
    with Path("/dev/full").open("wb") as full, pytest.raises(OSError, match="No space"):
        building.join([given], (full.fileno(),) * len(VOCABULARY))
    with pytest.raises(ValueError, match="do not fit"):
        building.join([(*given[:-2], np.ones(2, bool), bytearray(4))], (1,) * len(VOCABULARY))
    with pytest.raises(ValueError, match="do not fit"):
        building.join([(*given[:-1], bytearray(8))], (1,) * len(VOCABULARY))
    with pytest.raises(ValueError, match="do not fit"):
        building.join([(*given[:-3], b"", *given[-2:])], (1,) * len(VOCABULARY))
    with pytest.raises(BufferError):
        building.join([(*given[:-1], bytes(4))], (1,) * len(VOCABULARY))
    with pytest.raises(ValueError, match="descriptor"):
        building.join([given], (-1,) * len(VOCABULARY))


@needs_compiled
def test_any_descriptor_is_a_file(tmp_path: Path) -> None:
    """Who closes its standard input gets 0 for the next file that is opened."""
    building = import_module("search_service.engines.whoosh.writing._building")
    vocabulary = stored({("a", "a", "en"): (set(), set(), True)}, tmp_path / "one")
    row_map = bytearray(4)
    given = (*vocabulary.arrays(), vocabulary.language, b"\0", np.ones(1, bool), row_map)
    standard = os.dup(0)
    try:
        with (tmp_path / "joined").open("wb") as file:
            os.dup2(file.fileno(), 0)
        building.join([given], (0,) * len(VOCABULARY))
    finally:
        os.dup2(standard, 0)
        os.close(standard)
    assert b"a" in (tmp_path / "joined").read_bytes()

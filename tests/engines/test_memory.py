"""The writer keeps to the memory that it is told, writing segments as well as merging them."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayFile, ArrayWriter
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.store.vocabulary import Vocabulary
from search_service.engines.whoosh.writing import columns, merged, merging, packing
from search_service.engines.whoosh.writing.builder import SegmentBuilder
from search_service.engines.whoosh.writing.joining import join
from search_service.engines.whoosh.writing.packing import pack_rows
from search_service.engines.whoosh.writing.prepared import pack, unpack
from search_service.languages.base import Form
from search_service.languages.formkeys import form_key
from tests.benchmarks.corpus import synthetic
from tests.benchmarks.documents import Counting
from tests.engines.corpora import prepared_words
from tests.engines.limited_writer import LENGTH

ROOT = Path(__file__).parents[2]
MEMORY = 24 * 10**6
MORE = 8 * 10**6
"""What is beyond what is counted: what Python keeps of freed memory, above all."""


def test_memory_is_a_setting_that_is_kept() -> None:
    built, left = limited("30000", MEMORY)
    assert built >= 3
    assert left < built


def test_a_merge_needs_no_more_for_more_documents(tmp_path: Path) -> None:
    """Columns, texts and records of documents are read where they lie."""
    corpus = synthetic(100, 1)
    document = unpack(Counting(corpus)(int(np.argmin(np.diff(corpus.bounds)))))
    with (tmp_path / "prepared").open("wb") as file:
        for number in range(30_000):
            header = document.header | {"id": f"id{number}", "path": f"folder/{number}"}
            prepared = pack(replace(document, header=header))
            file.write(LENGTH.pack(len(prepared)) + prepared)
    built, left = limited(str(tmp_path / "prepared"), 2 * MORE)
    assert built >= 3
    assert left == 1


def _segment(folder: Path, passages: int, words: int, structure: int, documents: int) -> Segment:
    """Documents of passages of two words that alternate, with a record of some bytes."""
    builder = SegmentBuilder(folder, "one")
    for number in range(documents):
        prepared = prepared_words(
            header={
                "id": f"d{number}",
                "path": f"p{number}",
                "key": "",
                "facets": dict.fromkeys(("year", "source", "author", "folder", "format"), ""),
                "first_day": 0,
                "last_day": 0,
                "languages": ["en"],
                "anchors": [""] * passages,
            },
            forms=[form_key(Form(w, w, (), (), stop=False), "en") for w in ("kilim", "loom")],
            words=np.arange(passages * words) % 2,
            text_counts=np.full(passages, words),
            context_counts=np.zeros(passages, np.int64),
            languages=np.zeros(passages, np.int64),
        )
        builder.add(replace(prepared, summary=b'{"path": "a"}', structure=b" " * structure))
    builder.close()
    return Segment(folder, "one")


@pytest.mark.parametrize(
    "shape",
    [
        {"passages": 2000, "words": 1, "structure": 0, "documents": 50},
        {"passages": 1, "words": 1, "structure": 60_000, "documents": 40},
        {"passages": 250, "words": 3000, "structure": 0, "documents": 1},
    ],
    ids=["books", "records", "positions"],
)
def test_a_merge_goes_by_what_things_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: dict[str, int]
) -> None:
    """Not by how many documents, records or postings there are."""
    for module, pieces in (
        (merging, ("_CHUNK", "_ROWS")),
        (merged, ("_AT_ONCE",)),
        (columns, ("_AT_ONCE",)),
        (packing, ("_AT_ONCE",)),
    ):
        for piece in pieces:
            monkeypatch.setattr(module, piece, 1 << 10)
    segments = [_segment(tmp_path, **shape)] * 10
    tracemalloc.start()
    try:
        merging.merge(segments, tmp_path, "merged")
        assert tracemalloc.get_traced_memory()[1] < 5 * 10**6
    finally:
        tracemalloc.stop()
    assert Segment(tmp_path, "merged").passage_count == 10 * shape["passages"] * shape["documents"]


def test_vocabularies_are_joined_in_python_without_holding_them(tmp_path: Path) -> None:
    rows = 8_000
    for name in ("even", "odd"):
        words = [f"w{number:06}" for number in range(name == "odd", 2 * rows, 2)]
        keys = [(f"en:{word}", number) for number, word in enumerate(words)]
        with ArrayWriter(DurableFile(tmp_path / name)) as file:
            packed = pack_rows([(word, word, "en") for word in words], keys, keys)
            packed.write(file)
            file.close({"vocabulary_languages": packed.languages})
    vocabularies = [Vocabulary(ArrayFile.open(tmp_path / name)) for name in ("even", "odd")]
    live = [np.ones(rows, bool) for _ in vocabularies]
    with ExitStack() as opened:
        tracemalloc.start()
        try:
            joined, maps = join(vocabularies, live, opened, tmp_path, compiled=False)
            assert tracemalloc.get_traced_memory()[1] < 2 * 10**6
        finally:
            tracemalloc.stop()
    assert joined.rows == 2 * rows
    assert maps[1].tolist() == list(range(1, 2 * rows, 2))


def limited(prepared: str, memory: int) -> tuple[int, int]:
    """How many segments a writer made that was told so, and how many merging left."""
    command = [sys.executable, "-m", "tests.engines.limited_writer", prepared]
    run = subprocess.run(
        [*command, str(memory), str(MORE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    built, left = map(int, run.stdout.split())
    return built, left

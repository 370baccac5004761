"""The writer keeps to the memory that it is told, writing segments as well as merging them."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayFile, ArrayWriter
from search_service.engines.whoosh.store.vocabulary import Vocabulary
from search_service.engines.whoosh.writing.joining import join
from search_service.engines.whoosh.writing.packing import pack_rows
from search_service.engines.whoosh.writing.prepared import pack, unpack
from tests.benchmarks.corpus import synthetic
from tests.benchmarks.documents import Counting
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

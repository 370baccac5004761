"""The writer keeps to the memory that it is told, writing segments as well as merging them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from search_service.engines.whoosh.writing.packing import COMPILED
from tests.benchmarks.corpus import synthetic
from tests.benchmarks.documents import Counting
from tests.engines.limited_writer import LENGTH

ROOT = Path(__file__).parents[2]
MEMORY = 24 * 10**6
MORE = 8 * 10**6
"""What merging so many passages needs beyond a small setting."""


@pytest.mark.skipif(not COMPILED, reason="in Python a merge holds all forms")
def test_memory_is_a_setting_that_is_kept(tmp_path: Path) -> None:
    corpus = synthetic(30_000, 1)
    prepare = Counting(corpus, keys=("en:", "und:"))
    with (tmp_path / "prepared").open("wb") as file:
        for number in range(corpus.document_count):
            prepared = prepare(number)
            file.write(LENGTH.pack(len(prepared)) + prepared)
    command = [sys.executable, "-m", "tests.engines.limited_writer", str(tmp_path / "prepared")]
    run = subprocess.run(
        [*command, str(MEMORY), str(MORE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    built, left = map(int, run.stdout.split())
    assert built >= 3
    assert left < built

"""Postings that are looked up are those that are read whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayFile, ArrayWriter
from search_service.engines.whoosh.store.postings import Postings, PostingsWriter


def written(path: Path, rng: np.random.Generator, units: int, often: int) -> Postings:
    """Rows of random units, some of them with more occurrences and words than a byte counts."""
    with ArrayWriter(DurableFile(path)) as file:
        writer = PostingsWriter(file, "text", 40, units)
        for row in range(40):
            having = np.flatnonzero(rng.random(units) < rng.choice((0.0, 0.0005, 0.01)))
            frequencies = np.where(rng.random(len(having)) < 0.01, often, rng.integers(1, 4))
            positions = np.concatenate(
                [np.zeros(0, np.int64), *(np.arange(n) * 3 for n in frequencies.tolist())]
            )
            writer.add(row, np.array([len(having)]), having, frequencies, positions)
        writer.close()
        file.close({})
    return Postings(ArrayFile.open(path), "text")


@pytest.mark.parametrize("units", [2_000, 200_000])
@pytest.mark.parametrize("often", [3, 400])
def test_lookups_are_as_reading_all(tmp_path: Path, units: int, often: int) -> None:
    rng = np.random.default_rng(units + often)
    postings = written(tmp_path / "field", rng, units, often)
    wide = len(postings.unit_high) > 0
    assert wide == (units > 1 << 16)
    for row in range(40):
        low, high = int(postings.starts[row]), int(postings.starts[row + 1])
        having, frequencies = postings.decode(low, high)
        counts, positions = postings.positions(low, high)
        for asked in (
            np.flatnonzero(rng.random(units) < rng.choice((0.001, 0.2))),
            rng.permutation(having)[: len(having) // 2],
            np.zeros(0, np.int64),
        ):
            wanted = np.sort(asked)
            places, found = postings.search(low, high, wanted)
            assert np.array_equal(found, np.isin(wanted, having))
            assert np.array_equal(having[places - low], wanted[found])
            assert np.array_equal(postings.frequencies_at(places), frequencies[places - low])
            some_counts, some = postings.positions_at(places)
            assert np.array_equal(some_counts, counts[places - low])
            kept = np.repeat(np.isin(having, wanted), counts)
            assert np.array_equal(some, positions[kept])

"""The benchmark runs, and the engines in it find the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from search_service.engines.whoosh.kernel import chosen_kernel
from tests.benchmarks import __main__ as benchmark
from tests.benchmarks.corpus import from_folder, synthetic


def test_a_corpus_is_the_same_for_the_same_seed_and_natural_in_its_frequencies() -> None:
    corpus = synthetic(400, 7)
    assert (corpus.words == synthetic(400, 7).words).all()
    assert corpus.passage_count == 400
    frequencies = sorted(corpus.document_frequencies(), reverse=True)
    assert frequencies[0] > 300
    assert frequencies[len(frequencies) // 2] <= 3


def test_a_folder_of_text_is_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "wool.txt").write_text("Wool is washed and dyed.\n\nThen it is spun into yarn.")
    corpus = from_folder(tmp_path, 10, 1)
    assert corpus.tokens(0) == ["wool", "is", "washed", "and", "dyed"]
    assert (corpus.passage_count, corpus.document_count) == (2, 1)


def test_every_class_is_measured_and_the_engines_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = f"ours, {chosen_kernel()}"
    figures = tmp_path / "figures.json"
    arguments = ["--passages", "600", "--queries", "2", "--json", str(figures)]
    arguments += ["--engines", f"{ours};ours, numpy;SQLite FTS5", "--against", ours]
    monkeypatch.setattr("sys.argv", ["benchmarks", *arguments])
    assert benchmark.main() == 0
    measured = json.loads(figures.read_text())["measured"]
    for kinds in measured.values():
        assert kinds["ours, numpy"]["agreement"] == 1
    assert measured["phrase of 2"]["SQLite FTS5"]["agreement"] > 0.5
    assert "| OR of 4 |" in capsys.readouterr().out

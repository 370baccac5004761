"""The benchmark runs, and the engines in it find the same."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from search_service.engines.whoosh.evaluation.kernel import chosen_kernel
from tests.benchmarks import __main__ as benchmark
from tests.benchmarks import changes
from tests.benchmarks.building import build
from tests.benchmarks.corpus import from_folder, synthetic
from tests.benchmarks.engines.base import Timed
from tests.benchmarks.engines.builders import analysing, given_words
from tests.benchmarks.queries import BARE, GROUPED, PAGE, RANKED, Words

OURS = f"ours, {chosen_kernel()}"


def test_a_corpus_is_the_same_for_the_same_seed_and_natural_in_its_frequencies() -> None:
    corpus = synthetic(400, 7)
    assert (corpus.words == synthetic(400, 7).words).all()
    assert corpus.passage_count == 400
    frequencies = sorted(corpus.document_frequencies(), reverse=True)
    assert frequencies[0] > 300
    assert frequencies[len(frequencies) // 2] <= 3
    assert corpus.text(3).split() == corpus.tokens(3)


def test_a_folder_of_text_is_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "wool.txt").write_text("Wool is washed and dyed.\n\nThen it is spun into yarn.")
    corpus = from_folder(tmp_path, 10, 1)
    assert corpus.tokens(0) == ["wool", "is", "washed", "and", "dyed"]
    assert (corpus.passage_count, corpus.document_count) == (2, 1)


def test_a_folder_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="name a folder of text files"):
        from_folder(tmp_path, 10, 1)


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> dict[str, Any]:
    """The figures of a run over a small corpus."""
    figures = folder / "figures.json"
    given = ["--passages", "300", "--queries", "2", "--json", str(figures), *arguments]
    monkeypatch.setattr("sys.argv", ["benchmarks", *given])
    assert benchmark.main() == 0
    read: dict[str, Any] = json.loads(figures.read_text())
    return read


def test_every_class_is_measured_and_the_engines_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "picture.svg"
    chosen = "ours, compiled;ours, numpy;SQLite FTS5"
    arguments = ["--parts", "words", "--engines", chosen, "--plot", str(picture)]
    figures = run(monkeypatch, tmp_path, *arguments, "--against", "ours, numpy")["The same words"]
    assert list(figures["ranked"]) == list(RANKED)
    for name, measured in figures["ranked"].items():
        assert measured["ours, numpy"]["agreement"] == 1, name
        # Without 2 % of the documents.
        assert measured["ours, numpy, 4 segments"]["agreement"] > 0.6, name
    assert figures["ranked"]["phrase of 2"]["SQLite FTS5"]["agreement"] > 0.5
    assert all(built["megabytes"] > 0 for built in figures["built"].values())
    printed = capsys.readouterr().out
    assert "| OR of 4 |" in printed
    assert "**geometric mean**" in printed
    assert ET.parse(picture).getroot().tag.endswith("svg")


def test_the_ladder_finds_what_the_words_alone_find_and_the_page_is_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = run(monkeypatch, tmp_path, "--parts", "ladder,service", "--engines", "ours")
    page = figures["The match ladder"]["page"]
    assert list(page) == [BARE, GROUPED, PAGE]
    assert all(OURS in measured for measured in page.values())
    for measured in figures["The match ladder"]["ranked"].values():
        assert measured["ours, numpy"]["agreement"] == 1
    assert figures["service"]["memory"] > figures["service"]["beside"] > 0
    assert figures["service"]["cold_cpu"] > 0
    printed = capsys.readouterr().out
    assert "the page's own query takes" in printed
    assert "first answer of a cold process" in printed


@pytest.mark.parametrize("engine", [given_words()[0], given_words()[-1], analysing()[0]])
def test_builders_build_what_can_be_asked(engine: Timed, tmp_path: Path) -> None:
    corpus = synthetic(300, 3)
    built = build(engine, corpus, tmp_path / "index")
    assert built.cpu > 0
    assert built.megabytes > 0
    engine.open(corpus, tmp_path / "index")
    asked = engine.compile(RANKED["1 word"](Words(corpus, 1)))
    assert asked is not None
    assert asked()


def test_an_engine_that_cannot_be_built_says_why(tmp_path: Path) -> None:
    class Broken(type(given_words()[-1])):  # type: ignore[misc]
        def build(self, corpus: object, folder: Path) -> None:
            raise ValueError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        build(Broken(), synthetic(50, 1), tmp_path / "index")


def test_growth_is_told_by_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = run(monkeypatch, tmp_path, "--growth", "100,200")
    assert set(figures["growth"][chosen_kernel()]["OR of 4"]) == {"100", "200"}
    assert "last ÷ last but one" in capsys.readouterr().out


def test_a_part_that_there_is_not_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="choose from words, ladder, building, analysing, service"):
        run(monkeypatch, tmp_path, "--parts", "moon")


def test_a_change_is_made_indexed_and_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(changes, "UNCHANGED", 1)
    arguments = ["--files", "12", "--changes", "2", "--folder", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["changes", *arguments, "--json", str(tmp_path / "all.json")])
    assert changes.main() == 0
    measured = json.loads((tmp_path / "all.json").read_text())
    assert len(measured["one file changed"]["visible"]) == 2
    assert len(measured["nothing changed"]["ended"]) == 1
    assert "| one file changed (2) | visible |" in capsys.readouterr().out

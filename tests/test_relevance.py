"""Floors of relevance only rise, and belong to the very set they were measured on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("ir_measures")

from tests import relevance


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "looms"
    folder.mkdir()
    rows = [("a", "A loom in every house."), ("b", "Wool and madder.")]
    lines = [json.dumps({"_id": name, "text": text}) for name, text in rows]
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "1", "text": "loom"}))
    (folder / "qrels.tsv").write_text("query\tdocument\tgrade\n1\ta\t1\n")
    monkeypatch.setattr(relevance, "FLOORS", tmp_path / "floors.json")
    return folder


def test_a_floor_is_held_and_another_set_is_told(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert relevance.main([str(judged), "--raise"]) == 0
    assert "looms has no floor" in capsys.readouterr().out
    assert json.loads(relevance.FLOORS.read_text()) == {relevance.key(judged): 1.0}
    assert relevance.main([str(judged)]) == 0
    assert "floor" not in capsys.readouterr().out
    (judged / "qrels.tsv").write_text("query\tdocument\tgrade\n1\tb\t1\n")
    assert relevance.main([str(judged)]) == 0
    assert "is not the set whose floor is known" in capsys.readouterr().out
    relevance.FLOORS.write_text(json.dumps({relevance.key(judged): 0.5}))
    assert relevance.main([str(judged), "--raise"]) == 1
    assert "has fallen" in capsys.readouterr().out
    assert json.loads(relevance.FLOORS.read_text()) == {relevance.key(judged): 0.5}

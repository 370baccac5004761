"""Measuring: the numbers are the measures', and a run can be compared with another."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from search_service.cli import group
from search_service.errors import InvalidValue, MissingLibrary
from search_service.evaluate import evaluate

ROWS = [
    ("tar", "The tar", "The tar is a lute with a double body of mulberry wood and eleven strings."),
    ("kamancha", "The kamancha", "The kamancha is a spiked fiddle that is played on the knee."),
    ("ney", "", "The ney is cut from a reed, and its breath is heard in the tone."),
    ("saz", "The saz", ""),
]


def make(folder: Path, qrels: str, queries: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    (folder / "corpus.jsonl").write_bytes(
        b"\n".join(orjson.dumps({"_id": i, "title": t, "text": x}) for i, t, x in ROWS)
    )
    (folder / "queries.jsonl").write_bytes(
        b"\n".join(orjson.dumps({"_id": i, "text": x}) for i, x in queries.items())
    )
    (folder / "qrels.tsv").write_text(qrels, "utf-8")
    return folder


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    return make(
        tmp_path / "instruments",
        "query-id\tcorpus-id\tscore\n1\ttar\t1\n2\tney\t2\n3\tsaz\t1\n3\ttar\t1\n",
        {"1": "lute of mulberry", "2": "spiked reed fiddle", "3": "saz", "4": "not judged"},
    )


def test_measures(judged: Path) -> None:
    (report,) = evaluate([judged]).sets
    assert report.name == "instruments"
    assert report.queries["1"] == {"ndcg@10": 1.0, "mrr@10": 1.0, "recall@100": 1.0}
    assert report.queries["2"]["mrr@10"] == 0.5, "the fiddle has two of the words"
    assert report.queries["2"]["ndcg@10"] == pytest.approx(0.6309, abs=1e-4)
    assert report.queries["3"]["recall@100"] == 0.5, "a title alone is found"
    assert set(report.queries) == {"1", "2", "3"}
    assert report.means["recall@100"] == pytest.approx(2.5 / 3)


def test_together_is_one_index(judged: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "others" / "second", "1\tney\t1\n", {"1": "breath of a reed"})
    result = evaluate([judged, other], together=True)
    assert [report.name for report in result.sets] == ["instruments", "second"]
    assert result.sets[1].queries["1"]["ndcg@10"] < 1, "the other set has the same document"


def test_a_run_against_another(judged: Path, tmp_path: Path) -> None:
    before = evaluate([judged]).as_json()
    for scores in before["queries"]["instruments"].values():
        scores["ndcg@10"] = 0.0
    earlier = tmp_path / "earlier.json"
    earlier.write_text(json.dumps(before))
    (found,) = evaluate([judged], against=earlier).against
    assert found.difference > 0.5
    assert (found.better, found.worse) == (3, 0)
    assert found.p == pytest.approx(0.25, abs=0.02), "of eight signs two are as extreme"


def test_a_run_against_itself_is_no_better_and_no_worse(tmp_path: Path) -> None:
    # One of two that answer is found: an nDCG of 0.613147..., which the report rounds.
    half = make(tmp_path / "half", "1\ttar\t1\n1\tnone\t1\n", {"1": "lute of mulberry"})
    same = tmp_path / "same.json"
    same.write_text(json.dumps(evaluate([half]).as_json()))
    (found,) = evaluate([half], against=same).against
    assert (found.difference, found.p, found.better, found.worse) == (0.0, 1.0, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("qrels.tsv", "1\ttar\tmuch\n", "write query, document and grade with tabs between"),
        ("qrels.tsv", "nine\ttar\t1\n", "none of its queries is judged"),
        ("queries.jsonl", "{", "each line is one JSON object"),
        ("queries.jsonl", '{"_id": "1"}', "it lacks text"),
    ],
)
def test_what_is_not_in_the_layout_is_named(
    judged: Path, name: str, content: str, message: str
) -> None:
    (judged / name).write_text("query-id\tcorpus-id\tscore\n" * (name == "qrels.tsv") + content)
    with pytest.raises(InvalidValue, match=message):
        evaluate([judged])


def test_a_folder_without_a_file_and_a_run_that_is_none(judged: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="--against"):
        evaluate([judged], against=tmp_path / "nowhere.json")
    (judged / "qrels.tsv").unlink()
    with pytest.raises(InvalidValue, match=r"it has no qrels\.tsv"):
        evaluate([judged])


def test_command(judged: Path) -> None:
    runner = CliRunner()
    table = runner.invoke(group, ["evaluate", str(judged)], catch_exceptions=False).stdout
    assert "instruments" in table
    told = runner.invoke(group, ["evaluate", str(judged), "--json"], catch_exceptions=False).stdout
    assert set(json.loads(told)["sets"]["instruments"]) == {"ndcg@10", "mrr@10", "recall@100"}


def test_the_library_that_measures_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "search_service.evaluate")
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    told = CliRunner().invoke(group, ["evaluate", str(tmp_path)])
    assert isinstance(told.exception, MissingLibrary)
    assert "pip install 'search-service[evaluate]'" in str(told.exception)

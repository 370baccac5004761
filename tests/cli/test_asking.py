"""Commands that read: search, show, metadata, status, explain."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from search_service import cli
from search_service.errors import InvalidValue, SearchServiceError
from search_service.web import create_app
from tests.articles import TAR
from tests.cli.command import Command


def test_search_finds(served: Command) -> None:
    text = served("search", "mulberry wood")
    assert "The tar" in text
    assert "mulberry wood" in text
    found = served.json("search", '"mulberry wood"')
    assert found["total_documents"] == 1
    assert found["hits"][0]["title"] == "The tar"


def test_search_prints_what_the_endpoint_answers(served: Command) -> None:
    settings = replace(served.settings, public_url="https://a.example")
    client = create_app(settings).test_client()
    printed = served.json(
        "search", "the wood", "--match", "stem", "-n", "1", "--public-url", "https://a.example"
    )
    answered = client.get("/api/v1/search?q=the+wood&match=stem&limit=1").get_json()
    assert {**printed, "took_ms": 0} == {**answered, "took_ms": 0}


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2019", "to": "2021-06"},
        {"sort": "date", "facets": "language,year"},
        {"sort": "-date", "group": "none", "limit": "1", "offset": "1"},
        {"lang": "en", "year": "undated", "folder": "", "facets": "folder"},
        {"op": "and", "match": "exact", "format": "markdown"},
        {"limit": "1000"},
    ],
)
def test_search_takes_what_the_endpoint_takes(served: Command, asked: dict[str, str]) -> None:
    client = create_app(served.settings).test_client()
    options = [text for name, value in asked.items() for text in (f"--{name}", value)]
    printed = served.json("search", "the wood", *options, "--public-url", "http://localhost")
    answered = client.get("/api/v1/search", query_string={"q": "the wood", **asked}).get_json()
    assert "code" not in answered
    assert {**printed, "took_ms": 0} == {**answered, "took_ms": 0}


def test_search_counts_and_refuses(served: Command) -> None:
    text = served("search", "wood OR warp", "--facets", "format,year", "--sort", "date")
    assert "Year of publication: 2021 1, Undated 1" in text
    assert "Format: markdown 1, text 1" in text
    assert "Only 100 at a time" in served("search", "wood", "-n", "1000")
    with pytest.raises(InvalidValue, match="use a date such as"):
        served("search", "wood", "--from", "soon")


def test_marks_are_bold_on_a_terminal(served: Command) -> None:
    arguments = ["search", "--index", os.fspath(served.index), "mulberry"]
    result = CliRunner().invoke(cli.group, arguments, color=True)
    assert "\x1b[1mmulberry\x1b[0m" in result.output.replace("\x1b[33m", "")


def test_show_takes_an_id_or_a_path(served: Command) -> None:
    by_path = served("show", "kilim.md")
    assert "date: 2021-05 (" in by_path
    document_id = served.json("show", "kilim.md")["id"]
    assert served("show", document_id) == by_path
    with pytest.raises(SearchServiceError, match="there is no document"):
        served("show", "carpet")


def test_show_takes_a_row_as_the_report_names_it(command: Command) -> None:
    (command.corpus / "rows#1.csv").write_text("id,text\n1,Tea\n2,Rice\n", encoding="utf-8")
    assert "rows#1.csv#2" in command("index")
    assert "\nRice\n" in command("show", "rows#1.csv#2")
    with pytest.raises(SearchServiceError, match="path#key"):
        command("show", "rows#1.csv#3")


def test_metadata_is_a_table_to_complete(served: Command) -> None:
    assert "kilim.md" in served("metadata")
    missing = served("metadata", "--missing")
    assert missing.startswith("\ufeffpath,key,title")
    assert "tar.txt,,The tar" in missing
    assert "kilim.md" not in missing
    assert served.json("metadata", "--missing")[0]["missing"] == ["date"]


def test_metadata_is_written_beside_the_documents(command: Command) -> None:
    table = command.corpus / "metadata.csv"
    table.write_text("path,id,shelf\ngone.txt,g1,B 7\ntar.txt,,A 1\n", encoding="utf-8")
    printed = command("metadata", "--missing")
    assert "\ngone.txt,g1,B 7," in printed
    assert "\ntar.txt,,A 1,,The tar," in printed
    told = command("metadata", "--missing", "--write")
    assert "metadata.csv has what is known of 2 documents" in told
    assert table.read_text(encoding="utf-8") == printed
    assert not list(command.corpus.glob("*.new"))


def test_metadata_is_not_redirected_onto_the_owners_table(command: Command) -> None:
    with (command.corpus / "metadata.csv").open("w") as table:
        folders = ("--corpus", command.corpus, "--index", command.index)
        run = subprocess.run(
            [sys.executable, "-m", "search_service", "metadata", *folders],
            stdout=table,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert run.returncode != 0
    assert "use --write" in run.stderr


def test_status_tells_what_drifted(command: Command) -> None:
    (command.corpus / "new.txt").write_text(TAR, encoding="utf-8")
    (command.corpus / "kilim.txt").unlink()
    told = command.json("status")
    assert told["generation"] == "00000001"
    assert told["drift"]["new"] == ["new.txt"]
    assert told["drift"]["gone"] == ["kilim.txt"]
    assert told["last"]["why"] == ["the command line"]
    assert told["last"]["outcome"] == "published"
    assert told["scheduler"] is None
    text = command("status")
    assert "No scheduler runs." in text
    assert told["kernel"] in ("compiled", "numpy")
    assert f"the {told['kernel']} kernel" in text
    assert "  new.txt" in text


def test_status_without_an_index(tmp_path: Path) -> None:
    empty = Command(tmp_path)
    assert "there is no index" in empty("status")


def test_explain_a_query_and_a_file(served: Command) -> None:
    told = served.json("explain", "strings")
    assert told["words"][0]["read as"]["en"]["stems"] == ["en:string"]
    assert told["hits"][0]["path"] == "tar.txt"
    assert told["hits"][0]["score"] > 0
    assert "strings" in served("explain", "strings")
    told = served.json("explain", "--file", "kilim.md")
    assert told["format"] == "markdown"
    [document] = told["documents"]
    assert document["metadata"]["date"].startswith("2021-05 (")
    assert document["id"] == served.json("show", "kilim.md")["id"]


def test_explain_knows_a_file_when_it_sees_one(served: Command) -> None:
    assert served.json("explain", "kilim.md") == served.json("explain", "--file", "kilim.md")
    told = served("explain", "kilm.md")
    assert "There is no file kilm.md in" in told
    assert "query: kilm.md" in told
    assert "There is no file" not in served("explain", "tar kilim")
    assert served.json("explain", "b" * 500)["hits"] == []
    with pytest.raises(SearchServiceError, match="give a path"):
        served("explain", "--file", "kilm.md")

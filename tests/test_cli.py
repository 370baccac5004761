import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from search_service import cli, runs
from search_service.commands.options import plain
from search_service.errors import InvalidValue, SearchServiceError
from search_service.generations import Generations
from search_service.schedule import spool
from search_service.settings import Settings
from search_service.web import create_app
from tests.test_indexer import KILIM, TAR


class Command:
    """`search-service` over one archive."""

    def __init__(self, root: Path) -> None:
        self.corpus, self.index = root / "corpus", root / "index"
        self.corpus.mkdir()
        self.settings = Settings(corpus=self.corpus, index=self.index)

    def __call__(self, name: str, *arguments: str, code: int = 0) -> str:
        command = cli.group.get_command(click.Context(cli.group), name)
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        flags = ["--index", os.fspath(self.index)]
        if "--corpus" in options:
            flags += ["--corpus", os.fspath(self.corpus)]
        result = CliRunner().invoke(cli.group, [name, *flags, *arguments])
        if isinstance(result.exception, SearchServiceError):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    def json(self, name: str, *arguments: str, code: int = 0) -> Any:
        return json.loads(self(name, "--json", *arguments, code=code))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """An archive that no test changes."""
    command = Command(tmp_path_factory.mktemp("served"))
    (command.corpus / "tar.txt").write_text(TAR, encoding="utf-8")
    (command.corpus / "kilim.md").write_text(
        f"---\ntitle: Kilims\ndate: 2021-05\n---\n\n{KILIM}", encoding="utf-8"
    )
    (command.corpus / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    command("index")
    return command


@pytest.fixture
def command(tmp_path: Path) -> Command:
    made = Command(tmp_path)
    (made.corpus / "tar.txt").write_text(TAR, encoding="utf-8")
    (made.corpus / "kilim.txt").write_text(KILIM, encoding="utf-8")
    made("index")
    return made


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_and_takes_the_index(name: str) -> None:
    result = CliRunner().invoke(cli.group, [name, "--help"])
    assert result.exit_code == 0
    assert "--index DIR" in result.output
    assert len(result.output.splitlines()) > 8


def test_the_table_is_the_folder() -> None:
    folder = Path(cli.__file__).parent / "commands"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "options", "opened"}
    assert files == set(cli.COMMANDS)


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(cli.group, ["serch"]).exit_code == 2


def test_index_reports(served: Command) -> None:
    told = served.json("index", "--full")
    assert (told["documents"], told["published"], told["rebuilt"]) == (2, True, "it was asked for")
    assert told["left_out"][0][0] == "picture.png"
    assert told["undated"] == ["tar.txt"]
    text = served("index")
    # Files younger than two seconds are read again, and found to be what they were.
    assert "nothing changed" in text or "nothing that is searched has changed" in text
    assert "picture.png: " in text


def test_a_timer_says_nothing_when_nothing_changed(served: Command) -> None:
    assert served("index", "--if-needed") == ""
    with Generations(served.index).lock():
        assert served("index", "--if-needed") == ""


def test_search_finds(served: Command) -> None:
    text = served("search", "mulberry wood")
    assert "The tar" in text
    assert "mulberry wood" in text
    found = served.json("search", '"mulberry wood"')
    assert found["total_documents"] == 1
    assert found["hits"][0]["title"] == "The tar"


def test_search_prints_what_the_endpoint_answers(served: Command) -> None:
    settings = Settings(corpus=served.corpus, index=served.index, public_url="https://a.example")
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
    client = create_app(Settings(corpus=served.corpus, index=served.index)).test_client()
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


def test_forget_leaves_no_trace(command: Command) -> None:
    (command.corpus / "tar.txt").write_text(TAR + "\nOne more line.\n", encoding="utf-8")
    command("index")
    document_id = command.json("show", "tar.txt")["id"]
    kilim = command.json("show", "kilim.txt")["id"]
    text = command("forget", document_id)
    assert "remove" in text
    for path in [*command.index.rglob("*"), *command.corpus.glob(".search-service/*")]:
        if path.is_file():
            data = path.read_bytes()
            for trace in (b"mulberry", b"sadigjan", b"Sadigjan", b"tar.txt"):
                assert trace not in data, path
    assert len(Generations(command.index).names()) == 1
    with pytest.raises(SearchServiceError, match="was removed on"):
        command("show", document_id)
    told = command.json("index")
    assert told["documents"] == 1
    assert told["left_out"] == [["tar.txt", told["left_out"][0][1]]]
    assert "withdrawn on" in told["left_out"][0][1]
    (command.corpus / "tar.txt").rename(command.corpus / "copy.txt")
    assert command.json("index")["documents"] == 1
    assert command.json("show", kilim)["path"] == "kilim.txt"
    command("check")


def test_purge_leaves_nothing_of_what_was_deleted(command: Command) -> None:
    document_id = command.json("show", "tar.txt")["id"]
    (command.corpus / "tar.txt").unlink()
    command("index")
    assert any(b"mulberry" in path.read_bytes() for path in command.index.glob("0*/*"))
    command("purge")
    assert not any(b"mulberry" in path.read_bytes() for path in command.index.glob("0*/*"))
    assert len(Generations(command.index).names()) == 1
    with pytest.raises(SearchServiceError, match="was removed on"):
        command("show", document_id)
    command("check")


def test_rollback_goes_back_and_the_next_run_forward_again(command: Command) -> None:
    (command.corpus / "tar.txt").unlink()
    command("index")
    assert "00000001 is live again" in command("rollback")
    assert command.json("status")["drift"]["gone"] == ["tar.txt"]
    assert command.json("show", "tar.txt")["path"] == "tar.txt"
    with pytest.raises(SearchServiceError, match="no generation before"):
        command("rollback")
    assert command.json("index")["documents"] == 1


def test_check_finds_what_is_damaged(command: Command) -> None:
    assert command.json("check", "--deep") == {"sound": True, "findings": []}
    files = Generations(command.index).current().directory.glob("*.texts")
    path = next(iter(files))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    told = command.json("check", code=1)
    assert not told["sound"]
    assert path.name in told["findings"][0]["what"]


def test_check_notices_what_was_not_read_well(command: Command) -> None:
    (command.corpus / "empty.txt").write_text(" \n", encoding="utf-8")
    command("index")
    told = command.json("check")
    assert told["sound"]
    assert [each["where"] for each in told["findings"]] in (["empty.txt"], [])


def test_a_deep_check_notices_a_change_that_left_no_stamp(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = command.corpus / "tar.txt"
    state = path.stat()
    path.write_text(TAR.replace("mulberry", "apricott"), encoding="utf-8")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    from search_service import corpus

    real = corpus.FileState.__new__

    def still(cls: Any, *values: Any) -> object:
        if values[0] == "tar.txt":
            values = (*values[:3], state.st_ctime_ns, values[4])
        return real(cls, *values)

    monkeypatch.setattr(corpus.FileState, "__new__", still)
    told = command.json("check", "--deep", code=1)
    assert told["findings"][0]["where"] == "tar.txt"


def test_errors_are_told_in_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "search_service", "search", "--index", os.fspath(tmp_path), "tar"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"there is no index in {tmp_path}: run the index command\n"


def test_control_characters_of_documents_do_not_reach_the_terminal() -> None:
    assert plain("A bell \x1b]0;x\x07 rang.\n\u202eback\tand forth") == (
        "A bell \ufffd]0;x\ufffd rang.\n\ufffdback and forth"
    )


def test_runs_are_remembered_even_if_they_fail(command: Command) -> None:
    for path in command.corpus.glob("*.txt"):
        path.unlink()
    with pytest.raises(SearchServiceError, match="--allow-empty"):
        command("index")
    last, first = runs.history(command.settings.state_folder)
    assert (first.outcome, last.outcome) == ("published", "run_refused")
    assert "--allow-empty" in last.message


def test_the_schedule_answers_requests_and_stops_when_told(command: Command) -> None:
    state = command.settings.state_folder
    with pytest.raises(SearchServiceError, match="no scheduler runs"):
        spool.ask(state)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "search_service", "schedule", "--every", "1h"),
            *("--index", os.fspath(command.index), "--corpus", os.fspath(command.corpus)),
        ],
    )
    try:
        deadline = time.monotonic() + 30
        while spool.scheduler(state) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        (command.corpus / "new.txt").write_text(KILIM + TAR, encoding="utf-8")
        name = spool.ask(state)
        while not any(f"request {name}" in run.why for run in runs.history(state)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
    assert spool.requests(state) == []
    assert spool.scheduler(state) is None
    assert command.json("show", "new.txt")["path"] == "new.txt"


def test_what_is_left_out_is_remembered(tmp_path: Path) -> None:
    command = Command(tmp_path)
    (command.corpus / "tar.txt").write_text(TAR, encoding="utf-8")
    (command.corpus / "..md").write_text(KILIM, encoding="utf-8")
    (command.corpus / "loop").symlink_to(command.corpus)
    command("index")
    (last,) = runs.history(command.settings.state_folder)
    assert [path for path, _ in last.left_out] == ["..md", "loop"]

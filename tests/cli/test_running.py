"""Commands that bring the index up to the folder, and what is remembered of a run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search_service import runs
from search_service.errors import SearchServiceError
from search_service.generations import Generations
from search_service.schedule import spool
from tests.articles import KILIM, TAR
from tests.cli.command import Command


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
        deadline = time.monotonic() + 60
        while spool.scheduler(state) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        (command.corpus / "new.txt").write_text(KILIM + TAR, encoding="utf-8")
        name = spool.ask(state)
        while not any(f"request {name}" in run.why for run in runs.history(state)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
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


@pytest.mark.parametrize("every", ["0s", "500ms"])
def test_an_interval_without_a_pause_is_refused(served: Command, every: str) -> None:
    """It would run the indexer without end."""
    with pytest.raises(SearchServiceError, match="use at least 1s"):
        served("schedule", "--every", every)

"""What all commands have in common."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from search_service import cli
from search_service.commands.options import plain


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

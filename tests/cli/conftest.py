"""An archive that no test changes, and one for each test that does."""

from pathlib import Path

import pytest

from tests.articles import KILIM, TAR
from tests.cli.command import Command


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that a laden machine does not get done in a second is no defect."""
    monkeypatch.setenv("SEARCH_SERVICE_QUERY_SECONDS", "60")


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

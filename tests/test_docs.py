"""Every example in the README and the docs is run, and every link between them leads somewhere.

A block fenced as `console` is a session at a prompt: each line that begins with `$ ` is run, and
the lines below it must be printed, in that order; `...` stands for anything. `make` is asked what
it would do, `curl` asks a server that the tests have started. A block fenced as `python`, `toml`
or `json` must be executable, loadable settings, or JSON. A block that names a file (`python sv.py`)
is part of a how-to, which has a test of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from search_service import settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
SERVER = "http://127.0.0.1:8000"
"""How the docs name the server that `make serve` starts."""
PATIENT = {"SEARCH_SERVICE_QUERY_SECONDS": "60"}
"""A query that a laden machine does not get done in a second is no defect."""


@dataclass(frozen=True)
class Example:
    """One fenced block of a page."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def examples(*kinds: str) -> list[Example]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in FENCE.finditer(text):
            if block[1] in kinds:
                line = text.count("\n", 0, block.start()) + 1
                found.append(Example(page, line, block[1], block[2]))
    return found


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample corpus and its index, as a reader of the README has it."""
    folder = tmp_path_factory.mktemp("workplace")
    shutil.copytree(ROOT / "corpus", folder / "corpus", ignore=shutil.ignore_patterns(".*"))
    shell("search-service index", folder)
    return folder


@pytest.fixture(scope="session")
def address(workplace: Path) -> Iterator[str]:
    """The address of a server over it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [command("search-service"), "serve", "--port", str(port), "--workers", "1"],
        cwd=workplace,
        env={**os.environ, **PATIENT},
        stderr=subprocess.PIPE,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.communicate(timeout=20)


def command(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def shell(line: str, folder: Path) -> str:
    """Run one line in a shell, with our commands first on its path."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, **PATIENT, "PATH": path, "NO_COLOR": "1", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}"
    return done.stdout


def expected(lines: list[str]) -> re.Pattern[str]:
    """What must be printed: `...` is anything, and space at line ends does not matter."""
    parts = [re.escape(line.strip()).replace(r"\.\.\.", ".*") for line in lines]
    return re.compile(r"[\s\S]*?".join(parts))


@pytest.mark.parametrize("example", examples("console"), ids=str)
def test_sessions_print_what_the_page_shows(
    example: Example, workplace: Path, address: str
) -> None:
    session = re.split(r"^\$ ", example.text, flags=re.MULTILINE)[1:]
    assert session, "a console block without a prompt shows nothing"
    for step in session:
        line, *output = step.replace("\\\n", " ").strip("\n").split("\n")
        if line.startswith("make "):
            shell(line.replace("make ", "make --dry-run "), ROOT)
            continue
        printed = shell(line.replace(SERVER, address), workplace).replace(address, SERVER)
        assert expected(output).search(printed), f"$ {line}\n{printed}"


@pytest.mark.parametrize("example", examples("python"), ids=str)
def test_python_runs(example: Example, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace)
    exec(compile(example.text, str(example), "exec"), {"__name__": "example"})


@pytest.mark.parametrize("example", examples("toml", "json"), ids=str)
def test_settings_load_and_json_parses(example: Example, tmp_path: Path) -> None:
    if example.kind == "json":
        json.loads(example.text)
        return
    file = tmp_path / "search-service.toml"
    file.write_text(example.text, encoding="utf-8")
    settings.load(file)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"

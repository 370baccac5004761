"""How soon a change in one file is found: `python -m tests.benchmarks.changes --files 20000`.

A folder of made-up documents is indexed and served; then one file after another is changed,
`search-service index` is started, and when it has published, the running server is asked until it
finds the new word.
Times are wall-clock seconds from the start of the command, as somebody who waits has them, and
processor seconds of the command, which tell how much of that was other work of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from tests.benchmarks.corpus import Corpus, synthetic

_FOLDERS = 100
_SENTENCE = 15
_PATIENCE = 60.0
UNCHANGED = 20
"""Runs that find nothing changed."""
_LOOK = 0.002
_POLL = 0.005
_COMMAND = (sys.executable, "-m", "search_service")


@dataclass
class Timed:
    """What one kind of run took, run by run, in seconds."""

    published: list[float] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, dict[str, float]]:
        """Median, 95th percentile and maximum of each."""
        return {
            name: {
                "p50": float(np.percentile(values, 50)),
                "p95": float(np.percentile(values, 95)),
                "max": max(values),
            }
            for name, values in vars(self).items()
            if values
        }


def fill(folder: Path, corpus: Corpus, files: int) -> int:
    """Write so many documents of a corpus; returns how many passages they have."""
    passages = 0
    texts: dict[int, list[str]] = {}
    for passage, document in enumerate(corpus.documents.tolist()):
        if document < files:
            texts.setdefault(document, []).append(_paragraph(corpus.tokens(passage)))
            passages += 1
    for document, paragraphs in texts.items():
        path = _path(folder, document)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(paragraphs), encoding="utf-8")
    return passages


def _path(folder: Path, document: int) -> Path:
    return folder / f"part{document % _FOLDERS:02d}" / f"document{document:06d}.txt"


def _paragraph(words: list[str]) -> str:
    sentences = [words[at : at + _SENTENCE] for at in range(0, len(words), _SENTENCE)]
    return " ".join(" ".join(each).capitalize() + "." for each in sentences)


class Server:
    """`search-service serve` over an index. Use it as a context manager."""

    def __init__(self, corpus: Path, index: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._address = f"http://127.0.0.1:{port}"
        folders = ("--corpus", os.fspath(corpus), "--index", os.fspath(index))
        self._process = subprocess.Popen(
            [*_COMMAND, "serve", *folders, "--port", str(port), "--workers", "1"],
            stderr=subprocess.DEVNULL,
            env=environment(),
        )

    def __enter__(self) -> Server:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self._address}/readyz"):
                    return self
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise TimeoutError("the server does not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def finds(self, word: str) -> bool:
        """Whether a document with this word is found now."""
        url = f"{self._address}/api/v1/search?q=%22{word}%22&limit=1"
        try:
            with urllib.request.urlopen(url) as answer:
                return bool(json.load(answer)["total"])
        except urllib.error.HTTPError as refused:
            if refused.code != 503:
                raise
            return False  # The machine is too busy: it is asked again.


def environment() -> dict[str, str]:
    """As a user has it: compiled modules are kept."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def index(corpus: Path, index_folder: Path) -> subprocess.Popen[bytes]:
    """Start a run."""
    return subprocess.Popen(
        [*_COMMAND, "index", "--corpus", os.fspath(corpus), "--index", os.fspath(index_folder)],
        stdout=subprocess.DEVNULL,
        env=environment(),
    )


def measure(
    corpus: Path, index_folder: Path, files: int, changes: int, seed: int
) -> dict[str, Timed]:
    """Change one file after another, and run a few times when nothing has changed."""
    rng = random.Random(seed)
    changed, unchanged = Timed(), Timed()
    with Server(corpus, index_folder) as server:
        server.finds("warm")
        for number in range(changes):
            # Not of the seed: in a folder that was kept, the last run's words are there already.
            word = f"zq{secrets.token_hex(6)}"
            with _path(corpus, rng.randrange(files)).open("a", encoding="utf-8") as file:
                file.write(f"\n\nThis was added last: {word}.")
            _one(corpus, index_folder, changed, partial(server.finds, word))
            if sys.stderr.isatty():
                print(f"\r{number + 1} of {changes}", end="", file=sys.stderr)
    time.sleep(2.5)  # File systems stamp changes coarsely: what is younger is read once more.
    index(corpus, index_folder).wait()
    for _ in range(UNCHANGED):
        _one(corpus, index_folder, unchanged, None)
    return {"one file changed": changed, "nothing changed": unchanged}


def _one(corpus: Path, index_folder: Path, timed: Timed, seen: Callable[[], bool] | None) -> None:
    """One run; where it changes something, until `seen`.

    The server is asked once the run has published, and not before: a question takes some
    milliseconds of a processor, so that asking all the time would slow what is measured by a third.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    live = _live(index_folder)
    began = time.monotonic()
    process = index(corpus, index_folder)
    if seen is not None:
        while _live(index_folder) == live and process.poll() is None:
            time.sleep(_LOOK)
        timed.published.append(time.monotonic() - began)
        while not seen():
            if time.monotonic() - began > _PATIENCE:
                raise RuntimeError("what has changed is not found")
            time.sleep(_POLL)
        timed.visible.append(time.monotonic() - began)
    if process.wait():
        raise RuntimeError(f"the run ended with {process.returncode}")
    timed.ended.append(time.monotonic() - began)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    timed.processor.append(used)


def _live(index_folder: Path) -> int:
    """Another number for each generation that was made live."""
    return (index_folder / "CURRENT").stat().st_ino


def table(measured: dict[str, Timed]) -> str:
    """As Markdown."""
    lines = ["| | | p50 s | p95 s | max s |", "|---|---|---|---|---|"]
    for kind, timed in measured.items():
        for name, figures in timed.figures().items():
            told = " | ".join(f"{figures[each]:.2f}" for each in ("p50", "p95", "max"))
            lines.append(f"| {kind} ({len(timed.ended)}) | {name} | {told} |")
    return "\n".join(lines)


def main() -> int:
    """Make the folder, unless it is there, index it, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20240501)
    parser.add_argument("--folder", type=Path, default=Path("benchmark-changes"))
    parser.add_argument("--json", type=Path, help="Write every single time here.")
    options = parser.parse_args()
    corpus, index_folder = options.folder / "corpus", options.folder / "index"
    if not corpus.exists():
        # A tenth more than is needed: documents have ten passages in the mean, not each.
        made = fill(corpus, synthetic(options.files * 11, options.seed), options.files)
        print(f"made {options.files:,} files with {made:,} paragraphs", file=sys.stderr)
    began = time.monotonic()
    if index(corpus, index_folder).wait():
        return 1
    print(f"indexed in {time.monotonic() - began:.0f} s", file=sys.stderr)
    measured = measure(corpus, index_folder, options.files, options.changes, options.seed)
    print(table(measured))
    if options.json:
        options.json.write_text(json.dumps({kind: vars(each) for kind, each in measured.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

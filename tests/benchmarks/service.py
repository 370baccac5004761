"""The service over a benchmark's index: how much memory it takes, how soon it first answers."""

from __future__ import annotations

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from search_service.engines.whoosh.engine import WhooshEngine
from search_service.generations import Generations
from search_service.indexer.publishing import Origin, publish
from search_service.indexer.register import Register
from tests.benchmarks.building import family

WORKERS = 3
_PATIENCE = 60.0
_PROPORTIONAL = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Served:
    """The service over an index of so many megabytes."""

    index: float
    """Megabytes of its files."""
    memory: float
    """Megabytes, proportional set size of master and workers after queries."""
    beside: float
    """Megabytes of that beside the index."""
    cold_wall: float
    """Seconds from the start of a process to its first answer: the median."""
    cold_cpu: float


def serve(generation: Path, folder: Path, queries: Sequence[str], cold: int) -> Served:
    """Publish what a benchmark has built, and ask it by the service's own commands."""
    index = _published(generation, folder)
    with _running(folder / "corpus", index) as (pid, port):
        with ThreadPoolExecutor(2 * WORKERS) as threads:
            list(threads.map(lambda text: _ask(port, text), queries))
        memory = sum(map(_proportional, family(pid)))
    walls, cpus = [], []
    for text in queries[:cold]:
        before, start = os.times(), time.monotonic()
        command = [sys.executable, "-m", "search_service", "search", text, "--index", str(index)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment())
        walls.append(time.monotonic() - start)
        cpus.append(sum(os.times()[2:4]) - sum(before[2:4]))
    held = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
    return Served(
        held / 1e6,
        memory / 1e6,
        (memory - held) / 1e6,
        statistics.median(walls),
        statistics.median(cpus),
    )


def _published(generation: Path, folder: Path) -> Path:
    """A service's index whose live generation has the segments of another folder."""
    index = folder / "index"
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir(parents=True)
    (folder / "corpus").mkdir(exist_ok=True)
    engine = WhooshEngine()
    generations = Generations(index)
    with generations.lock():
        directory = generations.begin()
        writer = engine.writer(directory, generation)
        origin = Origin(engine.name, engine.fingerprint(), "")
        publish(generations, directory, writer, Register({}), origin)
    return index


@contextmanager
def _running(corpus: Path, index: Path) -> Iterator[tuple[int, int]]:
    """The service with its workers; yields (process id of the master, port)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "search_service", "serve"]
    command += ["--corpus", str(corpus), "--index", str(index)]
    command += ["--port", str(port), "--workers", str(WORKERS)]
    process = subprocess.Popen(command, env=_environment(), stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _environment() -> dict[str, str]:
    """Modules are compiled once, as they are where the service is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _wait(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return _ask(port, "")
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _ask(port: int, text: str) -> None:
    with urlopen(f"http://127.0.0.1:{port}/?q={quote(text)}", timeout=_PATIENCE) as answer:
        answer.read()


def _proportional(pid: int) -> int:
    found = _PROPORTIONAL.search(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))
    return int(found[1]) << 10 if found else 0

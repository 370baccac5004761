"""Building in a process of its own: time, size, and the most memory it held."""

from __future__ import annotations

import re
import resource
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from tests.benchmarks.corpus import Corpus
from tests.benchmarks.engines.base import Timed, size

_FORK = get_context("fork")
_LOOK = 0.05
"""Seconds between two looks at a builder's memory."""
_PRIVATE = re.compile(r"^Private_Dirty:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Built:
    """What building took; a builder's own processes count with it."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of all its processes and threads."""
    megabytes: float
    """Of the index's files."""
    peak: float
    """Megabytes of memory that were its own, beside the corpus."""


def build(engine: Timed, corpus: Corpus, folder: Path) -> Built:
    """Build an index. Raises `RuntimeError` with what the process said when that fails."""
    corpus.write()
    folder.mkdir(parents=True)
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=_build, args=(engine, corpus, folder, theirs))
    process.start()
    theirs.close()
    answer = ours.recv()
    before = peak = 0
    if answer is None:
        before = peak = private_memory(process.pid or 0)
        while not ours.poll(_LOOK):
            peak = max(peak, private_memory(process.pid or 0))
        answer = ours.recv()
    process.join()
    wall, cpu, problem = answer
    if problem:
        raise RuntimeError(f"{engine.name} could not be built: {problem}")
    built = Built(wall, cpu, size(folder) / 1e6, (peak - before) / 1e6)
    print(f"built {engine.name}: {wall:.1f} s, CPU {cpu:.1f} s", file=sys.stderr)
    return built


def _build(engine: Timed, corpus: Corpus, folder: Path, pipe: Connection) -> None:
    try:
        engine.ready(corpus)
        pipe.send(None)
        start, used = time.monotonic(), _cpu()
        engine.build(corpus, folder)
        pipe.send((time.monotonic() - start, _cpu() - used, ""))
    except BaseException:  # noqa: BLE001 -- the parent raises it
        pipe.send((0.0, 0.0, traceback.format_exc()))


def _cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def private_memory(pid: int) -> int:
    """Bytes of memory that a process and its descendants have written and share with nobody."""
    total = 0
    for each in family(pid):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue  # it has ended
        found = _PRIVATE.search(text)
        total += int(found[1]) << 10 if found else 0
    return total


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for path in Path("/proc").glob(f"{pid}/task/*/children"):
        try:
            children = path.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))

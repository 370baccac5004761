"""What part of indexing identifying languages and analysing words is.

    python -m tests.benchmarks.analysis FOLDER

CPU seconds: of `index` with its workers, and of naming the language of each sentence and of
analysing each passage of the same files, in this process. A file that cannot be read is left out.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from search_service import formats
from search_service.corpus import scan
from search_service.errors import SearchServiceError
from search_service.formats.base import Source
from search_service.languages.analysis import analyser, undetermined
from search_service.languages.identify import Identifier
from search_service.model import Extract
from search_service.passages import cutting


class Timed:
    """An identifier that counts the seconds it takes."""

    def __init__(self) -> None:
        self.identifier = Identifier()
        self.seconds = 0.0

    def identify(
        self, texts: Sequence[str], blocks: Sequence[int], declared: Sequence[str | None]
    ) -> list[str]:
        """Name the languages of sentences."""
        began = time.process_time()
        found = self.identifier.identify(texts, blocks, declared)
        self.seconds += time.process_time() - began
        return found


def extracts(folder: Path) -> Iterator[Extract]:
    """What the readable files of a folder hold."""
    for path in scan(folder).files:
        try:
            read = formats.format_of(path).read
            yield from read(Source(path, (folder / path).read_bytes()))
        except (SearchServiceError, OSError):
            continue


def measured(folder: Path) -> tuple[float, float]:
    """CPU seconds of identification, and of analysis."""
    timed = Timed()
    analysis = 0.0
    for extract in extracts(folder):
        passages = cutting.cut(extract, timed.identify)
        held = tuple(dict.fromkeys(passage.language for passage in passages))
        began = time.process_time()
        for passage in passages:
            code = passage.language
            reads = undetermined(held) if code == "und" else analyser(code)
            for surface in set(reads.surfaces(extract.text[passage.start : passage.end])):
                reads.form(surface)
        analysis += time.process_time() - began
    return timed.seconds, analysis


def indexing(folder: Path) -> float:
    """CPU seconds of `index` from nothing, its workers included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as index:
        subprocess.run(
            [
                *(sys.executable, "-m", "search_service", "index"),
                *("--corpus", str(folder), "--index", index),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the seconds, and the part they are."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.analysis", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    identifying, analysing = measured(folder)
    whole = indexing(folder)
    print(f"index           {whole:8.2f} s of CPU")
    print(f"identification  {identifying:8.2f} s  {identifying / whole:6.1%}")
    print(f"analysis        {analysing:8.2f} s  {analysing / whole:6.1%}")


if __name__ == "__main__":
    main()

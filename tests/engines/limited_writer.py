"""A writer in a process of its own that may not use more memory than it is told to keep to.

`python -m tests.engines.limited_writer PREPARED MEMORY MORE`: prepared documents with the length of
each before it, or a number of made-up passages; what the writer is told in bytes, and what the
process may have beyond that. Prints how many segments were written, and how many merging left.
"""

from __future__ import annotations

import struct
import sys
from multiprocessing import Process
from pathlib import Path
from tempfile import TemporaryDirectory

from search_service.engines.whoosh.writing.writer import WhooshWriter
from search_service.indexer.workers import limit_memory
from tests.benchmarks.corpus import synthetic
from tests.benchmarks.documents import Counting

LENGTH = struct.Struct("<Q")


def write_prepared(path: Path, passages: int) -> None:
    """Made-up passages of words with four keys each."""
    corpus = synthetic(passages, 1)
    prepare = Counting(corpus, keys=("en:", "und:"))
    with path.open("wb") as file:
        for number in range(corpus.document_count):
            prepared = prepare(number)
            file.write(LENGTH.pack(len(prepared)) + prepared)


def main() -> None:
    given, memory, more = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with TemporaryDirectory() as folder:
        path = Path(folder, "prepared") if given.isdecimal() else Path(given)
        if given.isdecimal():
            # In a process of its own: what this one once had, it could have again unnoticed.
            writer = Process(target=write_prepared, args=(path, int(given)))
            writer.start()
            writer.join()
        _write(path, memory, more)


def _write(path: Path, memory: int, more: int) -> None:
    with TemporaryDirectory() as folder, path.open("rb") as file:
        writer = WhooshWriter(Path(folder), None, memory=memory)
        limit_memory(memory + more)
        while head := file.read(LENGTH.size):
            writer.add(file.read(LENGTH.unpack(head)[0]))
        built = len(list(Path(folder).iterdir())) // 2
        print(built, writer.commit(merge_large=True)["segments"])


if __name__ == "__main__":
    main()

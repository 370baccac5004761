"""A writer in a process of its own that may not use more memory than it is told to keep to.

`python -m tests.engines.limited_writer PREPARED MEMORY MORE`: prepared documents with the length of
each before it, what the writer is told in bytes, and what the process may have beyond that.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from search_service.engines.whoosh.writing.writer import WhooshWriter
from search_service.indexer.workers import limit_memory

LENGTH = struct.Struct("<Q")


def main() -> None:
    path, memory, more = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with TemporaryDirectory() as folder, path.open("rb") as file:
        writer = WhooshWriter(Path(folder), None, memory=memory)
        limit_memory(memory + more)
        while head := file.read(LENGTH.size):
            writer.add(file.read(LENGTH.unpack(head)[0]))
        built = len(list(Path(folder).iterdir())) // 2
        print(built, writer.commit(merge_large=True)["segments"])


if __name__ == "__main__":
    main()

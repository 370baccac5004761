"""Files that look different but hold what they held: remembered beside the generation.

Checking out a folder anew stamps every file. Nothing that is searched changes by that, so nothing
is published, and yet the next run should not read them all once more.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import orjson

from search_service.corpus import FileState
from search_service.durable import write_file
from search_service.indexer.register import Register

FILE = "touched.json"


def apply(register: Register, generation: str, state: Path) -> None:
    """Bring the register of a generation up to how its files looked last.

    The file is a cache: if it is missing or damaged, files are read that need not be.
    """
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = orjson.loads((state / FILE).read_bytes())
        if kept["generation"] == generation:
            for path, (stamps, settled) in kept["files"].items():
                if path in register.rows:
                    register.look(FileState(path, *stamps), settled=settled)


def save(register: Register, generation: str, state: Path, paths: set[str]) -> None:
    """Remember how these files look now, along with those that are remembered already."""
    files = {}
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = orjson.loads((state / FILE).read_bytes())
        if kept["generation"] == generation:
            files = {path: look for path, look in kept["files"].items() if path in register.rows}
    for path in paths:
        files[path] = register.rows[path][:2]
    state.mkdir(parents=True, exist_ok=True)
    write_file(state / FILE, [orjson.dumps({"generation": generation, "files": files})])


def clear(state: Path) -> None:
    """Forget all of it."""
    (state / FILE).unlink(missing_ok=True)

"""What an index depends on beside its documents: another fingerprint means another index."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import orjson

from search_service.durable import write_file
from search_service.settings import Settings

_CACHE = "fingerprint.json"
_HERE = Path(__file__).parents[1]
_READING = ("dates", "metadata", "model", "schema", "formats/*", "passages/*", "indexer/reading")
"""The modules that decide what is read from a file and how it is cut. Their very text counts, so
that no change can be forgotten; one that changes only a comment costs a rebuild."""


def fingerprint(settings: Settings) -> str:
    """Of what reads files, of the languages expected, and of the engine (its own `fingerprint`).

    Asking the engine takes half a second of imports, so the answer is kept in the state folder as
    long as no file of the program looks different.
    """
    signature = _signature(settings)
    cache = settings.state_folder / _CACHE
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = orjson.loads(cache.read_bytes())
        if kept["signature"] == signature:
            return str(kept["fingerprint"])
    from search_service import engines

    digest = hashlib.sha256(engines.get(settings.engine).fingerprint().encode())
    digest.update(repr(settings.languages).encode())
    for path in _sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    found = digest.hexdigest()[:32]
    with suppress(OSError):  # A folder that cannot be written costs the half second again.
        cache.parent.mkdir(parents=True, exist_ok=True)
        write_file(cache, [orjson.dumps({"signature": signature, "fingerprint": found})])
    return found


def _signature(settings: Settings) -> str:
    """How the files of the program look, and the folder that its libraries are installed in."""
    digest = hashlib.sha256(repr((settings.engine, settings.languages)).encode())
    libraries = Path(orjson.__file__).parents[1].stat()
    digest.update(repr((libraries.st_ino, libraries.st_mtime_ns)).encode())
    folders = [os.fspath(_HERE)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.startswith("__pycache__"):
                    continue
                if entry.is_dir():
                    folders.append(entry.path)
                else:
                    status = entry.stat()
                    digest.update(f"{entry.path} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for pattern in _READING:
        found = sorted(_HERE.glob(f"{pattern}.py"))
        if not found:
            raise LookupError(f"there is no module {pattern}: correct versions.py")
        yield from found

"""What an index depends on beside its documents: another fingerprint means another index."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from search_service.schema import SCHEMA_VERSION
from search_service.settings import Settings

_READING = (
    "anchors", "clauses", "dates", "metadata", "near", "packing", "passages", "reading", "units",
    "formats/*", "languages/identify*",
)  # fmt: skip
"""The modules that decide what is read from a file and how it is cut. Their very text counts, so
that no change can be forgotten; one that changes only a comment costs a rebuild."""


def fingerprint(settings: Settings, engine: str) -> str:
    """Of the schema, of what reads files, of the languages expected, and of the engine (its own
    `fingerprint`)."""
    digest = hashlib.sha256(f"{SCHEMA_VERSION}\0{settings.languages}\0{engine}".encode())
    for path in _sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def _sources() -> Iterator[Path]:
    here = Path(__file__).parent
    for pattern in _READING:
        found = sorted(here.glob(f"{pattern}.py"))
        if not found:
            raise LookupError(f"there is no module {pattern}: correct versions.py")
        yield from found

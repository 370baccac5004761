"""What a generation is made of: the size and hash of every file, under a seal.

The hashes are computed while the files are written, and carried forward with files that
generations share, so that damage to a file can not bless itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from search_service.durable import hash_file
from search_service.errors import IndexDamaged

MANIFEST = "manifest.json"

ALONE = "alone"
"""In the `state` of a generation: none from before it may be kept, for it left something out."""

SMALL = 1 << 18
"""Files up to this size in bytes are hashed whenever a generation is opened. Larger ones, which
hold postings and text, are hashed in the background and by `check`."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of. Its `seal` proves that it is as it was written."""

    generation: str
    made: str
    """When, in ISO 8601, UTC."""
    engine: str
    fingerprint: str
    """Of the schema, of the analysers and of what reads files: another one asks for a rebuild."""
    corrections: str
    """SHA-256 of the owner's `metadata.csv`; empty where there is none."""
    files: Mapping[str, tuple[int, str]]
    """Path within the generation -> (size in bytes, SHA-256)."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """What else the engine told when it had written them."""

    @property
    def seal(self) -> str:
        """The SHA-256 of all the rest."""
        return _seal(self._body())

    @property
    def pointer(self) -> bytes:
        """What `CURRENT` says of it: with the seal, a flipped bit can not name another one."""
        return f"{self.generation} {self.seal[:16]}\n".encode()

    def dump(self) -> bytes:
        """As JSON with its seal."""
        return orjson.dumps(self._body() | {"seal": self.seal}, option=orjson.OPT_INDENT_2)

    def _body(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def parse(data: bytes) -> Manifest:
        """Read what `dump` wrote. Raises `ValueError` for anything else."""
        body = orjson.loads(data)
        if not isinstance(body, dict) or body.pop("seal", None) != _seal(body):
            raise ValueError("its seal is broken")
        files = {name: (size, digest) for name, (size, digest) in body.pop("files").items()}
        return Manifest(files=files, **body)

    @staticmethod
    def read(folder: Path) -> Manifest:
        """The manifest of the generation in `folder`. Raises `IndexDamaged`."""
        path = folder / MANIFEST
        try:
            manifest = Manifest.parse(path.read_bytes())
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise IndexDamaged(f"{path} is damaged ({problem}): run the index command") from None
        if manifest.generation != folder.name:
            raise IndexDamaged(f"{path} is of another generation: run the index command")
        return manifest

    def damages(self, folder: Path, *, bulk: bool) -> dict[str, str]:
        """Every file that is not what it was written as, with what is wrong, in words.

        Large files are hashed if `bulk`; otherwise their sizes alone are compared.
        """
        found = {}
        for name, (size, digest) in self.files.items():
            path = folder / name
            try:
                actual = path.stat().st_size
                if actual != size:
                    found[name] = f"{path} has {actual} bytes instead of {size}"
                elif (bulk or size <= SMALL) and hash_file(path) != (size, digest):
                    found[name] = f"{path} has changed since it was written"
            except (OSError, IndexDamaged) as problem:
                found[name] = f"{path} cannot be read ({problem})"
        return found


def _seal(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()

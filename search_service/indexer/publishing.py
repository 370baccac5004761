"""The last step of everything that writes: a writer's files become the live generation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from search_service.durable import write_file
from search_service.generations import Generations
from search_service.indexer.register import FILE, Register
from search_service.manifest import ALONE, Manifest

if TYPE_CHECKING:
    from search_service.engines.base import Writer


@dataclass(frozen=True, slots=True)
class Origin:
    """What a generation was made by; the same for all that go on from it."""

    engine: str
    fingerprint: str
    corrections: str


def publish(
    generations: Generations,
    directory: Path,
    writer: Writer,
    register: Register,
    origin: Origin,
    *,
    merge_large: bool = False,
    purge: bool = False,
    keep: str = "",
    accept: Callable[[], None] = lambda: None,
) -> Mapping[str, object]:
    """Commit what `writer` has written into `directory`, and make it live.

    `accept` looks at what is committed, and raises `RunRefused` if it must not be live.

    Returns what the engine told. Of the others the generation `keep` stays, to fall back on.
    Raises `OSError` when the disk is full; then nothing has changed.
    """
    state = dict(writer.commit(merge_large=merge_large, purge=purge))
    accept()
    files = cast("dict[str, tuple[int, str]]", state.pop("files"))
    manifest = Manifest(
        generation=directory.name,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=origin.engine,
        fingerprint=origin.fingerprint,
        corrections=origin.corrections,
        files=files | {FILE: write_file(directory / FILE, [register.dump()])},
        # What was withdrawn is still in what was there before.
        state=state | {ALONE: True} if purge else state,
    )
    generations.publish(manifest, keep=keep)
    return state

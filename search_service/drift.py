"""What a run would change: the difference between folder and index, and when it was looked at.

Looking takes a walk through the folder, and the indexer, which the pages may not import. So it is
made by those who may (`schedule.comparing`, once a minute in the scheduler; after each run it is
known anyway) and kept in `<state>/drift.json`, from where the pages read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from search_service.durable import write_file

FILE = "drift.json"
NAMED = 100
"""So many paths of each kind are named."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What a run would change now; each list is cut at `NAMED`, `counts` has the whole."""

    looked: str
    """When the folder was looked through, in ISO 8601, UTC."""
    new: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]
    failing: tuple[tuple[str, str], ...]
    """(path, reason) of what is not searchable as it is."""
    counts: dict[str, int]
    rebuild: str
    """Why a run would read everything anew; empty where it would not."""
    damage: str
    """What a run would put right in the index; empty where nothing is wrong."""

    @property
    def none(self) -> bool:
        """Whether a run would change nothing."""
        return not (self.rebuild or self.damage) and not any(
            self.counts[name] for name in ("new", "changed", "renamed", "gone")
        )


def made(
    *,
    new: Sequence[str] = (),
    changed: Sequence[str] = (),
    renamed: Sequence[tuple[str, str]] = (),
    gone: Sequence[str] = (),
    failing: Sequence[tuple[str, str]] = (),
    rebuild: str = "",
    damage: str = "",
) -> Drift:
    """The drift as it is now. With `failing` alone, as it is after a run."""
    return Drift(
        looked=datetime.now(UTC).isoformat(timespec="seconds"),
        new=tuple(new[:NAMED]),
        changed=tuple(changed[:NAMED]),
        renamed=tuple(renamed[:NAMED]),
        gone=tuple(gone[:NAMED]),
        failing=tuple((path, reason) for path, reason in failing[:NAMED]),
        counts={
            "new": len(new),
            "changed": len(changed),
            "renamed": len(renamed),
            "gone": len(gone),
            "failing": len(failing),
        },
        rebuild=rebuild,
        damage=damage,
    )


def keep(state: Path, drift: Drift) -> None:
    """Let the pages tell of it. A state folder that cannot be written is no error."""
    with suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
        write_file(state / FILE, [orjson.dumps(asdict(drift))])


def clear(state: Path) -> None:
    """Forget it: it may name a document that was withdrawn."""
    (state / FILE).unlink(missing_ok=True)


def kept(state: Path) -> Drift | None:
    """What was kept last, if anything was."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        values: dict[str, Any] = orjson.loads((state / FILE).read_bytes())
        for name in ("new", "changed", "gone"):
            values[name] = tuple(values[name])
        for name in ("renamed", "failing"):
            values[name] = tuple((one, other) for one, other in values[name])
        return Drift(**values)
    return None

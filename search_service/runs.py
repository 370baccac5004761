"""The record of runs: when, why, how long, what changed, what failed.

`<state>/runs.jsonl` has one line a run, the last few hundred of them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from search_service.durable import write_file

FILE = "runs.jsonl"
KEPT = 300


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run, as it is remembered."""

    started: str
    """In ISO 8601, UTC."""
    why: tuple[str, ...]
    """What asked for it: "every 15m", "a change in the folder", a request's id."""
    seconds: float
    outcome: str
    """`published`, `unchanged`, or the code of the error."""
    message: str = ""
    """The error, in words."""
    generation: str = ""
    new: int = 0
    changed: int = 0
    renamed: int = 0
    gone: int = 0
    documents: int = 0
    left_out: tuple[tuple[str, str], ...] = ()
    """(path, reason) of the first of them."""
    left_out_count: int = 0
    errors: tuple[str, ...] = field(default=())


def append(state: Path, record: RunRecord) -> None:
    """Remember a run."""
    lines = [*_lines(state), orjson.dumps(asdict(record))][-KEPT:]
    state.mkdir(parents=True, exist_ok=True)
    write_file(state / FILE, [line + b"\n" for line in lines])


def history(state: Path) -> list[RunRecord]:
    """The runs, the last one first. A damaged line is passed over: nothing depends on it."""
    found = []
    for line in reversed(_lines(state)):
        with suppress(ValueError, TypeError, KeyError):
            values: dict[str, Any] = orjson.loads(line)
            for name in ("why", "errors"):
                values[name] = tuple(values[name])
            values["left_out"] = tuple((path, reason) for path, reason in values["left_out"])
            if datetime.fromisoformat(values["started"]).tzinfo:
                found.append(RunRecord(**values))
    return found


def redact(state: Path, names: set[str]) -> None:
    """Leave out of every record what names these paths: they were withdrawn."""
    if not (state / FILE).exists():
        return
    kept = []
    for record in reversed(history(state)):
        values = asdict(record)
        values["left_out"] = [each for each in record.left_out if each[0] not in names]
        values["errors"] = [
            error for error in record.errors if not any(name in error for name in names)
        ]
        kept.append(orjson.dumps(values) + b"\n")
    write_file(state / FILE, kept)


def _lines(state: Path) -> list[bytes]:
    try:
        return (state / FILE).read_bytes().splitlines()
    except OSError:
        return []

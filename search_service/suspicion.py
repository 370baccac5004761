"""A note that something of the index is damaged, left by those who may not mend it.

A run looks at the small files of the live generation alone, for hashing all of an index at every
run would take longer than the run. The pages hash everything once in the background, `check`
whenever it is called: what they find is noted in the state folder, and the next run looks for
itself. The note is only a reason to look; nothing that it says is believed.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from search_service.durable import write_file

FILE = "suspicion"


def note(state: Path, reasons: Iterable[str]) -> None:
    """Let the next run verify every file. A state folder that cannot be written is no error."""
    with suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
        write_file(state / FILE, [reason.encode() + b"\n" for reason in reasons])


def noted(state: Path) -> int:
    """When somebody has found something, as a time stamp; 0 where nobody has."""
    try:
        return (state / FILE).stat().st_mtime_ns
    except OSError:
        return 0


def clear(state: Path) -> None:
    """A run has looked."""
    (state / FILE).unlink(missing_ok=True)

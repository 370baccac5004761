"""Does a run and remembers it, also if it fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from search_service.errors import IndexLocked, SearchServiceError
from search_service.indexer.report import Report
from search_service.runs import RunRecord, append
from search_service.settings import Settings

NAMED = 50
"""So many files that were left out are named in a record."""


def recorded(settings: Settings, why: tuple[str, ...], run: Callable[[], Report]) -> Report:
    """Do a run and remember it, also if it fails. Raises what it raises.

    That another run is at work is not remembered: nothing happened.
    """
    began, started = monotonic(), datetime.now(UTC)
    outcome, message, report = "", "", None
    try:
        report = run()
        outcome = "published" if report.published else "unchanged"
    except IndexLocked:
        raise
    except SearchServiceError as problem:
        outcome, message = problem.code, str(problem)
        raise
    except BaseException as problem:
        outcome, message = "interrupted", f"{type(problem).__name__}: {problem}"
        raise
    finally:
        if outcome:
            stamp = started.isoformat(timespec="seconds")
            seconds = round(monotonic() - began, 3)
            record = RunRecord(stamp, why, seconds, outcome, message, **_told(report))
            with suppress(OSError):  # A full disk has been told already.
                append(settings.state_folder, record)
    return report


def _told(report: Report | None) -> dict[str, Any]:
    if report is None:
        return {}
    return {
        "generation": report.generation,
        "new": report.new,
        "changed": report.changed,
        "renamed": report.renamed,
        "gone": report.gone,
        "documents": report.documents,
        # JSON takes no named tuples.
        "left_out": tuple((path, reason) for path, reason in report.left_out[:NAMED]),
        "left_out_count": len(report.left_out),
        "errors": report.errors,
    }

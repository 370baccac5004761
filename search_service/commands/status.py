"""`search-service status`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from search_service.commands.options import as_json, plain, print_json, settings_options
from search_service.settings import Settings

if TYPE_CHECKING:
    from search_service.drift import Drift
    from search_service.schedule.overview import Overview

_SHOWN = 10


@click.command(name="status")
@settings_options("corpus", "index", "state")
@as_json
def command(settings: Settings, as_json: bool) -> None:
    """Show what is live, and what has changed in the folder since."""
    from search_service.engines.whoosh.evaluation.kernel import chosen_kernel
    from search_service.schedule import overview
    from search_service.schedule.comparing import compare

    now = overview.look(settings)
    kernel = chosen_kernel()
    drift = compare(settings)
    if as_json:
        print_json(asdict(now) | {"kernel": kernel, "drift": asdict(drift)})
        return
    for line in (
        *_live(now),
        f"Words are looked up by the {kernel} kernel.",
        *_working(now),
        *_drift(now, drift),
    ):
        click.echo(plain(line))


def _live(now: Overview) -> Iterator[str]:
    if now.generation:
        yield (
            f"Generation {now.generation} of {now.made} is live: {now.documents:,} documents, "
            f"{now.passages:,} passages."
        )
        yield f"Kept besides: {', '.join(now.previous) or 'none'}."
    for reason in now.degraded:
        yield f"Degraded: {reason}"


def _working(now: Overview) -> Iterator[str]:
    if last := now.last:
        told = f": {last.message}" if last.message else ""
        why = ", ".join(last.why)
        yield f"Last run: {last.started}, {why}, {last.seconds:.1f} s: {last.outcome}{told}"
    if now.scheduler:
        following = f", next at {now.scheduler.next}" if now.scheduler.next else ""
        doing = "a run is under way" if now.scheduler.running else "waiting"
        when = ", ".join(now.scheduler.when)
        yield f"Scheduler (process {now.scheduler.pid}): {when}{following}; {doing}."
    else:
        yield "No scheduler runs."
    if number := len(now.requests):
        yield "1 request for a run waits." if number == 1 else f"{number} requests for a run wait."


def _drift(now: Overview, drift: Drift) -> Iterator[str]:
    if drift.rebuild and now.generation:
        yield f"The next run reads everything anew: {drift.rebuild}."
    if drift.none:
        yield "The index is what the folder is."
    for name, number in drift.counts.items():
        if not number:
            continue
        yield f"{number:,} {name}:"
        for row in getattr(drift, name)[:_SHOWN]:
            yield f"  {row if isinstance(row, str) else ': '.join(row)}"
        if number > _SHOWN:
            yield f"  and {number - _SHOWN:,} more"

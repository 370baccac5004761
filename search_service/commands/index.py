"""`search-service index`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from search_service.commands.options import as_json, plain, print_json, settings_options
from search_service.indexer.report import Report
from search_service.settings import Settings

_EVERY = 60.0
"""Seconds between two lines in a log."""


@click.command(name="index")
@settings_options(
    "corpus",
    "index",
    "languages",
    "file_seconds",
    "file_memory",
    "index_memory",
    "index_processes",
)
@click.option("--full", is_flag=True, help="Read every file anew.")
@click.option(
    "--allow-empty", is_flag=True, help="Remove what is searchable if the folder is empty."
)
@click.option(
    "--if-needed",
    is_flag=True,
    help="Say nothing if nothing has changed, or if another run is at work: for timers.",
)
@as_json
def command(
    settings: Settings, full: bool, allow_empty: bool, if_needed: bool, as_json: bool
) -> None:
    """Bring the index up to the folder of documents.

    Files that have not changed are not read again. The new state is published all at once; until
    then the old one answers, and if the run is interrupted it stays.
    """
    from search_service import drift
    from search_service.errors import IndexLocked
    from search_service.indexer import recording, running

    def run() -> Report:
        with _progress() as progress:
            return running.run(settings, full=full, allow_empty=allow_empty, progress=progress)

    why = "a timer" if if_needed else "the command line"
    try:
        report = recording.recorded(settings, (why,), run)
        drift.keep(settings.state_folder, drift.made(failing=report.left_out))
    except IndexLocked:
        if if_needed:
            return
        raise
    if if_needed and not report.published:
        return
    if as_json:
        print_json(report.as_json())
    else:
        for line in report.lines():
            click.echo(plain(line))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, and a line a minute in a log."""
    if sys.stderr.isatty():
        with click.progressbar(length=1, label="Reading files", file=sys.stderr) as bar:

            def show(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            yield show
    else:
        last = time.monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last >= _EVERY:
                last = time.monotonic()
                click.echo(f"{done:,} of {total:,} files are read", err=True)

        yield tell

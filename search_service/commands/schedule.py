"""`search-service schedule`."""

from __future__ import annotations

import signal

import click

from search_service.commands.options import settings_options
from search_service.errors import InvalidValue
from search_service.settings import Settings


@click.command(name="schedule")
@settings_options("corpus", "index", "state", "languages", "index_processes")
@click.option("--every", metavar="TIME", help="Run again after so long, as in 15m.")
@click.option("--cron", metavar="LINE", help="Run by a crontab line, as in '*/15 * * * *'.")
@click.option("--timezone", metavar="ZONE", help="The time zone of --cron, as in Asia/Baku.")
@click.option("--watch", is_flag=True, help="Run soon after something in the folder changes.")
@click.option("--parent", type=int, hidden=True, help="End when this process has ended.")
def command(
    settings: Settings,
    every: str | None,
    cron: str | None,
    timezone: str | None,
    watch: bool,
    parent: int | None,
) -> None:
    """Index again and again, until interrupted.

    Requests that come over HTTP are answered too. Runs that were missed are caught up by one, and
    what comes due during a run is done by one more.
    """
    from search_service.schedule.scheduling import Cron, Every, Schedule, Times, compare, index
    from search_service.settings import interval

    if every and cron:
        raise InvalidValue("--every", every, "give either --every or --cron")
    if timezone and not cron:
        raise InvalidValue("--timezone", timezone, "it belongs to --cron")
    times: Times | None = None
    if every:
        times = Every(interval("--every", every))
    elif cron:
        times = Cron(cron, timezone)
    schedule = Schedule(settings, times, index, lambda line: click.echo(line, err=True), compare)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, schedule.stop)
    schedule.run(watch=watch, parent=parent)

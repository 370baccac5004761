"""`search-service rollback`."""

from __future__ import annotations

import click

from search_service.commands.options import settings_options
from search_service.settings import Settings


@click.command(name="rollback")
@settings_options("index")
def command(settings: Settings) -> None:
    """Go back to the generation before.

    The next run brings the index up to the folder again: stop the schedule first, and correct what
    went wrong.
    """
    from search_service.indexer.withdrawing import rollback

    click.echo(f"Generation {rollback(settings)} is live again.")

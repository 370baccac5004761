"""`search-service purge`."""

from __future__ import annotations

import click

from search_service.commands.options import settings_options
from search_service.settings import Settings


@click.command(name="purge")
@settings_options("corpus", "index", "state")
def command(settings: Settings) -> None:
    """Leave nothing of what was removed.

    The index is written anew without the text of deleted documents, and the generation before is
    removed, so that there is nothing to roll back to.
    """
    from search_service.indexer.withdrawing import purge

    click.echo(f"Generation {purge(settings)} is live, no other is kept.")

"""`search-service forget`."""

from __future__ import annotations

import click

from search_service.commands.options import plain, settings_options
from search_service.settings import Settings


@click.command(name="forget")
@click.argument("document")
@settings_options("corpus", "index", "state")
def command(settings: Settings, document: str) -> None:
    """Remove a document for good. DOCUMENT is its id.

    Its text is removed from every generation that is kept. Its id stays as a tombstone: its link
    says that it is gone, and the next run leaves the document out even if its file is still there.
    """
    from search_service.indexer.withdrawing import forget

    path, generation = forget(settings, document)
    click.echo(f"{document} is forgotten: generation {generation} is live, no other is kept.")
    if path and (settings.corpus / path).exists():
        click.echo(f"Its file is left where it is: remove {plain(str(settings.corpus / path))}")

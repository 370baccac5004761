"""`search-service serve`."""

from __future__ import annotations

import click

from search_service.commands.options import settings_options
from search_service.settings import Settings


@click.command(name="serve")
@settings_options(
    "corpus",
    "index",
    "host",
    "port",
    "workers",
    "threads",
    "proxies",
    "public_url",
    "path_prefix",
    "originals",
    "public",
    "archive_name",
    "reindex_every",
)
def command(settings: Settings) -> None:
    """Serve the pages and the JSON endpoint."""
    from search_service.serving import serve

    serve(settings)

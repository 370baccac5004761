"""`search-service metadata`."""

from __future__ import annotations

import click

from search_service.commands.options import as_json, print_json, settings_options
from search_service.settings import Settings


@click.command(name="metadata")
@settings_options("index")
@click.option("--missing", is_flag=True, help="Only documents without a title or a date.")
@as_json
def command(settings: Settings, missing: bool, as_json: bool) -> None:
    """List what is known of each document, as a table to correct.

    Complete it, and save it as `metadata.csv` in the folder of documents: the next run takes what
    it says in place of what was found.
    """
    from search_service.commands.opened import searcher
    from search_service.metadata import lacks, write_table

    with searcher(settings) as (_, searching):
        found = [
            document
            for document in searching.reader.summaries()
            if not missing or lacks(document.metadata)
        ]
    if as_json:
        from search_service.web.answers import metadata_of

        print_json(
            [
                {
                    "id": document.id,
                    "path": document.path,
                    "key": document.key,
                    "missing": lacks(document.metadata),
                    "metadata": {
                        name: value.model_dump(mode="json")
                        for name, value in metadata_of(document).items()
                    },
                }
                for document in found
            ]
        )
        return
    for line in write_table((each.path, each.key, each.metadata) for each in found):
        click.echo(line, nl=False)

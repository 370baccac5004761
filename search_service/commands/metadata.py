"""`search-service metadata`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from search_service.commands.options import as_json, print_json, settings_options
from search_service.errors import InvalidValue
from search_service.settings import Settings


@click.command(name="metadata")
@settings_options("corpus", "index")
@click.option("--missing", is_flag=True, help="Only documents without a title or a date.")
@click.option("--write", is_flag=True, help="Update `metadata.csv` beside the documents.")
@as_json
def command(settings: Settings, missing: bool, write: bool, as_json: bool) -> None:
    """List what is known of each document, as a table to correct.

    Whatever `metadata.csv` in the folder of documents says already stays in it as it is, with rows
    and columns of your own. Use --write to update that file: a shell that redirects to it empties
    it first. Complete it, and the next run takes what it says in place of what was found; a cell
    that is emptied follows the document again.
    """
    from search_service.commands.opened import searcher
    from search_service.durable import write_file
    from search_service.metadata import OVERRIDES_FILE, Overrides, lacks

    file = (settings.corpus / OVERRIDES_FILE).resolve()
    _refuse_redirection(file)
    with searcher(settings) as (_, searching):
        found = [
            document
            for document in searching.reader.summaries()
            if not missing or lacks(document.metadata)
        ]
    documents = ((each.path, each.key, each.metadata) for each in found)
    if write:
        lines = [line.encode() for line in Overrides.load(settings.corpus).table(documents)]
        try:
            mode = file.stat().st_mode if file.exists() else None
            write_file(file, lines)
            if mode is not None:
                file.chmod(mode & 0o7777)
        except OSError as problem:
            raise InvalidValue(
                "--write",
                str(file),
                f"it cannot be written ({problem.strerror}); leave --write out to print the table",
            ) from None
        click.echo(f"{file} has what is known of {len(found):,} documents.", err=True)
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
    elif not write:
        for line in Overrides.load(settings.corpus).table(documents):
            click.echo(line, nl=False)


def _refuse_redirection(file: Path) -> None:
    """Raises `InvalidValue` where standard output is the very file that is to be kept."""
    with suppress(OSError, ValueError):  # there is no such file, or no file behind the output
        if os.path.samestat(os.fstat(sys.stdout.fileno()), file.stat()):
            raise InvalidValue(
                "standard output",
                str(file),
                "the shell has emptied it by now: restore it, and use --write instead",
            )

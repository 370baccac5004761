"""The `search-service` command. A subcommand is one file of `commands`, and a line of `COMMANDS`.

Its file is imported when it is called for, so that a run which finds nothing changed is over
before what reads and searches would be imported.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

from search_service import __version__
from search_service.errors import SearchServiceError

COMMANDS = {
    "index": "Bring the index up to the folder of documents.",
    "search": "Search, and show what was found.",
    "show": "Show a document with its passages.",
    "serve": "Serve the pages and the JSON endpoint.",
    "status": "Show what is live, and what has changed in the folder since.",
    "metadata": "List what is known of each document, as a table to correct.",
    "explain": "Explain how a query or a file is read.",
    "forget": "Remove a document for good.",
    "check": "Verify the index.",
    "rollback": "Go back to the generation before.",
    "purge": "Leave nothing of what was removed.",
    "schedule": "Index again and again.",
    "evaluate": "Measure the ranking on judged queries.",
}
"""Name -> what it does. Its `command` is in the file of this name."""

_OBJECTS = 50_000
"""So many are made between two looks for garbage."""


class _Commands(click.Group):
    """Subcommands by the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"search_service.commands.{cmd_name}").command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="search-service")
def group() -> None:
    """Passage search over a folder of documents."""


def main() -> None:
    """The entry point: errors made on purpose are told in a sentence, with exit code 1."""
    # NumPy's linear algebra, of which nothing is used, would start a thread that takes a tenth of
    # a second of another processor: where it is imported, another process is at work there.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is imported stays: looking through it for garbage every 700 objects, as Python does
    # unless it is told otherwise, takes a tenth of a start.
    gc.set_threshold(_OBJECTS)
    try:
        group(prog_name="search-service")
    except SearchServiceError as problem:
        click.echo(f"{problem}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output (`| head`) has gone; what is left to flush has no one to go to.
        sys.stderr.close()
        sys.exit(1)

"""`search-service evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from search_service.commands.options import as_json, print_json, settings_options
from search_service.settings import Settings


@click.command(name="evaluate")
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False)
)
@settings_options("index", "engine", "languages")
@click.option("--together", is_flag=True, help="Put all folders into one index.")
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Compare with what an earlier run has printed with --json.",
)
@as_json
def command(
    settings: Settings,
    folders: tuple[Path, ...],
    together: bool,
    against: Path | None,
    as_json: bool,
) -> None:
    """Measure the ranking on judged queries: nDCG@10, MRR@10, recall@100.

    FOLDERS are in BEIR's layout: corpus.jsonl, queries.jsonl and qrels.tsv.
    """
    from search_service.evaluate import evaluate
    from search_service.indexer.reading import identifier

    report = evaluate(
        folders,
        together=together,
        against=against,
        engine=settings.engine,
        identifier=identifier(settings.languages),
        progress=lambda name: click.echo(f"measuring {name}", err=True),
    )
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(report.as_table())

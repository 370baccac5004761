"""`search-service show`."""

from __future__ import annotations

import click

from search_service.commands.options import as_json, plain, print_json, settings_options
from search_service.settings import Settings


@click.command(name="show")
@click.argument("document")
@settings_options("corpus", "index", "public_url")
@as_json
def command(settings: Settings, document: str, as_json: bool) -> None:
    """Show a document with its passages.

    DOCUMENT is its id, its path in the folder, or path#key for a row of a file of many documents.
    """
    from search_service.commands.opened import find, searcher

    with searcher(settings) as (_, searching):
        found = find(settings, searching.reader, document)
    if as_json:
        from search_service.web.answers import document_answer
        from search_service.web.links import Links

        links = Links(settings.public_url + settings.path_prefix)
        answer = document_answer(found, links, originals=settings.originals)
        print_json(answer.model_dump(mode="json"))
        return
    click.secho(plain(found.title), bold=True)
    for name in ("author", "date", "source", "section", "url", "language"):
        value = getattr(found.metadata, name)
        if value:
            shown = getattr(value.value, "text", value.value)
            click.echo(f"{name}: {plain(str(shown))} ({value.where})")
    for name, value in found.metadata.extra.items():
        click.echo(plain(f"{name}: {value.value} ({value.where})"))
    stale = ", stale: its file can not be read now" if found.stale else ""
    click.echo(f"{found.id}, {plain(found.path)}, {found.format}{stale}")
    for warning in found.warnings:
        click.echo(f"warning: {plain(warning)}")
    for passage in found.passages:
        path = " > ".join(" ".join(found.text[a:b].split()) for a, b in passage.headings)
        page = f" page {passage.page}" if passage.page else ""
        click.secho(f"\n{passage.anchor} [{passage.language}]{page} {plain(path)}", dim=True)
        click.echo(plain(found.text[passage.start : passage.end]))

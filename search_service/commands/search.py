"""`search-service search`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal

import click

from search_service.commands.options import as_json, plain, print_json, settings_options
from search_service.settings import Settings

_MARK = re.compile(r"<mark[^>]*>(.*?)</mark>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@click.command(name="search")
@click.argument("query")
@settings_options("index", "public_url", "query_seconds")
@click.option("-n", "--limit", default=10, show_default=True, help="How many are shown.")
@click.option("--offset", default=0, show_default=True, help="How many are passed over.")
@click.option("--op", type=click.Choice(["or", "and"]), default="or", show_default=True)
@click.option("--lang", multiple=True, help="Only passages in this language (a code).")
@click.option(
    "--match",
    type=click.Choice(["exact", "fold", "stem", "translit"]),
    default="translit",
    show_default=True,
    help="How far a word of the text may be from the word asked for.",
)
@click.option("--group", type=click.Choice(["document", "none"]), default="document")
@as_json
def command(
    settings: Settings,
    query: str,
    limit: int,
    offset: int,
    op: Literal["or", "and"],
    lang: tuple[str, ...],
    match: str,
    group: Literal["document", "none"],
    as_json: bool,
) -> None:
    """Search, and show what was found."""
    from search_service.commands.opened import searcher
    from search_service.web.params import Asked

    filters = {"language": lang} if lang else {}
    asked = Asked(query, op, match, group, filters=filters, limit=limit, offset=offset)
    with searcher(settings) as (_, searching):
        results = searching.search(asked.question())
    if as_json:
        from search_service.web.answers import search_answer
        from search_service.web.links import Links

        links = Links(settings.public_url + settings.path_prefix)
        total = results.total_passages if group == "none" else results.total_documents
        following = asked.following(total)
        answer = search_answer(
            results,
            links,
            group=group,
            marks=asked.marks,
            next_page=links.api("/search", following) if following else None,
        )
        print_json(answer.model_dump(mode="json"))
        return
    for number, hit in enumerate(results.hits, offset + 1):
        document = hit.document
        click.secho(f"{number}. {plain(document.title)}", bold=True)
        about = [document.id, document.path]
        if document.metadata.date:
            about.append(document.metadata.date.value.text)
        if hit.missing:
            about.append(f"without {', '.join(hit.missing)}")
        click.secho(f"   {plain(' · '.join(about))}", dim=True)
        for found in hit.passages:
            page = f", page {found.passage.page}" if found.passage.page else ""
            click.echo(
                f"   [{found.passage.language}{page}] {''.join(_styled(found.snippet.html))}"
            )
        more = hit.passages_found - len(hit.passages)
        if more > 0:
            click.secho(f"   and {more} more passages", dim=True)
    click.echo(
        f"{results.total_documents:,} documents, {results.total_passages:,} passages; "
        f"{results.total_all_words:,} have every word ({results.took_ms:.0f} ms)"
    )
    for suggestion in results.suggestions:
        click.echo(f"Also written {plain(suggestion.query)} ({suggestion.documents:,} documents)")


def _styled(html: str) -> Iterator[str]:
    """A snippet for a terminal: marks in bold, white space as one space."""
    for at, part in enumerate(_MARK.split(" ".join(html.split()))):
        text = plain(unescape(_TAG.sub("", part)))
        yield click.style(text, bold=True, fg="yellow") if at % 2 else text

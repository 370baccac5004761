"""`search-service search`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import click
from werkzeug.datastructures import MultiDict

from search_service.commands.options import as_json, plain, print_json, settings_options
from search_service.model import Results
from search_service.schema import FACETS
from search_service.settings import Settings
from search_service.web.asked import Asked
from search_service.web.params import SEARCH, Parameter, read

_MARK = re.compile(r"<mark[^>]*>(.*?)</mark>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_OF_ADDRESSES = ("q", "per_page", "page", "highlight")
"""Parameters of the endpoint that are no options: the query, and what only addresses need."""


def _asking(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command the parameters of the endpoint as options."""
    for parameter in reversed(SEARCH):
        if parameter.name not in _OF_ADDRESSES:
            function = _option(parameter)(function)
    return function


def _option(parameter: Parameter) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    choices = parameter.schema.get("enum")
    flags = [f"--{parameter.name}"] + (["-n"] if parameter.name == "limit" else [])
    return click.option(
        *flags,
        multiple=parameter.many,
        type=click.Choice(choices) if choices else str,
        metavar=None if choices else "VALUE",
        help=parameter.help.replace("`", ""),
    )


@click.command(name="search")
@click.argument("query", default="")
@settings_options("index", "public_url", "query_seconds")
@_asking
@as_json
def command(settings: Settings, query: str, as_json: bool, **options: Any) -> None:
    """Search, and show what was found: the same parameters as the endpoint has.

    Without a QUERY, all documents.
    """
    from search_service.commands.opened import searcher

    given: MultiDict[str, str] = MultiDict({"q": query})
    for name, value in options.items():
        given.setlist(name, list(value) if isinstance(value, tuple) else [value] if value else [])
    asked = read(given, strict=True)
    with searcher(settings) as (_, searching):
        results = searching.search(asked.question())
    if as_json:
        from search_service.web.answers import search_answer
        from search_service.web.links import Links

        links = Links(settings.public_url + settings.path_prefix)
        total = results.total_passages if asked.group == "none" else results.total_documents
        following = asked.following(total)
        answer = search_answer(
            results,
            links,
            group=asked.group,
            marks=asked.marks,
            next_page=links.api("/search", following) if following else None,
            notes=("limit_clamped",) if asked.clamped else (),
        )
        print_json(answer.model_dump(mode="json"))
    else:
        _print(results, asked)


def _print(results: Results, asked: Asked) -> None:
    """For people: documents with their passages, what was counted, what else is spelt so."""
    if asked.clamped:
        click.echo(f"Only {asked.limit} at a time: use --offset for those after them", err=True)
    for number, hit in enumerate(results.hits, asked.offset + 1):
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
    for line in _counts(results):
        click.echo(line)
    for suggestion in results.suggestions:
        click.echo(f"Also written {plain(suggestion.query)} ({suggestion.documents:,} documents)")


def _counts(results: Results) -> Iterator[str]:
    """A line for each facet that was asked for."""
    for facet in FACETS:
        values = results.facets.get(facet.name)
        if values:
            counts = (f"{plain(value.label) or '-'} {value.count:,}" for value in values)
            yield f"{facet.label}: {', '.join(counts)}"


def _styled(html: str) -> Iterator[str]:
    """A snippet for a terminal: marks in bold, white space as one space."""
    for at, part in enumerate(_MARK.split(" ".join(html.split()))):
        text = plain(unescape(_TAG.sub("", part)))
        yield click.style(text, bold=True, fg="yellow") if at % 2 else text

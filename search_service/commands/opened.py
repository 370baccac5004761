"""The live index, open for a command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import click

from search_service import engines
from search_service.engines.base import Reader
from search_service.errors import DocumentGone, NotFound
from search_service.generations import Generations, Live
from search_service.ledger import Ledger
from search_service.model import Document
from search_service.searcher.searching import Searcher
from search_service.settings import Settings


@contextmanager
def searcher(settings: Settings) -> Iterator[tuple[Live, Searcher]]:
    """The live generation with a searcher on it. Raises `IndexUnavailable`.

    If it is not the one that it should be, standard error says why.
    """
    live, reader = Generations(settings.index).open(engines.get(settings.engine).reader)
    for reason in live.degraded:
        click.echo(f"Degraded: {reason}", err=True)
    try:
        yield live, Searcher.of(reader, live.name, settings)
    finally:
        reader.close()


def find(settings: Settings, reader: Reader, name: str) -> Document:
    """A document by its id, its path, or `path#key` as reports name the document of a row.

    Raises `DocumentGone` and `NotFound`.
    """
    document_id = name
    if reader.summary(name) is None:
        ledger = Ledger(settings.corpus, settings.state_folder)
        document_id = ledger.successor(name) or next(_ids_at(ledger, name), name)
        since = ledger.gone_since(document_id)
        if since and reader.summary(document_id) is None:
            raise DocumentGone(document_id, since)
    document = reader.document(document_id)
    if document is None:
        raise NotFound(
            f"there is no document {name}: give an id or a path, as `search` shows them, "
            "or path#key for a row of a file of many documents"
        )
    return document


def _ids_at(ledger: Ledger, name: str) -> Iterator[str]:
    """The ids of documents at a path, and of a row's: paths and keys may have a # too."""
    yield from ledger.ids(name).values()
    for mark in re.finditer("#", name):
        document_id = ledger.ids(name[: mark.start()]).get(name[mark.end() :])
        if document_id:
            yield document_id

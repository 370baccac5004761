"""What was found as a file: CSV and JSON Lines a passage a line, BibTeX a document an entry.

Only what the words themselves find is in it: similar words alone bring nothing.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import orjson
from flask import Blueprint, Response, request

from search_service.errors import UnknownName
from search_service.model import DocumentHit, PassageHit, Results
from search_service.web import citation, context, params
from search_service.web.answers import passage_id
from search_service.web.asked import MAX_LIMIT, Asked

page = Blueprint("export", __name__)
DOCUMENTS = 1000
"""The most documents in one file."""
COLUMNS = (
    "document",
    "passage",
    "title",
    "author",
    "source",
    "date",
    "language",
    "page",
    "url",
    "quotation",
)
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "bib": "text/plain; charset=utf-8",
}
_TAG = re.compile("<[^>]*>")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@page.get("/export.<form>")
def export(form: str) -> Response:
    """The whole result, as `csv`, `jsonl` or `bib`. Raises `UnknownName` and `InvalidValue`."""
    if form not in _TYPES:
        raise UnknownName("form of export", form, _TYPES)
    asked = replace(
        params.read(request.args, strict=True, also=("ui",)), group="document", offset=0
    )
    pages = list(_pages(asked))
    answer = Response(_WRITERS[form](pages), content_type=_TYPES[form])
    name = re.sub(r"[^A-Za-z0-9]+", "-", asked.q).strip("-")[:40] or "documents"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _pages(asked: Asked) -> Iterator[Results]:
    for offset in range(0, DOCUMENTS, MAX_LIMIT):
        results = context.opened().searcher.search(
            replace(asked, limit=MAX_LIMIT, offset=offset).question()
        )
        yield results
        if offset + MAX_LIMIT >= results.total_documents:
            return


def _hits(pages: list[Results]) -> Iterator[tuple[DocumentHit, PassageHit]]:
    for results in pages:
        for hit in results.hits:
            for passage in hit.passages:
                if not passage.similar_only:
                    yield hit, passage


def _rows(pages: list[Results]) -> Iterator[dict[str, str]]:
    links = context.public_links()
    for hit, passage in _hits(pages):
        known = hit.document.metadata
        yield dict(
            zip(
                COLUMNS,
                (
                    hit.document.id,
                    passage_id(hit.document.id, passage.passage.anchor),
                    hit.document.title,
                    known.author.value if known.author else "",
                    known.source.value if known.source else "",
                    known.date.value.text if known.date else "",
                    passage.passage.language,
                    str(passage.passage.page or ""),
                    links.permanent(hit.document.id, passage.passage.anchor),
                    html.unescape(_TAG.sub("", passage.snippet.html)),
                ),
                strict=True,
            )
        )


def _csv(pages: list[Results]) -> str:
    """With a byte-order mark, by which spreadsheets know UTF-8; no cell is a formula."""
    sheet = StringIO()
    writer = csv.DictWriter(sheet, COLUMNS)
    writer.writeheader()
    for row in _rows(pages):
        writer.writerow(
            {
                name: f"'{value}" if value.startswith(_FORMULA) else value
                for name, value in row.items()
            }
        )
    return "\ufeff" + sheet.getvalue()


def _jsonl(pages: list[Results]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in _rows(pages))


def _bib(pages: list[Results]) -> str:
    today = datetime.now(UTC).date()
    links, name = context.public_links(), context.settings().archive_name
    documents = {hit.document.id: hit.document for hit, _passage in _hits(pages)}
    return "\n".join(
        citation.of(each, name, links.permanent(each.id), today).bibtex()
        for each in documents.values()
    )


_WRITERS: dict[str, Callable[[list[Results]], str | bytes]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "bib": _bib,
}

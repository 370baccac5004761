"""`GET /status`: what is searched, since when, and whether all is well."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_datetime
from flask import Blueprint, render_template

from search_service.web import context
from search_service.web.language import locale

page = Blueprint("status", __name__)


@page.get("/status")
def status() -> str:
    """The status page."""
    opened = context.opened()
    reader = opened.searcher.reader
    made = datetime.fromisoformat(opened.live.manifest.made)
    return render_template(
        "status.html",
        live=opened.live,
        made=format_datetime(made, "long", locale=locale()),
        stamp=opened.live.manifest.made,
        documents=reader.document_count,
        passages=reader.passage_count,
        languages=sorted(reader.languages().items(), key=lambda entry: -entry[1]),
        undated=opened.catalogue().undated,
        stale=[each for each in opened.catalogue().documents if each.stale],
    )

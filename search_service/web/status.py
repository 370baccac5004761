"""`GET /status`: what is searched, since when, how the last runs went, and whether all is well.

What has changed in the folder since is told by the command `status` alone: that takes the indexer,
which pages cannot import, and a look at every file.
"""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_datetime
from flask import Blueprint, render_template

from search_service.runs import RunRecord
from search_service.schedule import overview
from search_service.web import context
from search_service.web.language import gettext, locale, ngettext

page = Blueprint("status", __name__)
SHOWN = 20
"""So many unreadable files are named."""


@page.get("/status")
def status() -> str:
    """The status page."""
    opened = context.opened()
    reader = opened.searcher.reader
    now = overview.look(context.settings())
    last = now.last
    known = {each.path for each in opened.catalogue().documents if each.stale}
    left_out = [each for each in last.left_out if each[0] not in known] if last else []
    return render_template(
        "status.html",
        live=opened.live,
        previous=now.previous,
        moment=_moment,
        documents=reader.document_count,
        passages=reader.passage_count,
        languages=sorted(reader.languages().items(), key=lambda entry: -entry[1]),
        undated=opened.catalogue().undated,
        stale=[each for each in opened.catalogue().documents if each.stale],
        last=last,
        failed=last is not None and last.outcome not in ("published", "unchanged"),
        outcome=_outcome(last) if last else "",
        left_out=left_out[:SHOWN],
        scheduler=now.scheduler,
        waiting=len(now.requests),
    )


def _moment(stamp: str) -> str:
    """A moment in the language's form; as it stands where it is none."""
    try:
        return format_datetime(datetime.fromisoformat(stamp), "long", locale=locale())
    except ValueError:
        return stamp


def _outcome(run: RunRecord) -> str:
    """What came of a run; an error by its code, for its words may name folders of the server."""
    if run.outcome == "unchanged":
        return gettext("nothing had changed")
    if run.outcome != "published":
        return gettext("failed (%(code)s)", code=run.outcome)
    told = [
        text
        for count, text in (
            (run.new, ngettext("%(count)s new", "%(count)s new", run.new)),
            (run.changed, ngettext("%(count)s changed", "%(count)s changed", run.changed)),
            (run.renamed, ngettext("%(count)s renamed", "%(count)s renamed", run.renamed)),
            (run.gone, ngettext("%(count)s gone", "%(count)s gone", run.gone)),
        )
        if count
    ]
    return ", ".join(told) or gettext("published")

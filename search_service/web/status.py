"""`GET /status`: what is searched, since when, how the last runs went, and whether all is well.

What has changed in the folder since is what was found at the last look through it, with the time
of that: looking takes the indexer, which pages cannot import, and a walk that may be long.
"""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_datetime
from flask import Blueprint, render_template

from search_service import drift
from search_service.drift import Drift
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
        drift=drift.kept(context.settings().state_folder),
        differing=_differing,
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
    return _counted(run.new, run.changed, run.renamed, run.gone) or gettext("published")


def _differing(found: Drift) -> str:
    """What a run would change; empty where it would change nothing."""
    counts = found.counts
    names = ("new", "changed", "renamed", "gone")
    told = _counted(*(counts[name] for name in names))
    if failing := counts["failing"]:
        text = ngettext("%(count)s not searched", "%(count)s not searched", failing)
        told = ", ".join(filter(None, (told, text)))
    if found.rebuild or found.damage:
        told = ", ".join(filter(None, (told, gettext("the index is to be repaired or made anew"))))
    return told


def _counted(new: int, changed: int, renamed: int, gone: int) -> str:
    told = (
        (new, ngettext("%(count)s new", "%(count)s new", new)),
        (changed, ngettext("%(count)s changed", "%(count)s changed", changed)),
        (renamed, ngettext("%(count)s renamed", "%(count)s renamed", renamed)),
        (gone, ngettext("%(count)s gone", "%(count)s gone", gone)),
    )
    return ", ".join(text for count, text in told if count)

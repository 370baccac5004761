"""`GET /status`: what is searched, since when, how the last runs went, and whether all is well.

What has changed in the folder since is what was found at the last look through it, with the time
of that: looking takes the indexer, which pages cannot import, and a walk that may be long.
"""

from __future__ import annotations

import os
from datetime import datetime

from babel.dates import format_datetime
from flask import Blueprint, Response, make_response, render_template

from search_service import drift
from search_service.drift import Drift
from search_service.errors import IndexUnavailable
from search_service.generations import Live
from search_service.runs import RunRecord
from search_service.schedule import overview
from search_service.schedule.overview import Overview
from search_service.web import context
from search_service.web.archive import Opened
from search_service.web.language import gettext, locale, ngettext
from search_service.web.problems import RETRY_SECONDS

page = Blueprint("status", __name__)
SHOWN = 20
"""So many unreadable files are named."""


@page.get("/status")
def status() -> str | Response:
    """The status page; of a service without an index, why so."""
    now = overview.look(context.settings())
    try:
        opened = context.opened()
    except IndexUnavailable:
        opened = None
    documents = opened.catalogue().documents if opened else ()
    last = now.last
    stale = [each for each in documents if each.stale]
    known = {each.path for each in stale}
    left_out = [each for each in last.left_out if each[0] not in known] if last else []
    page = render_template(
        "status.html",
        live=opened.live if opened else None,
        health=_health(now, opened.live if opened else None),
        reasons=[_without_folder(each) for each in opened.live.degraded] if opened else [],
        previous=now.previous,
        moment=_moment,
        documents=len(documents),
        passages=opened.searcher.reader.passage_count if opened else 0,
        languages=_languages(opened),
        undated=opened.catalogue().undated if opened else 0,
        stale=stale,
        last=last,
        outcome=_outcome(last) if last else "",
        left_out=left_out[:SHOWN],
        drift=drift.kept(context.settings().state_folder),
        differing=_differing,
        scheduler=now.scheduler,
        waiting=len(now.requests),
    )
    if opened:
        return page
    return make_response(page, 503, {"Retry-After": RETRY_SECONDS, "Cache-Control": "no-store"})


def _health(now: Overview, live: Live | None) -> tuple[str, str]:
    """In a sentence how it stands, and in one what cures it; no cure where all is well."""
    command, last = "search-service index", now.last
    if live is None:
        return (
            gettext("There is no index that can be searched."),
            gettext("Its owner makes one with “%(command)s”.", command=command),
        )
    if live.degraded:
        said = (
            gettext("Part of the index is damaged: some documents may not be found.")
            if live.quarantined
            else gettext("The newest index could not be used, and the one before it answers.")
        )
        if now.scheduler is not None:
            return said, gettext("The next run repairs it.")
        return said, gettext("Its owner repairs it with “%(command)s”.", command=command)
    if last is not None and last.outcome not in ("published", "unchanged"):
        return (
            gettext("The last run failed; the index before it answers."),
            gettext("“%(command)s” tells its owner why.", command="search-service status"),
        )
    return gettext("All is well."), ""


def _without_folder(reason: str) -> str:
    """What is said of a file of the index, without where the server keeps it."""
    return reason.replace(f"{context.settings().index}{os.sep}", "")


def _languages(opened: Opened | None) -> list[tuple[str, int]]:
    """The languages of the passages, the commonest first."""
    counts = opened.searcher.reader.languages() if opened else {}
    return sorted(counts.items(), key=lambda entry: -entry[1])


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

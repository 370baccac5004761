"""`POST /api/v1/reindex` asks the scheduler for a run; `GET /api/v1/runs/<id>` tells of it."""

from __future__ import annotations

import hmac
from dataclasses import asdict

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import Forbidden, Unauthorized

from search_service import runs
from search_service.errors import NotFound
from search_service.schedule import spool
from search_service.web import context

page = Blueprint("reindex", __name__)


@page.post("/api/v1/reindex")
def ask() -> Response:
    """Leave a request for a run. Needs `Authorization: Bearer` with the token of the settings.

    202 with where to watch it; 503 (`no_scheduler`) where nobody would do it.
    """
    _authorise()
    name = spool.ask(context.settings().state_folder)
    answer = context.json({"request": name, "watch": url_for("reindex.watch", name=name)})
    answer.status_code = 202
    answer.headers["Location"] = url_for("reindex.watch", name=name)
    return answer


@page.get("/api/v1/runs/<name>")
def watch(name: str) -> Response:
    """Whether the run that was asked for waits or is done, and then its record."""
    _authorise()
    state = context.settings().state_folder
    done = next((run for run in runs.history(state) if f"request {name}" in run.why), None)
    if done is not None:
        return context.json({"request": name, "state": "done", "run": asdict(done)})
    if name in spool.requests(state):
        return context.json({"request": name, "state": "waiting"})
    raise NotFound(f"there is no request {name}: it may be too long ago")


def _authorise() -> None:
    """Raise 403 where no token is set, and 401 where another one is given."""
    token = context.settings().reindex_token
    if not token:
        raise Forbidden("set reindex_token to let runs be asked for over HTTP")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise Unauthorized("give the token of the settings: Authorization: Bearer TOKEN")

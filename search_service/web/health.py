"""`GET /healthz`, `GET /readyz`: that the process answers, and that it can search."""

from __future__ import annotations

from flask import Blueprint, Response

from search_service.web import context

page = Blueprint("health", __name__)


@page.get("/healthz")
def alive() -> Response:
    """That the process answers; no index is looked at."""
    return context.json({"status": "ok"})


@page.get("/readyz")
def ready() -> Response:
    """That a generation is open. Raises `IndexUnavailable` (503) where none is."""
    opened = context.opened()
    degraded = list(opened.live.degraded)
    return context.json(
        {
            "status": "degraded" if degraded else "ready",
            "generation": opened.live.name,
            "documents": opened.searcher.reader.document_count,
            "passages": opened.searcher.reader.passage_count,
            "degraded": degraded,
        }
    )

"""`GET /logo`: the archive's own picture, from the settings."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from search_service.errors import NotFound
from search_service.web import context

page = Blueprint("logo", __name__)
_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


@page.get("/logo")
def logo() -> Response:
    """The picture. Raises `NotFound` where there is none, or none of a kind that is shown."""
    path = context.settings().archive_logo
    kind = _TYPES.get(path.suffix.lower()) if path else None
    if path is None or kind is None or not path.is_file():
        raise NotFound("this archive has no logo: set archive_logo to an SVG or PNG file")
    answer = send_file(path.resolve(), mimetype=kind, max_age=3600)
    # An SVG is a document too: opened by itself it may run and load nothing.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer

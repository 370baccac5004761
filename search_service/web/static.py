"""The style sheet, the script, the typeface: held in memory, named by their content.

An address with the content's hash may be kept for a year; there is no build step.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import Blueprint, Response, request

from search_service.errors import NotFound

page = Blueprint("static", __name__)
STATIC = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, read once."""

    content: bytes
    media_type: str
    version: str


@cache
def assets() -> dict[str, Asset]:
    """All files by name; what is not here cannot be asked for."""
    return {
        path.relative_to(STATIC).as_posix(): _read(path)
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "text/plain"
    if path.suffix == ".woff2":
        media_type = "font/woff2"
    return Asset(content, media_type, blake2b(content, digest_size=5).hexdigest())


@page.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file. Raises `NotFound`."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound("there is no such file here: open a page")
    answer = Response(asset.content, mimetype=asset.media_type)
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    answer.set_etag(asset.version)
    answer.make_conditional(request)
    return answer

"""The style sheet, the script, the typeface: held in memory, named by their content.

An address with the content's hash may be kept for a year; there is no build step: the parts of the
style sheet are put together, remarks left out, and files packed, once, when they are read.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

import brotli
from flask import Blueprint, Response, request

from search_service.errors import NotFound

page = Blueprint("static", __name__)
STATIC = Path(__file__).parent / "static"
STYLE = (
    "ground",
    "box",
    "results",
    "marks",
    "filters",
    "document",
    "pages",
    "widths",
    "preferences",
)
"""The parts of `style.css` in `static/style`, in their order: a later one has the last word."""
YEAR = 365 * 24 * 3600
_REMARK_OF_STYLE = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_REMARK_OF_SCRIPT = re.compile(r"^ *//.*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, read once."""

    content: bytes
    packed: bytes
    """The same by Brotli, as small as it gets; empty where that is no smaller."""
    media_type: str
    version: str


@cache
def assets() -> dict[str, Asset]:
    """All files by name; what is not here cannot be asked for."""
    found = {
        path.relative_to(STATIC).as_posix(): path.read_bytes()
        for path in sorted(STATIC.rglob("*"))
        if path.is_file() and path.parent.name != "style"
    }
    found["style.css"] = _style()
    found["page.js"] = _REMARK_OF_SCRIPT.sub("", found["page.js"].decode()).encode()
    return {name: _asset(name, content) for name, content in found.items()}


def _style() -> bytes:
    """The style sheet from its parts, without their remarks: those are for us."""
    parts = ((STATIC / "style" / f"{name}.css").read_text(encoding="utf-8") for name in STYLE)
    return _REMARK_OF_STYLE.sub("", "".join(parts)).encode()


def _asset(name: str, content: bytes) -> Asset:
    media_type = mimetypes.guess_type(name)[0] or "text/plain"
    if name.endswith(".woff2"):
        media_type = "font/woff2"
    # A typeface is packed by its own format: a second time gains some bytes and costs the reader.
    packed = b"" if media_type == "font/woff2" else brotli.compress(content)
    if len(packed) >= len(content):
        packed = b""
    return Asset(content, packed, media_type, blake2b(content, digest_size=5).hexdigest())


@page.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file. Raises `NotFound`."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound("there is no such file here: open a page")
    packed = asset.packed and request.accept_encodings["br"]
    answer = Response(asset.packed if packed else asset.content, mimetype=asset.media_type)
    if packed:
        answer.content_encoding = "br"
    answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    answer.set_etag(asset.version + ("-br" if packed else ""))
    answer.make_conditional(request)
    return answer

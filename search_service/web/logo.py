"""`GET /logo`: the archive's own picture, from the settings."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, current_app, send_file
from lxml import etree

from search_service.errors import InvalidValue, NotFound
from search_service.web.refusals import gettext_noop

page = Blueprint("logo", __name__)
HEIGHT = 28
"""In CSS pixels, as it stands on the pages."""
_WIDEST = 280
_PNG = b"\x89PNG\r\n\x1a\n"
_CURE = "name an SVG file with a viewBox, or a PNG file"


@dataclass(frozen=True, slots=True)
class Picture:
    """The logo: what it is, and how wide, so that a page keeps its room and nothing moves."""

    path: Path
    media_type: str
    width: int

    @property
    def square(self) -> bool:
        """Whether it can be a browser's sign of the archive, too."""
        return self.width == HEIGHT


def picture(path: Path | None) -> Picture | None:
    """The logo of the settings, if there is one. Raises `InvalidValue` for one of no use."""
    if path is None:
        return None
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise InvalidValue("archive_logo", str(path), f"{_CURE} ({problem.strerror})") from None
    if data.startswith(_PNG) and len(data) > 24:
        wide, high = struct.unpack(">II", data[16:24])
        kind = "image/png"
    else:
        wide, high = _size_of_svg(data)
        kind = "image/svg+xml"
    if not (wide > 0 and high > 0):
        raise InvalidValue("archive_logo", str(path), _CURE)
    return Picture(path.resolve(), kind, max(1, min(_WIDEST, round(HEIGHT * wide / high))))


def _size_of_svg(data: bytes) -> tuple[float, float]:
    """Width and height of a drawing in its own units; zeros where it has none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return 0, 0
    numbers = re.findall(r"-?[0-9.]+", str(root.get("viewBox", "")))
    if len(numbers) == 4 and str(root.tag).endswith("svg"):
        return float(numbers[2]), float(numbers[3])
    return 0, 0


def known() -> Picture | None:
    """The logo of the archive that is served."""
    return cast("Picture | None", current_app.jinja_env.globals["logo"])


@page.get("/logo")
def logo() -> Response:
    """The picture. Raises `NotFound` where there is none."""
    own = known()
    if own is None or not own.path.is_file():
        raise NotFound(
            gettext_noop("this archive has no logo: set archive_logo to an SVG or PNG file")
        )
    answer = send_file(own.path, mimetype=own.media_type, max_age=3600)
    # An SVG is a document too: opened by itself it may run and load nothing.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer

"""A search box for other sites: one script tag, no dependency."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from search_service.web import context
from search_service.web.language import gettext

page = Blueprint("embed", __name__)


@page.get("/embed")
def explain() -> str:
    """The tag to copy, and the box as it will look."""
    return render_template(
        "embed.html",
        script=context.public_links().at("/embed.js"),
        action=context.public_links().search(),
    )


@page.get("/embed.js")
def script() -> Response:
    """The script: it puts a form where it stands, which leads here."""
    source = render_template(
        "embed.js",
        action=context.public_links().at("/search"),
        label=gettext("Search %(archive)s", archive=context.settings().archive_name),
        button=gettext("Search"),
    )
    answer = Response(source, content_type="text/javascript; charset=utf-8")
    # The one thing here that other sites may load.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer

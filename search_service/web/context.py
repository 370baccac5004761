"""What a page knows of the request it answers: settings, the open index, addresses."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, cast
from urllib.parse import quote

import orjson
from flask import Flask, Response, current_app, g, request

from search_service.settings import Settings
from search_service.web.archive import Archive, Opened
from search_service.web.language import chosen
from search_service.web.links import Links, public_base

_ARCHIVE = "search_service.archive"


def install(app: Flask, archive: Archive) -> None:
    """Give requests the archive, and give the generation back when each is done."""
    app.extensions[_ARCHIVE] = archive

    @app.teardown_request
    def _give_back(_: BaseException | None) -> None:
        stack = cast("ExitStack | None", g.pop("stack", None))
        if stack is not None:
            stack.close()


def archive() -> Archive:
    """The archive that this app serves."""
    return cast("Archive", current_app.extensions[_ARCHIVE])


def settings() -> Settings:
    """The settings that this app was made with."""
    return archive().settings


def opened() -> Opened:
    """The generation that this request sees from its beginning to its end.

    Raises `IndexUnavailable` where there is none.
    """
    if "opened" not in g:
        g.stack = ExitStack()
        g.opened = g.stack.enter_context(archive().use())
    return cast("Opened", g.opened)


def links() -> Links:
    """Addresses for pages: from the root, with the interface language that the URL has."""
    return Links(request.script_root, chosen())


def public_links() -> Links:
    """Addresses for what leaves the page: whole ones."""
    return Links(public_base(settings(), request.host_url))


def in_language(code: str) -> str:
    """The address of this page in another interface language."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "ui"]
    return links().at(quote(request.path), [*pairs, ("ui", code)])


def json(value: Any) -> Response:
    """An answer in JSON."""
    return Response(orjson.dumps(value), mimetype="application/json")

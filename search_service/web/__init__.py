"""The pages and the JSON endpoint. A page is one file here, and one line in `PAGES`.

The web process only reads: that it may not import what writes is an import contract.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from search_service.settings import Settings, load
from search_service.web import (
    api,
    around,
    browse,
    citation,
    context,
    document,
    embed,
    export,
    feeds,
    headers,
    health,
    help_page,
    keeping,
    language,
    logo,
    opensearch,
    original,
    problems,
    reindex,
    robots,
    search,
    start,
    static,
    status,
)
from search_service.web.archive import Archive
from search_service.web.asked import Asked
from search_service.web.typeface import beyond

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGES = (
    start.page,
    search.page,
    document.page,
    around.page,
    keeping.page,
    original.page,
    browse.page,
    status.page,
    help_page.page,
    api.page,
    reindex.page,
    feeds.page,
    export.page,
    opensearch.page,
    embed.page,
    logo.page,
    robots.page,
    health.page,
    static.page,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application. Without settings, those of the environment and the TOML file.

    Raises `InvalidValue` and `UnknownName` for settings that cannot be used. That there is no
    index yet is no error: the pages say so until there is one.
    """
    settings = settings or load()
    app = Flask(__name__, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=1 << 20,
        COMPRESS_MIMETYPES=_COMPRESSED,
        COMPRESS_ALGORITHM=["br", "zstd", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_STREAMS=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.tests["beyond"] = beyond
    app.jinja_env.filters["names"] = citation.names
    app.jinja_env.globals["logo"] = logo.picture(settings.archive_logo)
    context.install(app, Archive(settings))
    language.install(app, settings)
    problems.install(app)
    Compress(app)
    headers.install(app, settings)  # Its tag is made before compression: gzip writes the time.
    for page in PAGES:
        app.register_blueprint(page)
    app.context_processor(
        lambda: {
            "settings": settings,
            "links": context.links(),
            "asset": _asset,
            "interfaces": language.INTERFACES,
            "interface": language.current(),
            "switch": context.in_language,
            "nothing_asked": Asked(),
        }
    )
    app.wsgi_app = _below(  # type: ignore[method-assign, assignment]  # as Flask's manual does
        settings.path_prefix, app.wsgi_app
    )
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Werkzeug's does
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_port=hops
        )
    return app


_COMPRESSED = [
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/csv",
    "text/xml",
    "image/svg+xml",
    "application/json",
    "application/problem+json",
    "application/feed+json",
    "application/atom+xml",
    "application/jsonl",
    "application/opensearchdescription+xml",
]


def _asset(name: str) -> str:
    """The address of a static file with its content's hash."""
    version = static.assets()[name].version
    return context.links().at(f"/static/{name}", [("v", version)], keep=False)


def _below(prefix: str, application: WSGIApplication) -> WSGIApplication:
    """Serve under a path prefix, whether or not a proxy has taken it off the address."""

    def prefixed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(prefix) or "/"
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        return application(environ, start_response)

    return prefixed if prefix else application

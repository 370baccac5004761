"""`GET /original`: the file that a document was read from, where the owner lets it be had."""

from __future__ import annotations

from flask import Blueprint, send_file
from werkzeug.wrappers import Response as BaseResponse

from search_service import formats
from search_service.errors import NotFound
from search_service.web import context
from search_service.web.refusals import gettext_noop

page = Blueprint("original", __name__)


@page.get("/original/<document_id>")
def original(document_id: str) -> BaseResponse:
    """The file that a document was read from, where the owner lets it be downloaded."""
    settings = context.settings()
    known = context.opened().searcher.reader.summary(document_id)
    if not settings.originals or known is None:
        raise NotFound(
            gettext_noop("this file cannot be downloaded: read the text of the document")
        )
    root = settings.corpus.resolve()
    path = (root / known.path).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise NotFound(
            gettext_noop("the file is not in the folder any more: read the text of the document")
        )
    form = formats.get(known.format)
    # A PDF opens at its page in the browser; whatever could be a page of ours is handed over.
    inline = form.media_type == "application/pdf"
    answer = send_file(
        path,
        mimetype=form.media_type,
        as_attachment=not inline,
        download_name=path.name,
        max_age=0,
        conditional=True,
    )
    if not inline:
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer

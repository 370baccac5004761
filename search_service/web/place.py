"""Where a link leads: which document it means now, and which passage of it."""

from __future__ import annotations

from dataclasses import dataclass

from search_service.errors import DocumentGone, NotFound
from search_service.model import Document
from search_service.passages.anchors import resolve
from search_service.searcher.searching import DocumentView
from search_service.web import context
from search_service.web.asked import Asked
from search_service.web.language import gettext


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link leads: a passage, and whether it is the one that the link was made for."""

    ordinal: int | None = None
    notice: str = ""


def view(document_id: str, asked: Asked) -> DocumentView | str:
    """A document with its marks; or the id it has now, if that has changed.

    Raises `DocumentGone` and `NotFound`.
    """
    archive = context.archive()
    try:
        return context.opened().searcher.view(document_id, asked.question())
    except NotFound:
        now = archive.successor(document_id)
        if now is not None and context.opened().searcher.reader.summary(now) is not None:
            return now
        since = archive.gone_since(document_id)
        if since is not None:
            raise DocumentGone(document_id, since) from None
        raise


def locate(document: Document, anchor: str) -> Place:
    """The passage that an anchor means now, with a notice if it has changed since."""
    if not anchor:
        return Place()
    found = resolve(document, anchor)
    if found is not None and found.exact:
        return Place(found.ordinal)
    if found is not None:
        return Place(
            found.ordinal,
            gettext("The text has been divided differently since: this passage has your sentence."),
        )
    nearest = context.archive().nearest(document.id, anchor)
    near = resolve(document, nearest) if nearest else None
    if near is not None:
        return Place(
            near.ordinal,
            gettext("The passage has changed since: this is the one nearest to where it was."),
        )
    return Place(None, gettext("The passage of this link is not in the document any more."))

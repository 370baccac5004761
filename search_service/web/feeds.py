"""Any search as a feed, Atom (RFC 4287) or JSON Feed 1.1: a saved search without an account.

Entries are documents, the newest first; their ids are permanent links, so that a reader program
shows none twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from xml.etree import ElementTree as Xml

from flask import Blueprint, Response, request

from search_service.errors import UnknownName
from search_service.model import DocumentHit, PublicationDate, Results
from search_service.web import citation, context, params
from search_service.web.asked import Asked
from search_service.web.filters import search_title
from search_service.web.language import gettext

page = Blueprint("feeds", __name__)
ENTRIES = 50
_ATOM = "http://www.w3.org/2005/Atom"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@page.get("/feed.atom")
def atom() -> Response:
    """The search as Atom."""
    asked, results = _found()
    Xml.register_namespace("", _ATOM)
    body = Xml.tostring(_feed(asked, results), encoding="utf-8", xml_declaration=True)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


@page.get("/feed.json")
def json_feed() -> Response:
    """The search as JSON Feed."""
    asked, results = _found()
    links, settings = context.public_links(), context.settings()
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(asked, results),
        "description": settings.archive_description or None,
        "icon": links.at("/logo") if settings.archive_logo else None,
        "authors": [{"name": settings.archive_name}],
        "home_page_url": links.search(asked.pairs(paging=False))
        if asked.q or asked.narrowed
        else links.start(),
        "feed_url": links.feed("json", asked.pairs(paging=False)),
        "items": [
            {
                "id": links.permanent(hit.document.id),
                "url": links.document(hit.document.id, _anchor(hit), asked.marks),
                "title": hit.document.title,
                "content_html": "".join(_quotes(hit)),
                "date_published": _stamp(hit),
                "language": next(iter(hit.document.languages), None),
                "authors": [{"name": name} for name in _author(hit)] or None,
            }
            for hit in results.hits
        ],
    }
    answer = context.json(_without_none(feed))
    answer.content_type = "application/feed+json; charset=utf-8"
    return answer


@page.get("/feed.<form>")
def unknown(form: str) -> Response:
    """No other form of feed is there. Raises `UnknownName`."""
    raise UnknownName("form of feed", form, ("atom", "json"))


def _found() -> tuple[Asked, Results]:
    """The newest documents of the search; similar words alone bring nothing into a feed."""
    asked = params.read(request.args, strict=True, also=("ui",))
    asked = replace(asked, sort="-date", limit=ENTRIES, offset=0)
    results = context.opened().searcher.search(replace(asked, group="document").question())
    hits = tuple(hit for hit in results.hits if not hit.passages or not _similar_only(hit))
    return asked, replace(results, hits=hits)


def _similar_only(hit: DocumentHit) -> bool:
    return all(passage.similar_only for passage in hit.passages)


def _title(asked: Asked, results: Results) -> str:
    """What is asked, each filter, and the archive: a reader program shows nothing else of it."""
    name = context.settings().archive_name
    return " · ".join(filter(None, (search_title(asked, results), name)))


def _anchor(hit: DocumentHit) -> str:
    return hit.passages[0].passage.anchor if hit.passages else ""


def _author(hit: DocumentHit) -> Iterator[str]:
    known = hit.document.metadata
    for each in (known.author, known.source):
        if each is not None:
            yield citation.names(each.value)
            return


def _quotes(hit: DocumentHit) -> Iterator[str]:
    for passage in hit.passages:
        yield f"<p>{passage.snippet.html}</p>"


def _stamp(hit: DocumentHit) -> str | None:
    """RFC 3339: a date without a time is that day's midnight, UTC."""
    written = hit.document.metadata.date
    return _moment(written.value).isoformat() if written else None


def _moment(written: PublicationDate) -> datetime:
    moment = written.moment or datetime.combine(written.first_day, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _feed(asked: Asked, results: Results) -> Xml.Element:
    links, settings = context.public_links(), context.settings()
    made = context.opened().live.manifest.made
    feed = Xml.Element(f"{{{_ATOM}}}feed")
    _add(feed, "title", _title(asked, results))
    if settings.archive_description:
        _add(feed, "subtitle", settings.archive_description)
    this = links.feed("atom", asked.pairs(paging=False))
    _add(feed, "id", this)
    _add(feed, "link", rel="self", type="application/atom+xml", href=this)
    home = links.search(asked.pairs(paging=False)) if asked.q or asked.narrowed else links.start()
    _add(feed, "link", rel="alternate", type="text/html", href=home)
    _add(feed, "updated", made)
    keeper = _add(feed, "author")
    _add(keeper, "name", settings.archive_name)
    if settings.archive_contact.startswith(("https://", "http://")):
        _add(keeper, "uri", settings.archive_contact)
    elif "@" in settings.archive_contact:
        _add(keeper, "email", settings.archive_contact)
    if settings.archive_logo:
        _add(feed, "logo", links.at("/logo"))
    if settings.archive_rights:
        _add(feed, "rights", settings.archive_rights)
    for hit in results.hits:
        entry = _add(feed, "entry")
        _add(entry, "title", hit.document.title)
        _add(entry, "id", links.permanent(hit.document.id))
        href = links.document(hit.document.id, _anchor(hit), asked.marks)
        _add(entry, "link", rel="alternate", type="text/html", href=href)
        _add(entry, "updated", _stamp(hit) or made)
        if stamp := _stamp(hit):
            _add(entry, "published", stamp)
        else:
            _add(entry, "category", term=gettext("undated"))
        for name in _author(hit):
            _add(_add(entry, "author"), "name", name)
        _add(entry, "content", "".join(_quotes(hit)), type="html")
    return feed


def _add(parent: Xml.Element, name: str, text: str = "", **attributes: str) -> Xml.Element:
    """A child; characters that XML cannot hold are left out."""
    child = Xml.SubElement(parent, f"{{{_ATOM}}}{name}")
    child.attrib.update({key: _UNPRINTABLE.sub("", value) for key, value in attributes.items()})
    child.text = _UNPRINTABLE.sub("", text) or None
    return child


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(each) for name, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, list) else value

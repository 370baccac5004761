"""HTML pages: the words of the page itself, and what its head declares."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from lxml import etree

from search_service.formats import markup
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder
from search_service.formats.declared import as_text, from_pairs
from search_service.formats.refusals import refuse_empty
from search_service.formats.text import decode
from search_service.model import Extract, Metadata

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})""")

# For each field the names of meta elements that hold it, the surest first.
_META: dict[str, tuple[str, ...]] = {
    "title": ("og:title", "dc.title", "dcterms.title", "twitter:title"),
    "author": ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author"),
    "date": (
        "article:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
        "dcterms.issued", "dcterms.created", "pubdate", "publish_date", "publication_date",
    ),
    "source": ("og:site_name", "application-name", "dc.publisher", "publisher"),
    "section": ("article:section",),
    "url": ("og:url",),
    "description": ("description", "og:description"),
    "keywords": ("keywords", "article:tag"),
}  # fmt: skip
_LINKED_DATA = {
    "title": "headline",
    "author": "author",
    "date": "datePublished",
    "source": "publisher",
    "section": "articleSection",
}


def read(source: Source) -> Iterator[Extract]:
    """Reads one page."""
    head = source.data[:4096]
    declared = _CHARSET.search(head) or _XML_CHARSET.search(head)
    decoded = decode(source, declared[1].decode("ascii") if declared else None)
    page = markup.parse(decoded.text)
    builder = Builder()
    metadata = Metadata()
    if page is not None:
        markup.add_blocks(builder, _content(page), main_only=True)
        metadata = declared_metadata(page)
    extract = builder.extract(metadata)
    refuse_empty(source.path, extract.text)
    yield replace(extract, warnings=decoded.warnings)


def _content(page: etree._Element) -> etree._Element:
    """The page's main element or its only article, if it holds half of the words or more."""
    whole = len(_words(page))
    for candidates in (_found(page, "//main | //*[@role='main']"), _found(page, "//article")):
        if len(candidates) == 1 and len(_words(candidates[0])) * 2 >= whole:
            found: etree._Element = candidates[0]
            return found
    body = page.find("body")
    return page if body is None else body


def _found(page: etree._Element, path: str) -> list[etree._Element]:
    """The elements that an XPath expression names."""
    return cast("list[etree._Element]", page.xpath(path))


def _words(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext())


def declared_metadata(page: etree._Element) -> Metadata:
    """What the page's head says, each with the element that says it."""
    found: dict[str, tuple[str, str]] = {}
    meta = _meta_elements(page)
    for field, names in _META.items():
        for name in names:
            value = meta.get(name, "")
            # article:author is often the address of a profile.
            if value and not (field == "author" and value.startswith("http")):
                found.setdefault(field, (value, f"HTML meta {name}"))
    for field, value in _linked_data(page).items():
        found.setdefault(field, (value, "HTML linked data"))
    for link in _found(page, "//link[@rel='canonical'][@href]")[:1]:
        found["url"] = (link.get("href", ""), "HTML canonical link")
    for moment in _found(page, "//time[@datetime][@pubdate or @itemprop='datePublished']")[:1]:
        found.setdefault("date", (moment.get("datetime", ""), "HTML time element"))
    if language := page.get("lang") or page.get("xml:lang"):
        found["language"] = (language, "HTML lang attribute")
    found.setdefault("title", _title(page))
    return _metadata(found)


def _meta_elements(page: etree._Element) -> dict[str, str]:
    meta: dict[str, str] = {}
    for element in _found(page, "//meta[@content]")[:500]:
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        meta.setdefault(name.strip().lower(), as_text(element.get("content")))
    return meta


def _title(page: etree._Element) -> tuple[str, str]:
    """The heading, if <title> is that and the site's name; or else <title>."""
    titles = _found(page, "//head/title")
    title = as_text(_words(titles[0])) if titles else ""
    headings = _found(page, "//h1")[:2]
    heading = as_text(_words(headings[0])) if len(headings) == 1 else ""
    if heading and heading in title:
        return heading, "HTML h1"
    return title, "HTML title"


def _linked_data(page: etree._Element) -> dict[str, str]:
    """What schema.org's JSON-LD says of the article."""
    found: dict[str, str] = {}
    for script in _found(page, "//script[@type='application/ld+json']")[:20]:
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        graph = data.get("@graph", data) if isinstance(data, dict) else data
        for thing in graph if isinstance(graph, list) else [graph]:
            if isinstance(thing, dict) and _is_article(thing):
                for field, name in _LINKED_DATA.items():
                    if value := as_text(thing.get(name)):
                        found.setdefault(field, value)
    return found


def _is_article(thing: dict[str, Any]) -> bool:
    kind = as_text(thing.get("@type"))
    return any(name in kind for name in ("Article", "Posting", "Report", "WebPage", "Book"))


def _metadata(found: dict[str, tuple[str, str]]) -> Metadata:
    """One `Metadata`, each value with its own origin."""
    parts: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for field, (value, where) in found.items():
        one = from_pairs({field: value}, where)
        extra.update(one.extra)
        if hasattr(one, field) and getattr(one, field) is not None:
            parts[field] = getattr(one, field)
    return Metadata(**parts, extra=extra)


FORMAT = Format(
    name="html",
    label="HTML",
    suffixes=(".html", ".htm", ".xhtml"),
    media_type="text/html",
    read=read,
)

"""What robots may do: read everything, or, unless the owner says so, nothing at all."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from flask import Blueprint, Response

from search_service.errors import NotFound
from search_service.web import context
from search_service.web.refusals import gettext_noop

page = Blueprint("robots", __name__)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
LARGEST = 50_000
"""The most addresses that the protocol allows in one sitemap."""


@page.get("/robots.txt")
def robots() -> Response:
    """Leave to read documents, not to walk through searches without end; or no leave."""
    links = context.public_links()
    if context.settings().public:
        lines = [
            "User-agent: *",
            "Disallow: /search",
            "Disallow: /around/",
            "Disallow: /export.",
            "Disallow: /api/",
            f"Sitemap: {links.at('/sitemap.xml')}",
        ]
    else:
        lines = ["User-agent: *", "Disallow: /"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@page.get("/sitemap.xml")
def sitemap() -> Response:
    """The addresses of all documents. Raises `NotFound` where the archive is not public."""
    if not context.settings().public:
        raise NotFound(gettext_noop("this archive has no sitemap: browse its documents"))
    links = context.public_links()
    Xml.register_namespace("", _NAMESPACE)
    root = Xml.Element(f"{{{_NAMESPACE}}}urlset")
    documents = context.opened().catalogue().documents[: LARGEST - 2]
    for address in (
        links.start(),
        links.browse(),
        *(links.permanent(each.id) for each in documents),
    ):
        entry = Xml.SubElement(root, f"{{{_NAMESPACE}}}url")
        Xml.SubElement(entry, f"{{{_NAMESPACE}}}loc").text = address
    body = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, content_type="application/xml; charset=utf-8")

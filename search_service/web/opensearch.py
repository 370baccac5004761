"""The OpenSearch description, by which browsers offer the archive as a search engine."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from flask import Blueprint, Response, request

from search_service.web import context, logo, params

page = Blueprint("opensearch", __name__)
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"


@page.get("/opensearch.xml")
def description() -> Response:
    """The description, in OpenSearch 1.1."""
    settings, links = context.settings(), context.public_links()
    Xml.register_namespace("", _NAMESPACE)
    root = Xml.Element(f"{{{_NAMESPACE}}}OpenSearchDescription")
    # The standard allows 16 and 48 characters for the names, 1024 for the description.
    _add(root, "ShortName", _cut(settings.archive_name, 16))
    _add(root, "LongName", _cut(settings.archive_name, 48))
    _add(root, "Description", (settings.archive_description or settings.archive_name)[:1024])
    if "@" in settings.archive_contact:
        _add(root, "Contact", settings.archive_contact)
    base = links.base
    for kind, rel, path in (
        ("text/html", "results", "/search"),
        ("application/atom+xml", "results", "/feed.atom"),
        ("application/x-suggestions+json", "suggestions", "/suggest.json"),
    ):
        template = f"{base}{path}?q={{searchTerms}}"
        _add(root, "Url", type=kind, rel=rel, method="get", template=template)
    own = logo.known()
    if own is not None:
        size = {"width": str(own.width), "height": str(logo.HEIGHT)}
        _add(root, "Image", links.at("/logo"), **size, type=own.media_type)
    if own is None or not own.square:
        icon = links.at("/static/icon.svg")
        _add(root, "Image", icon, width="16", height="16", type="image/svg+xml")
    _add(root, "InputEncoding", "UTF-8")
    _add(root, "OutputEncoding", "UTF-8")
    body = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, content_type="application/opensearchdescription+xml; charset=utf-8")


@page.get("/suggest.json")
def suggestions() -> Response:
    """Completions in the form that a browser's address bar asks for."""
    typed = params.one(request.args, "q")
    found = context.opened().searcher.complete(typed)
    answer = context.json([typed, [each.text for each in found]])
    answer.content_type = "application/x-suggestions+json"
    return answer


def _cut(name: str, most: int) -> str:
    """A name of so many letters at most, cut between words where that leaves any."""
    if len(name) <= most:
        return name
    whole = name[: most + 1].rpartition(" ")[0].rstrip(" ,;:–-")
    return whole or name[:most]


def _add(parent: Xml.Element, name: str, text: str = "", **attributes: str) -> None:
    child = Xml.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)
    child.text = text or None

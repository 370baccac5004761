"""EPUB: the chapters in the order of the spine, each read as HTML is."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from lxml import etree

from search_service.dates import parse_date
from search_service.errors import UnreadableFile
from search_service.formats import markup
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder, language_code
from search_service.formats.declared import as_text
from search_service.formats.package import Package, opened
from search_service.formats.refusals import refuse_empty, refuse_font_mojibake
from search_service.formats.text import decode
from search_service.model import Extract, Metadata, Sourced

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_WHERE = "EPUB metadata"
_FIELDS = {
    "title": "title",
    "creator": "author",
    "publisher": "source",
    "date": "date",
    "language": "language",
}


def read(source: Source) -> Iterator[Extract]:
    """Reads one book as one document."""
    with opened(source) as package:
        root = _rootfile(package)
        tree = package.xml(root)
        chapters = list(_chapters(tree, posixpath.dirname(root)))
        builder = Builder()
        for chapter in dict.fromkeys(chapters):
            if chapter not in package.names:
                builder.warnings.append(f"its chapter {chapter} is missing: export the book anew")
                continue
            _refuse_encrypted(package, chapter)
            _add_chapter(builder, source.path, chapter, package)
    extract = builder.extract(_metadata(tree))
    refuse_empty(source.path, extract.text)
    refuse_font_mojibake(source.path, extract.text)
    yield extract


def _rootfile(package: Package) -> str:
    for element in package.xml(_CONTAINER).iter("{*}rootfile"):
        if path := element.get("full-path"):
            return path
    raise UnreadableFile(f"{package.path} is no EPUB by its content: give it its right suffix")


def _chapters(tree: etree._Element, folder: str) -> Iterator[str]:
    """The names of the parts in reading order, without the book's own table of contents."""
    items = {
        item.get("id", ""): item
        for item in tree.iter("{*}item")
        if "nav" not in item.get("properties", "").split()
    }
    for reference in tree.iter("{*}itemref"):
        item = items.get(reference.get("idref", ""))
        if item is not None and "html" in item.get("media-type", ""):
            href = unquote(item.get("href", "").partition("#")[0])
            yield posixpath.normpath(posixpath.join(folder, href))


def _refuse_encrypted(package: Package, chapter: str) -> None:
    if _ENCRYPTION not in package.names:
        return
    for reference in package.xml(_ENCRYPTION).iter("{*}CipherReference"):
        if unquote(reference.get("URI", "")) == chapter:
            raise UnreadableFile(
                f"{package.path} is protected by DRM: it cannot be read; get it free"
            )


def _add_chapter(builder: Builder, path: str, chapter: str, package: Package) -> None:
    # XHTML has one encoding by default; the HTML reader forgives what is not well-formed.
    page = markup.parse(decode(Source(f"{path}/{chapter}", package.read(chapter))).text)
    if page is not None:
        body = page.find("body")
        markup.add_blocks(builder, page if body is None else body)


def _metadata(tree: etree._Element) -> Metadata:
    fields: dict[str, Any] = {}
    extra: dict[str, Sourced[str]] = {}
    for element in tree.iter("{http://purl.org/dc/elements/1.1/}*"):
        name = etree.QName(element).localname
        value = as_text("".join(str(part) for part in element.itertext()))
        field = _FIELDS.get(name)
        read: object = value
        if field == "date":
            read = parse_date(value)
        elif field == "language":
            read = language_code(value)
        if field and read and field not in fields:
            fields[field] = Sourced(read, _WHERE)
        elif value and name in {"subject", "description", "identifier", "rights"}:
            extra.setdefault(name, Sourced(value, _WHERE))
    return Metadata(**fields, extra=extra)


FORMAT = Format(
    name="epub",
    label="EPUB",
    suffixes=(".epub",),
    media_type="application/epub+zip",
    read=read,
)

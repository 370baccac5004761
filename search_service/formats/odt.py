"""ODT: OpenDocument text, read from its XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from search_service.dates import parse_date
from search_service.errors import UnreadableFile
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder, language_code
from search_service.formats.declared import as_text
from search_service.formats.package import Package, opened
from search_service.formats.refusals import refuse_empty, refuse_font_mojibake
from search_service.model import BlockKind, Extract, Metadata, Sourced

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_WHERE = "document properties"

_SKIPPED = frozenset(
    f"{_TEXT}{name}"
    for name in (
        "tracked-changes", "sequence-decls", "variable-decls", "user-field-decls", "note-citation",
        "table-of-content", "alphabetical-index", "bookmark", "hidden-text",
    )
) | {f"{_OFFICE}annotation", f"{_OFFICE}forms"}  # fmt: skip
_INLINE = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}s": " "}
_STYLE_KINDS = (
    ("Quotation", BlockKind.QUOTE),
    ("Block_20_Text", BlockKind.QUOTE),
    ("Preformatted", BlockKind.CODE),
    ("Source_20_Code", BlockKind.CODE),
)
_MOST_SPACES = 1_000


def read(source: Source) -> Iterator[Extract]:
    """Reads one ODT; notes follow the paragraph that they belong to."""
    with opened(source) as package:
        if b"encryption-data" in (
            package.read("META-INF/manifest.xml")
            if "META-INF/manifest.xml" in package.names
            else b""
        ):
            raise UnreadableFile(
                f"{source.path} is encrypted: remove its password and save it anew"
            )
        content = package.xml("content.xml")
        metadata = _metadata(package)
    builder = Builder()
    body = content.find(f".//{_OFFICE}text")
    if body is not None:
        _Reader(builder, _styles(content)).read(body)
    extract = builder.extract(metadata)
    refuse_empty(source.path, extract.text)
    refuse_font_mojibake(source.path, extract.text)
    yield extract


def _styles(content: etree._Element) -> dict[str, str]:
    """For each automatic paragraph style the named one that it varies: P3 is a Quotation."""
    return {
        style.get(f"{_STYLE}name", ""): style.get(f"{_STYLE}parent-style-name", "")
        for style in content.iter(f"{_STYLE}style")
        if style.get(f"{_STYLE}family") == "paragraph"
    }


class _Reader:
    """Walks the body once, without recursion."""

    def __init__(self, builder: Builder, styles: dict[str, str]) -> None:
        self._builder = builder
        self._styles = styles
        self._lists = 0
        self._tables = 0
        self._rows: list[str] = []
        self._notes: list[str] = []
        # The paragraphs that are open: a note's lie within the one that it belongs to.
        self._open: list[list[str]] = []

    def read(self, body: etree._Element) -> None:
        """Adds the blocks of a body."""
        walker = etree.iterwalk(body, events=("start", "end"))
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if tag in _SKIPPED:
                    walker.skip_subtree()
                    continue
                self._start(element, tag)
                if self._open and element.text:
                    self._open[-1].append(element.text)
                continue
            if tag not in _SKIPPED:
                self._end(element, tag)
            if self._open and element.tail:
                self._open[-1].append(element.tail)

    def _start(self, element: etree._Element, tag: str) -> None:
        if tag in {f"{_TEXT}p", f"{_TEXT}h"}:
            self._open.append([])
        elif tag == f"{_TEXT}list":
            self._lists += 1
        elif tag == f"{_TABLE}table":
            self._tables += 1
        elif tag == f"{_TABLE}table-row":
            self._rows.append("")
        elif tag in _INLINE and self._open:
            count = element.get(f"{_TEXT}c", "1")
            times = min(int(count), _MOST_SPACES) if count.isdecimal() and len(count) < 9 else 1
            self._open[-1].append(_INLINE[tag] * times)

    def _end(self, element: etree._Element, tag: str) -> None:
        if tag in {f"{_TEXT}p", f"{_TEXT}h"} and self._open:
            self._paragraph(element, tag, "".join(self._open.pop()))
        elif tag == f"{_TEXT}list":
            self._lists -= 1
        elif tag == f"{_TABLE}table":
            self._tables -= 1
            if self._tables == 0:
                self._builder.add("\n".join(filter(None, self._rows)), BlockKind.TABLE)
                self._rows.clear()

    def _paragraph(self, element: etree._Element, tag: str, text: str) -> None:
        if self._open:
            self._notes.append(text)
            return
        if self._tables:
            if self._rows and text.strip():
                self._rows[-1] += (" | " if self._rows[-1] else "") + " ".join(text.split())
            return
        kind, level = self._kind(element, tag, text)
        self._builder.add(text, kind, level)
        for note in self._notes:
            self._builder.add(note, BlockKind.PARAGRAPH)
        self._notes.clear()

    def _kind(self, element: etree._Element, tag: str, text: str) -> tuple[BlockKind, int]:
        if tag == f"{_TEXT}h":
            outline = element.get(f"{_TEXT}outline-level", "1")
            return BlockKind.HEADING, min(6, max(1, int(outline))) if outline.isdecimal() else 1
        name = element.get(f"{_TEXT}style-name", "")
        style = f"{name} {self._styles.get(name, '')}"
        if re.search(r"\bTitle\b", style):
            return BlockKind.HEADING, 1
        if self._lists:
            return BlockKind.ITEM, self._lists
        for part, kind in _STYLE_KINDS:
            if part in style:
                return kind, 0
        if text.count("\n") >= 2 and all(len(line) <= 60 for line in text.split("\n")):
            return BlockKind.VERSE, 0
        return BlockKind.PARAGRAPH, 0


def _metadata(package: Package) -> Metadata:
    """The file's properties; when it was made says nothing of when its text was published."""
    if "meta.xml" not in package.names:
        return Metadata()
    values: dict[str, str] = {}
    for element in package.xml("meta.xml").iter(etree.Element):
        values.setdefault(etree.QName(element).localname, as_text(element.text))
    fields: dict[str, Any] = {}
    author = values.get("initial-creator") or values.get("creator")
    for field, value in (("title", values.get("title")), ("author", author)):
        if value:
            fields[field] = Sourced(value, _WHERE)
    if code := language_code(values.get("language")):
        fields["language"] = Sourced(code, _WHERE)
    extra = {
        name: Sourced(values[name], _WHERE)
        for name in ("subject", "description", "keyword")
        if values.get(name)
    }
    if created := parse_date(values.get("creation-date", "")):
        extra["created"] = Sourced(created.text, _WHERE)
    return Metadata(**fields, extra=extra)


FORMAT = Format(
    name="odt",
    label="ODT",
    suffixes=(".odt",),
    media_type="application/vnd.oasis.opendocument.text",
    read=read,
)

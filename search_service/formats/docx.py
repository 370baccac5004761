"""DOCX: made into HTML by mammoth, which follows styles, lists, notes and tracked changes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import mammoth
from lxml import etree

from search_service.dates import parse_date
from search_service.errors import UnreadableFile
from search_service.formats import markup
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder, language_code
from search_service.formats.declared import as_text
from search_service.formats.package import Package, opened
from search_service.formats.refusals import refuse_empty, refuse_font_mojibake
from search_service.model import Extract, Metadata, Sourced

_WHERE = "document properties"
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='Block Text'] => blockquote > p:fresh
p[style-name='Quotations'] => blockquote > p:fresh
p[style-name='Verse'] => pre:separator('\\n')
p[style-name='Preformatted Text'] => pre:separator('\\n')
p[style-name='Source Code'] => pre:separator('\\n')
"""


def read(source: Source) -> Iterator[Extract]:
    """Reads one DOCX, with its notes at the end."""
    with opened(source) as package:
        if "word/document.xml" not in package.names and "_rels/.rels" not in package.names:
            raise UnreadableFile(
                f"{source.path} is no DOCX by its content: give it its right suffix"
            )
        metadata = _metadata(package)
    page = markup.parse(_as_html(source))
    builder = Builder()
    if page is not None:
        # Mammoth does not tell with which number a list begins, or goes on after a paragraph.
        markup.add_blocks(builder, page, numbered=False)
    extract = builder.extract(metadata)
    refuse_empty(source.path, extract.text)
    refuse_font_mojibake(source.path, extract.text)
    yield extract


def _as_html(source: Source) -> str:
    try:
        result = mammoth.convert_to_html(
            io.BytesIO(source.data),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(lambda _: {}),
            external_file_access=False,
        )
    except MemoryError:
        raise  # the limit of the process, which its owner may raise
    # A damaged package fails in mammoth in as many ways as it can be damaged.
    except Exception as error:  # noqa: BLE001 -- a parser may raise anything
        kind = type(error).__name__
        raise UnreadableFile(
            f"{source.path} is damaged ({kind}: {error}): open it in LibreOffice and save it anew"
        ) from None
    return str(result.value)


def _metadata(package: Package) -> Metadata:
    """Core properties; when the file was made says nothing of when its text was published."""
    if "docProps/core.xml" not in package.names:
        return Metadata()
    values: dict[str, str] = {}
    for element in package.xml("docProps/core.xml").iter(etree.Element):
        name = etree.QName(element).localname
        values.setdefault(name, as_text(element.text))
    fields: dict[str, Any] = {}
    for field, name in (("title", "title"), ("author", "creator"), ("section", "category")):
        if value := values.get(name):
            fields[field] = Sourced(value, _WHERE)
    if code := language_code(values.get("language")):
        fields["language"] = Sourced(code, _WHERE)
    extra = {
        name: Sourced(values[name], _WHERE)
        for name in ("subject", "keywords", "description")
        if values.get(name)
    }
    if created := parse_date(values.get("created", "")):
        extra["created"] = Sourced(created.text, _WHERE)
    return Metadata(**fields, extra=extra)


FORMAT = Format(
    name="docx",
    label="DOCX",
    suffixes=(".docx",),
    media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    read=read,
)

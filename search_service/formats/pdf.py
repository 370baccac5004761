"""PDF, read by PDFium, the reader of Chromium: lines with their places, then paragraphs."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from search_service.dates import parse_date
from search_service.errors import UnreadableFile
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder, clean
from search_service.formats.layout import HYPHEN, PrintedLine, add_pages
from search_service.formats.refusals import refuse_font_mojibake
from search_service.model import Extract, Metadata, Sourced

_WHERE = "PDF properties"
# PDFium puts one of these for a hyphen at a line's end, and no line end after it.
_HYPHENS = frozenset((0x02, 0xFFFE))
_LINE_ENDS = _HYPHENS | {10, 13}
# What word processors put where no one gave a title.
_NO_TITLE = re.compile(
    r"untitled|unspecified|document\d*|microsoft \w+ - .*"
    r"|.*\.(?:docx?|odt|rtf|tex|dvi|pdf|indd|qxd|txt|html?)",
    re.IGNORECASE,
)


def read(source: Source) -> Iterator[Extract]:
    """Reads one PDF. A scan, an encrypted and a damaged one are refused."""
    document = _opened(source)
    try:
        pages = [_lines(document, number) for number in range(len(document))]
        properties = document.get_metadata_dict(skip_empty=True)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFile(
            f"{source.path} is a damaged PDF ({error}): print it from a viewer to a new PDF"
        ) from None
    finally:
        document.close()
    builder = Builder()
    add_pages(builder, pages)
    builder.warnings.extend(_warnings(pages))
    extract = builder.extract(_metadata(properties))
    _refuse_scan(source.path, len(pages), extract.text)
    refuse_font_mojibake(source.path, extract.text)
    yield extract


def _opened(source: Source) -> pypdfium2.PdfDocument:
    if b"%PDF-" not in source.data[:1024]:
        raise UnreadableFile(f"{source.path} is no PDF by its content: give it its right suffix")
    try:
        return pypdfium2.PdfDocument(source.data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            cure = "is encrypted: remove its password and save it anew"
        else:
            cure = "is a damaged PDF: print it from a viewer to a new PDF"
        raise UnreadableFile(f"{source.path} {cure}") from None


def _lines(document: pypdfium2.PdfDocument, number: int) -> list[PrintedLine]:
    """The lines of a page in the order in which they are drawn."""
    page = document[number]
    try:
        reader = page.get_textpage()
        try:
            return list(_printed(reader.raw, reader.count_chars()))
        finally:
            reader.close()
    finally:
        page.close()


def _printed(reader: object, count: int) -> Iterator[PrintedLine]:
    codes = [pdfium.FPDFText_GetUnicode(reader, index) for index in range(count)]
    begin = 0
    for index in range(count + 1):
        if index < count and codes[index] not in _LINE_ENDS:
            continue
        places = [place for place in range(begin, index) if codes[place] not in {0, 32, 0xA0}]
        text = _decoded(codes[begin:index])
        begin = index + 1
        if places and text:
            left, bottom, _, top = _box(reader, places[0])
            right = _box(reader, places[-1])[2]
            if index < count and codes[index] in _HYPHENS:
                text += HYPHEN
            yield PrintedLine(text, left, right, bottom, top - bottom)


def _decoded(codes: list[int]) -> str:
    """The text of UTF-16 units; lone surrogates, which damaged fonts give, are left out."""
    units = b"".join(code.to_bytes(2, "little") for code in codes if 0 < code < 0x10000)
    return clean(units.decode("utf-16-le", "ignore")).strip() if units else ""


def _box(reader: object, index: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character, as high as its font is."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(reader, index, ctypes.byref(box)):
        return 0.0, 0.0, 0.0, 0.0
    return box.left, box.bottom, box.right, box.top


def _warnings(pages: list[list[PrintedLine]]) -> Iterator[str]:
    empty = [str(number) for number, lines in enumerate(pages, 1) if not lines]
    if empty:
        shown = ", ".join(empty[:10]) + (" ..." if len(empty) > 10 else "")
        yield f"no text on page {shown}: if it is a scan, run OCR"


def _refuse_scan(path: str, pages: int, text: str) -> None:
    letters = sum(map(str.isalnum, text))
    if letters < 5 * pages:
        plural = "" if pages == 1 else "s"
        raise UnreadableFile(f"{path}: {pages} page{plural}, no text: run OCR first")
    # Fonts that do not say which letters they draw come out as private or replaced characters.
    unknown = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in text)
    if unknown > letters / 3:
        raise UnreadableFile(f"{path} has fonts that do not tell their letters: run OCR on it")


def _metadata(properties: dict[str, str]) -> Metadata:
    """Title and author; the day the file was made says nothing of when it was published."""
    values = {name: " ".join(clean(text).split()) for name, text in properties.items()}
    title, author = values.get("Title", ""), values.get("Author", "")
    extra = {
        name.lower(): Sourced(values[name], _WHERE)
        for name in ("Subject", "Keywords")
        if values.get(name, "unspecified") != "unspecified"
    }
    if created := parse_date(values.get("CreationDate", "")):
        extra["created"] = Sourced(created.text, _WHERE)
    return Metadata(
        title=Sourced(title, _WHERE) if title and not _NO_TITLE.fullmatch(title) else None,
        author=Sourced(author, _WHERE) if author not in {"", "anonymous", "unspecified"} else None,
        extra=extra,
    )


FORMAT = Format(
    name="pdf",
    label="PDF",
    suffixes=(".pdf",),
    media_type="application/pdf",
    read=read,
)

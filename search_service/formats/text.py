"""Plain text in any encoding, and `decode`, by which all formats turn bytes into characters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from search_service.errors import UnreadableFile
from search_service.formats.base import Format, Source
from search_service.formats.builder import clean
from search_service.formats.encoding import detect
from search_service.formats.refusals import refuse_binary, refuse_empty, refuse_font_mojibake
from search_service.formats.structure import structure
from search_service.model import Extract, Metadata

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a file, and the encoding they were in; `sure` unless it was guessed."""

    text: str
    encoding: str
    sure: bool

    @property
    def warnings(self) -> tuple[str, ...]:
        """What its owner should know: nothing where the encoding was sure."""
        return () if self.sure else (f"decoded as {self.encoding}, by its letters",)


def decode(source: Source, declared: str | None = None) -> Decoded:
    """The characters of a file: by its byte-order mark, as declared, as UTF-8, or by statistics.

    No character is ever replaced. Raises `UnreadableFile` for bytes that are no text, and for
    text whose letters an old Azerbaijani font redraws.
    """
    decoded = _decode(source, declared)
    refuse_font_mojibake(source.path, decoded.text)
    return decoded


def _decode(source: Source, declared: str | None) -> Decoded:
    data = source.data
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return Decoded(data[len(mark) :].decode(encoding), encoding, sure=True)
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    f"{source.path} begins as {encoding} but byte {error.start + len(mark)} is not:"
                    " it is damaged or cut off; save it anew as UTF-8"
                ) from None
    order = refuse_binary(source.path, data)
    for encoding in dict.fromkeys(filter(None, (order, "utf-8", _known(declared)))):
        try:
            return Decoded(data.decode(encoding), encoding, sure=True)
        except UnicodeError:
            continue
    _refuse_damaged_utf8(source)
    text, encoding = detect(source.path, data)
    return Decoded(text, encoding, sure=False)


def _refuse_damaged_utf8(source: Source) -> None:
    """Raises `UnreadableFile` for UTF-8 with a few wrong bytes: old encodings fit any bytes."""
    sample = source.data[:1_000_000]
    rest = sample.decode("utf-8", "ignore")
    lost = len(sample) - len(rest.encode())
    letters = sum(char > "\x7f" for char in rest)
    if letters > 10 * lost:
        line = 1
        try:
            source.data.decode()
        except UnicodeDecodeError as error:
            line = source.data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"{source.path} is UTF-8 but for a few bytes, the first on line {line}: it is damaged"
            " or cut off; copy or save it anew"
        )


def _known(declared: str | None) -> str | None:
    """A declared encoding under Python's name; None where Python knows no such text encoding."""
    if not declared or not re.fullmatch(r"[\w.:+-]{1,40}", declared):
        return None
    try:
        info = codecs.lookup(declared)
    except LookupError:
        return None
    # What calls itself Latin-1 is Windows-1252 in practice, as the HTML standard has it.
    name = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}.get(
        info.name, info.name
    )
    is_text = getattr(info, "_is_text_encoding", True)
    return name if is_text and not name.startswith(("utf-7", "idna", "punycode")) else None


def read(source: Source) -> Iterator[Extract]:
    """Reads a plain text; its blocks are guessed from indents, wraps and empty lines."""
    decoded = decode(source)
    text, blocks = structure(clean(decoded.text))
    refuse_empty(source.path, text)
    yield Extract(text, blocks, Metadata(), warnings=decoded.warnings)


FORMAT = Format(
    name="text",
    label="Plain text",
    suffixes=(".txt", ".text"),
    media_type="text/plain",
    read=read,
)

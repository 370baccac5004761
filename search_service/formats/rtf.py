"""RTF: its words by striprtf, its structure from paragraph marks and outline levels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from search_service.errors import UnreadableFile
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder, clean
from search_service.formats.declared import from_pairs
from search_service.formats.refusals import refuse_empty, refuse_font_mojibake, refuse_signature
from search_service.formats.structure import structure
from search_service.model import BlockKind, Extract, Metadata

_CODE_PAGE = re.compile(rb"\\ansicpg([0-9]{2,5})")
_INFO = re.compile(
    r"\{\\(title|author|subject|keywords|company)\b ?((?:[^{}\\]|\\[^{}]){0,2000})\}"
)
# A private-use character marks a heading through striprtf, which drops what is no text.
_MARK = 0xE000
_OUTLINE = re.compile(r"\\outlinelevel([0-8])(?![0-9])")
# The paragraph of a cell ends with the cell.
_CELL = re.compile(r"\\par(\s*\}?\s*\\cell(?![a-z]))")
_PARAGRAPH = re.compile(r"\\par(?![a-z])")


def read(source: Source) -> Iterator[Extract]:
    """Reads one RTF file."""
    if not source.data.lstrip().startswith(b"{\\rtf"):
        refuse_signature(source.path, source.data)
        raise UnreadableFile(f"{source.path} is no RTF by its content: give it its right suffix")
    raw = _decoded(source)
    # \par ends a paragraph and \line a line of it; striprtf writes both as a line end.
    marked = _OUTLINE.sub(lambda m: rf"{m[0]}{{\uc0\u{_MARK + int(m[1])} }}", raw)
    marked = _PARAGRAPH.sub(r"\\par\\par", _CELL.sub(r"\1", marked))
    text = clean(_plain(source.path, marked))
    builder = Builder()
    pieces = re.split(rf"(?=[{chr(_MARK)}-{chr(_MARK + 8)}])", text)
    for piece in pieces:
        heading, body = "", piece
        if _MARK <= ord(piece[:1] or " ") <= _MARK + 8:
            heading, _, body = piece[1:].partition("\n")
            builder.add(heading, BlockKind.HEADING, min(6, ord(piece[0]) - _MARK + 1))
        tidy, blocks = structure(body, titled=bool(heading) or piece is not pieces[0])
        for block in blocks:
            builder.add(tidy[block.start : block.end], block.kind, block.level)
    extract = builder.extract(_metadata(source.path, raw))
    refuse_empty(source.path, extract.text)
    refuse_font_mojibake(source.path, extract.text)
    yield extract


def _decoded(source: Source) -> str:
    """RTF is ASCII; where a program wrote letters as they are, they are in its code page."""
    found = _CODE_PAGE.search(source.data[:2000])
    encodings = (f"cp{found[1].decode()}" if found else "cp1252", "utf-8")
    for encoding in encodings:
        try:
            return source.data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise UnreadableFile(
        f"{source.path} has letters outside of its own encoding: open it and save it anew"
    )


def _plain(path: str, raw: str) -> str:
    try:
        return str(rtf_to_text(raw, errors="strict"))
    except MemoryError:
        raise  # the limit of the process, which its owner may raise
    # Damaged control words fail in striprtf in as many ways as they can be damaged.
    except Exception as error:  # noqa: BLE001 -- a parser may raise anything
        kind = type(error).__name__
        raise UnreadableFile(
            f"{path} is damaged RTF ({kind}: {error}): open it in LibreOffice and save it anew"
        ) from None


def _metadata(path: str, raw: str) -> Metadata:
    start = raw.find("{\\info")
    if start < 0:
        return Metadata()
    pairs = {
        match[1]: _plain(path, f"{{\\rtf1\\ansi {match[2]}}}").strip()
        for match in _INFO.finditer(raw, start, start + 20_000)
    }
    return from_pairs(pairs, "document properties")


FORMAT = Format(
    name="rtf",
    label="RTF",
    suffixes=(".rtf",),
    media_type="application/rtf",
    read=read,
)

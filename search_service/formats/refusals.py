"""Files that cannot be read as text, each told with its cure."""

from __future__ import annotations

import re

from search_service.errors import UnreadableFile

_OLD_OFFICE = "is an old Office file: open it in LibreOffice or Word and save it as {}"
_PICTURE = "is a picture: if it shows text, run OCR and save the result as PDF or text"
_ARCHIVE = "is an archive: unpack it into the corpus"
_MEDIA = "is a recording: put a transcript beside it instead"

CURES: dict[str, str] = {
    **dict.fromkeys((".doc", ".dot", ".wps"), _OLD_OFFICE.format("DOCX")),
    ".xls": _OLD_OFFICE.format("CSV, one file a sheet"),
    ".ppt": _OLD_OFFICE.format("PDF"),
    **dict.fromkeys(
        (".xlsx", ".ods", ".numbers"), "is a spreadsheet: save each sheet that has text as CSV"
    ),
    **dict.fromkeys((".pptx", ".odp", ".key"), "is a slide show: export it as PDF"),
    **dict.fromkeys((".pages", ".wpd"), "is of a word processor not read here: save it as DOCX"),
    **dict.fromkeys(
        (".mobi", ".azw", ".azw3", ".fb2"), "is an e-book not read here: save it as EPUB"
    ),
    **dict.fromkeys((".djvu", ".djv"), "is a scan: run OCR and save it as PDF with a text layer"),
    **dict.fromkeys((".msg", ".pst", ".mbox"), "is a mailbox file: save each message as .eml"),
    **dict.fromkeys(
        (".jpg", ".jpeg", ".png", ".gif", ".tif", ".tiff", ".bmp", ".webp", ".heic", ".svg"),
        _PICTURE,
    ),
    **dict.fromkeys((".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz"), _ARCHIVE),
    **dict.fromkeys(
        (".mp3", ".wav", ".ogg", ".m4a", ".mp4", ".avi", ".mkv", ".mov", ".webm"), _MEDIA
    ),
}
"""What to do about a file of a known suffix that is not read."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "is a PDF by its content: give it the suffix .pdf"),
    (b"\xd0\xcf\x11\xe0", _OLD_OFFICE.format("DOCX") + " (a DOCX with a password: remove it)"),
    (b"PK\x03\x04", "is a zip, DOCX, ODT or EPUB by its content: give it the right suffix"),
    (b"{\\rtf", "is RTF by its content: give it the suffix .rtf"),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
    (b"AT&TFORM", CURES[".djvu"]),
)


def refuse_empty(path: str, text: str) -> None:
    """Raises `UnreadableFile` where nothing was left to read."""
    if not text.strip():
        raise UnreadableFile(f"{path} has no text: fill it, or leave it out of the corpus")


# Tab, line ends, form feed, escape and DOS's end of file are met in honest text.
_CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27}) + b"\x7f"


def refuse_signature(path: str, data: bytes) -> None:
    """Raises `UnreadableFile` where the first bytes are those of another kind of file."""
    for signature, cure in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableFile(f"{path} {cure}")


def refuse_binary(path: str, data: bytes) -> str | None:
    """Raises `UnreadableFile` where bytes are no text: one in 200 is a control character.

    The exception is UTF-16 without a mark, whose byte order is returned; otherwise None.
    """
    refuse_signature(path, data)
    sample = data[:200_000]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls == 0:
        return None
    if order := looks_like_utf16(sample):
        return order
    if controls * 200 > len(sample):
        raise UnreadableFile(
            f"{path} holds binary data, not text: save it as text in UTF-8, or leave it out"
        )
    return None


def looks_like_utf16(data: bytes) -> str | None:
    """The byte order of UTF-16 without a mark, told by where its zero bytes lie; None if none."""
    if len(data) < 4 or (len(data) % 2 and len(data) < 200_000):
        return None
    even, odd = data[0::2], data[1::2]
    # In Latin and Cyrillic the high byte is below 6; the low one is spread out.
    low = b"\x00\x01\x02\x03\x04\x05"
    high_odd = len(odd) - len(odd.translate(None, low))
    high_even = len(even) - len(even.translate(None, low))
    if high_odd > 0.9 * len(odd) and high_even < 0.2 * len(even):
        return "utf-16-le"
    if high_even > 0.9 * len(even) and high_odd < 0.2 * len(odd):
        return "utf-16-be"
    return None


_FONT_LETTERS = re.compile("[þÞðÐýÝÿ]")
_OTHERS_LETTERS = re.compile("[áéíóúæøåÁÉÍÓÚÆØÅ]")


def refuse_font_mojibake(path: str, text: str) -> None:
    """Raises `UnreadableFile` for `ýþýq` where `ışıq` was meant: an old Azerbaijani font's text.

    Icelandic, Faroese and Old English have þ and ð too, but never without á, é, í, ó, ú or æ;
    Turkmen and Czech have ý alone. Where only ə is redrawn, ÿ stands beside ş, ğ or ı.
    """
    if "þ" not in text and "ð" not in text and "ÿ" not in text:
        return
    sample = text[:200_000]
    met = _FONT_LETTERS.findall(sample)
    kinds = {letter.lower() for letter in met}
    others = len(_OTHERS_LETTERS.findall(sample))
    redrawn = len(kinds) >= 2 or ("ÿ" in kinds and not {"ş", "ğ", "ı"}.isdisjoint(sample))
    frequent = len(met) * 100 > sum(map(str.isalpha, sample))
    if redrawn and frequent and others * 4 < len(met):
        raise UnreadableFile(
            f"{path} was typed with an Azerbaijani font from before Unicode"
            " (þ ð ý stand for ş ğ ı): convert it to Unicode and save it as UTF-8"
        )

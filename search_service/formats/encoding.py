"""Which encoding bytes are in that carry neither a mark nor a declaration and are not UTF-8."""

from __future__ import annotations

import codecs
import re

from search_service.errors import UnreadableFile

_SAMPLE = 200_000

# What archives hold: Windows' code pages, the Cyrillic ones of DOS and Unix, and East Asia's.
# The detector knows a hundred; Macintosh's and EBCDIC's would only add wrong guesses.
_CANDIDATES = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "koi8-r", "koi8-u", "cp866", "iso8859-2", "iso8859-5", "cp874",
    "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "utf-8",
)  # fmt: skip

_NONE = "utf-8"
"""The answer where nothing fits, since it is known not to be this."""

_TURKIC = re.compile("[þðýÞÐÝ]")
_NORDIC = re.compile("[áéíóúæøåÁÉÍÓÚÆØÅ]")


def detect(path: str, data: bytes) -> tuple[str, str]:
    """The text of bytes in an old encoding, decoded without loss, and the encoding's name.

    Raises `UnreadableFile` where no encoding fits all of them.
    """
    import chardet  # noqa: PLC0415 -- most archives are in UTF-8 and never need its tables

    found = chardet.detect(
        data,
        max_bytes=_SAMPLE,
        prefer_superset=True,
        compat_names=False,
        include_encodings=_CANDIDATES,
        no_match_encoding=_NONE,
    )["encoding"]
    try:
        text = data.decode(found or _NONE)
        if found == "cp1252" and _is_turkic(text):
            text, found = data.decode("cp1254"), "cp1254"
    except UnicodeDecodeError:
        raise UnreadableFile(
            f"{path} is in no encoding that fits its bytes: save it as UTF-8"
        ) from None
    return text, display_name(found or _NONE)


def _is_turkic(text: str) -> bool:
    """Whether a text read as Windows-1252 has þ ð ý for ş ğ ı: without the letters they live with.

    Short texts give statistics too little: "Sarı ışık" is three letters away from "Sarý ýþýk".
    """
    sample = text[:_SAMPLE]
    return len(_TURKIC.findall(sample)) > 4 * len(_NORDIC.findall(sample))


def display_name(encoding: str) -> str:
    """`windows-1254` for Python's cp1254, as the registry of encodings has it."""
    name = codecs.lookup(encoding).name
    return re.sub(r"^cp(125\d)$", r"windows-\1", name)

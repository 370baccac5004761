"""Which encoding bytes are in that carry neither a mark nor a declaration and are not UTF-8."""

from __future__ import annotations

from search_service.errors import UnreadableFile
from search_service.formats.refusals import looks_like_utf16

_SAMPLE = 100_000


def detect(path: str, data: bytes) -> tuple[str, str]:
    """The text of bytes in an old encoding, decoded without loss, and the encoding's name.

    Raises `UnreadableFile` where no encoding fits.
    """
    from charset_normalizer import from_bytes  # noqa: PLC0415

    order = looks_like_utf16(data)
    if order:
        try:
            return data.decode(order), order
        except UnicodeDecodeError:
            pass
    best = from_bytes(data[:_SAMPLE], cp_isolation=list(_CANDIDATES)).best()
    if best is not None:
        try:
            return data.decode(best.encoding), best.encoding
        except UnicodeDecodeError:
            pass
    raise UnreadableFile(f"{path} is in no encoding that fits its bytes: save it as UTF-8")


_CANDIDATES = ("cp1251", "cp1254", "cp1252", "cp1250", "koi8_r", "cp866", "iso8859_5")

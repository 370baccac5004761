"""Zip packages of XML parts (DOCX, ODT, EPUB), opened within bounds."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from lxml import etree

from search_service.errors import UnreadableFile
from search_service.formats.base import Source
from search_service.formats.refusals import refuse_signature

_MOST_PARTS = 20_000
_MOST_BYTES = 400_000_000
"""Of all parts together, unpacked; pictures count, for libraries may read them."""
_MOST_XML = 100_000_000
"""Of one part that is text."""
_FREE = 5_000_000
_MOST_RATIO = 100
"""Once it has more than `_FREE` bytes, a package may not grow more than this in unpacking."""


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # zipfile raises it for a compression that it does not know
    OSError,
    ValueError,  # names that are no UTF-8
)


class Package:
    """A zip package whose parts are read by name."""

    def __init__(self, path: str, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self.names = frozenset(archive.namelist())

    def read(self, name: str) -> bytes:
        """A part's bytes. Raises `UnreadableFile`: it is missing, encrypted, damaged, too large."""
        try:
            info = self._archive.getinfo(name)
            if info.file_size > _MOST_XML:
                raise UnreadableFile(
                    f"{self.path} has a part of {info.file_size:,} bytes: split it"
                )
            return self._archive.read(info)
        except KeyError:
            raise UnreadableFile(
                f"{self.path} has no part {name}: it is damaged or of another format; save it anew"
            ) from None
        except _DAMAGE as error:
            raise _damaged(self.path, error) from None
        except RuntimeError:
            raise UnreadableFile(
                f"{self.path} is encrypted: remove its password and save it anew"
            ) from None

    def xml(self, name: str) -> etree._Element:
        """A part as a tree, with entities left alone. Raises `UnreadableFile`."""
        try:
            return parse_xml(self.read(name))
        except etree.XMLSyntaxError as error:
            raise _damaged(self.path, error) from None


def parse_xml(data: bytes) -> etree._Element:
    """The tree of an XML file: no entity is expanded, nothing is fetched, depth is bounded."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    return etree.fromstring(data, parser)


@contextmanager
def opened(source: Source) -> Iterator[Package]:
    """Opens a package; raises `UnreadableFile` for what is no zip, and for a zip bomb."""
    if not source.data.startswith(b"PK"):
        refuse_signature(source.path, source.data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.data))
    except _DAMAGE as error:
        raise _damaged(source.path, error) from None
    with archive:
        # A part never unpacks to more than its entry says: zipfile stops there.
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if (
            len(parts) > _MOST_PARTS
            or total > _MOST_BYTES
            or (total > _FREE and total > _MOST_RATIO * len(source.data))
        ):
            raise UnreadableFile(
                f"{source.path} would unpack to {total:,} bytes in {len(parts):,} parts, as a zip"
                " bomb does: save its text in a smaller file"
            )
        yield Package(source.path, archive)


def _damaged(path: str, error: Exception) -> UnreadableFile:
    return UnreadableFile(f"{path} is damaged or cut off ({error}): save or copy it anew")

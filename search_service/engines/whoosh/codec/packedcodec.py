"""A Whoosh codec with our postings: `ix.writer(codec=PackedCodec())` writes any index with it.

Fields whose format is exactly Whoosh's `Existence`, `Frequency` or `Positions` go into packed
arrays; all other fields, stored values, columns and lengths go to Whoosh's own codec. Segments
carry the codec in Whoosh's pickled table of contents, so the class must stay importable.
"""

# Whoosh has no types in its codecs.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import struct
from array import array
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
from whoosh.codec.base import FieldWriter
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3Segment
from whoosh.fields import FieldType
from whoosh.filedb.filestore import FileStorage, Storage
from whoosh.formats import Existence, Frequency, Positions
from whoosh.util.numeric import length_to_byte

from search_service.engines.whoosh.codec.packedterms import PackedField
from search_service.engines.whoosh.codec.terms import FieldsReader
from search_service.engines.whoosh.store.arrays import ArrayFile, ArrayWriter
from search_service.engines.whoosh.store.postings import PostingsWriter
from search_service.engines.whoosh.whoosh_version import check_version
from search_service.engines.whoosh.writing.packing import write_strings

check_version()

_EXTENSION = ".packed"


class PackedSegment(W3Segment):
    """A segment whose files lie side by side, so that the arrays can be mapped."""

    def should_assemble(self) -> bool:
        """Never into one file: it would have to be copied into memory."""
        return False


class PackedCodec(W3Codec):
    """Whoosh's codec with other postings."""

    def field_writer(self, storage: Storage, segment: PackedSegment) -> PackedFieldWriter:
        """Writes the postings of a segment."""
        return PackedFieldWriter(self, storage, segment)

    def terms_reader(self, storage: Storage, segment: PackedSegment) -> FieldsReader:
        """Reads them."""
        file = _open(storage, segment.make_filename(_EXTENSION))
        fields = {field: PackedField(file, name) for field, name in file.meta["fields"].items()}
        return FieldsReader(fields, super().terms_reader(storage, segment))

    def new_segment(
        self,
        storage: Storage,  # noqa: ARG002 -- Whoosh's codecs find a segment by it
        indexname: str,
    ) -> PackedSegment:
        """A segment to write."""
        return PackedSegment(self, indexname)


def _open(storage: Storage, name: str) -> ArrayFile:
    if isinstance(storage, FileStorage):
        return ArrayFile.open(Path(storage.folder) / name)
    file = storage.open_file(name)
    try:
        return ArrayFile(name, bytes(file.read()))
    finally:
        file.close()


class _StorageSink:
    """A file of a Whoosh storage to write arrays to."""

    def __init__(self, storage: Storage, name: str) -> None:
        self._file = storage.create_file(name)

    def write(self, chunk: bytes) -> None:
        self._file.write(bytes(chunk))

    def close(self) -> None:
        self._file.close()

    def discard(self) -> None:
        self._file.close()


class _Field:
    """The postings of one field until they are written."""

    def __init__(self, format_: Existence | Frequency | Positions) -> None:
        self.format = format_
        self.terms: list[bytes] = []
        self.counts = array("I")
        self.documents = array("I")
        self.weights = array("f")
        self.frequencies = array("I")
        self.positions = array("I")
        self.odd_places = array("I")
        self.odd_values: list[bytes] = []
        self.total_weights = array("f")
        self.max_weights = array("f")
        self.min_lengths = array("B")
        self.max_lengths = array("B")
        self._first = 0

    def start_term(self, text: bytes) -> None:
        self.terms.append(text)
        self._first = len(self.documents)
        self._shortest: int | None = None
        self._longest = 0
        self._heaviest = 0.0

    def add(self, document: int, weight: float, value: bytes, length: int | None) -> None:
        frequency, positions = self._read(value)
        if frequency is None:
            # Whoosh's spelling fields have no value where their format has one.
            self.odd_places.append(len(self.documents))
            self.odd_values.append(value)
        self.documents.append(document)
        self.weights.append(weight)
        self.frequencies.append(frequency or 0)
        self.positions.extend(positions)
        self._heaviest = max(self._heaviest, weight)
        if length:
            shortest = self._shortest
            self._shortest = length if shortest is None else min(shortest, length)
            self._longest = max(self._longest, length)

    def _read(self, value: bytes) -> tuple[int | None, list[int]]:
        """(frequency, positions) that the format encodes as this value; None if there are none."""
        if isinstance(self.format, Existence):
            return (None if value else 1), []
        try:
            if isinstance(self.format, Frequency):
                return self.format.decode_frequency(value), []
            positions = self.format.decode_positions(value)
            if positions and self.format.encode(positions) == value:
                return len(positions), positions
        except (EOFError, UnpicklingError, struct.error, TypeError, ValueError, IndexError):
            pass
        return None, []

    def finish_term(self) -> None:
        self.counts.append(len(self.documents) - self._first)
        self.total_weights.append(sum(self.weights[self._first :]))
        self.max_weights.append(self._heaviest)
        self.min_lengths.append(0 if self._shortest is None else length_to_byte(self._shortest))
        self.max_lengths.append(length_to_byte(self._longest))

    def write(self, file: ArrayWriter, name: str) -> None:
        """Write all of it under a name; `packedterms.PackedField` reads it."""
        write_strings(file, f"{name}.terms", self.terms)
        documents = np.frombuffer(self.documents, np.uint32)
        frequencies = np.frombuffer(self.frequencies, np.uint32)
        weights = np.frombuffer(self.weights, np.float32)
        postings = PostingsWriter(file, name, len(self.terms), int(documents.max(initial=0)) + 1)
        counts = np.frombuffer(self.counts, np.uint32)
        positions = np.frombuffer(self.positions, np.uint32)
        postings.add(0, counts, documents, frequencies, positions)
        postings.close()
        file.add(f"{name}.odd_places", "<u4", np.frombuffer(self.odd_places, np.uint32))
        write_strings(file, f"{name}.odd_values", self.odd_values)
        if (weights != frequencies).any():
            file.add(f"{name}.weights", "<f4", weights)
        file.add(f"{name}.total_weights", "<f4", np.frombuffer(self.total_weights, np.float32))
        file.add(f"{name}.max_weights", "<f4", np.frombuffer(self.max_weights, np.float32))
        file.add(f"{name}.min_lengths", "u1", np.frombuffer(self.min_lengths, np.uint8))
        file.add(f"{name}.max_lengths", "u1", np.frombuffer(self.max_lengths, np.uint8))


class PackedFieldWriter(FieldWriter):
    """Takes Whoosh's stream of postings; fields that it does not cover go to Whoosh's writer."""

    def __init__(self, codec: PackedCodec, storage: Storage, segment: PackedSegment) -> None:
        self._others = W3FieldWriter(codec, storage, segment)
        self._sink = _StorageSink(storage, segment.make_filename(_EXTENSION))
        self._file = ArrayWriter(self._sink)
        self._fields: dict[str, str] = {}
        self._field: _Field | None = None
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: FieldType) -> None:
        """The postings of this field follow."""
        format_: Any = fieldobj.format
        if type(format_) in (Existence, Frequency, Positions):
            self._fields[fieldname] = f"field{len(self._fields)}"
            self._field = _Field(format_)
        else:
            self._others.start_field(fieldname, fieldobj)
        self._name = fieldname

    def start_term(self, text: bytes) -> None:
        """The postings of this term follow."""
        (self._field or self._others).start_term(text)

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int | None) -> None:
        """One posting."""
        (self._field or self._others).add(docnum, weight, vbytes, length)

    def finish_term(self) -> None:
        """The term's last posting was added."""
        (self._field or self._others).finish_term()

    def finish_field(self) -> None:
        """The field's last posting was added."""
        if self._field:
            self._field.write(self._file, self._fields[self._name])
            self._field = None
        else:
            self._others.finish_field()

    def close(self) -> None:
        """Write what is left."""
        self._others.close()
        self._file.close({"fields": self._fields})
        self.is_closed = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "_others" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self._others, name)

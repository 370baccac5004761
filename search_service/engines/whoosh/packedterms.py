"""Terms and postings of a segment that Whoosh wrote through `PackedCodec`."""

# Whoosh has no types in its codecs.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import FieldCursor, TermsReader
from whoosh.fields import FieldType
from whoosh.formats import Format, Positions
from whoosh.reading import TermInfo, TermNotFound
from whoosh.util.numeric import byte_to_length

from search_service.engines.whoosh.arrays import ArrayFile
from search_service.engines.whoosh.matching import ArrayMatcher, TermPostings
from search_service.engines.whoosh.postings import Postings
from search_service.engines.whoosh.vocabulary import Strings

Term = tuple[str, bytes]


class PackedField:
    """One field's terms, sorted by their bytes."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.terms = Strings(file, f"{name}.terms")
        self._postings = Postings(file, name)
        self._weights: NDArray[np.float32] | None = None
        if f"{name}.weights" in file:
            self._weights = file.array(f"{name}.weights")
        self._odd_places: NDArray[np.uint32] = file.array(f"{name}.odd_places")
        self._odd_values = Strings(file, f"{name}.odd_values")
        self._total_weights = file.array(f"{name}.total_weights")
        self._max_weights = file.array(f"{name}.max_weights")
        self._min_lengths = file.array(f"{name}.min_lengths")
        self._max_lengths = file.array(f"{name}.max_lengths")

    def info(self, place: int) -> TermInfo:
        """What Whoosh wants to know of a term by its place."""
        low, high = self._extent(place)
        return TermInfo(
            weight=float(self._total_weights[place]),
            df=high - low,
            minlength=byte_to_length(int(self._min_lengths[place])),
            maxlength=byte_to_length(int(self._max_lengths[place])),
            maxweight=float(self._max_weights[place]),
            minid=int(self._postings.units(low, low + 1)[0]),
            maxid=int(self._postings.units(high - 1, high)[0]),
        )

    def postings(self, place: int, format_: Format) -> TermPostings:
        """The postings of a term by its place."""
        low, high = self._extent(place)
        documents, frequencies = self._postings.decode(low, high)
        positions = None
        if isinstance(format_, Positions):
            _, positions = self._postings.positions(low, high)
        weights = frequencies if self._weights is None else self._weights[low:high]
        first, last = np.searchsorted(self._odd_places, (low, high)).tolist()
        odd = {int(self._odd_places[n]) - low: self._odd_values[n] for n in range(first, last)}
        return TermPostings(documents, frequencies, weights, positions, odd)

    def _extent(self, place: int) -> tuple[int, int]:
        starts = self._postings.starts
        return int(starts[place]), int(starts[place + 1])


class PackedTermsReader(TermsReader):
    """All terms of a segment: those in arrays, and those of fields that Whoosh keeps."""

    def __init__(self, file: ArrayFile, others: TermsReader) -> None:
        self._fields = {
            field: PackedField(file, name) for field, name in file.meta["fields"].items()
        }
        self._others: Any = others

    def __contains__(self, term: Term) -> bool:
        field = self._fields.get(term[0])
        if field is None:
            return term in self._others
        return field.terms.find(term[1]) >= 0

    def indexed_field_names(self) -> Iterable[str]:
        """The fields that have terms."""
        return sorted([*self._fields, *self._others.indexed_field_names()])

    def terms(self) -> Iterator[Term]:
        """All terms, by field, then by their bytes."""
        return (term for term, _ in self._walk("", b""))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """The terms from this one on, those of later fields too."""
        if fieldname not in self.indexed_field_names():
            return iter(())
        return (term for term, _ in self._walk(fieldname, prefix))

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """All terms with what is known of them."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """The same from this term on."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def _walk(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, int]]:
        for name in self.indexed_field_names():
            if name < fieldname:
                continue
            start = prefix if name == fieldname else b""
            field = self._fields.get(name)
            if field is None:
                for other, text in self._others.terms_from(name, start):
                    if other != name:
                        break
                    yield (name, text), -1
            else:
                for place in range(field.terms.bisect_left(start), len(field.terms)):
                    yield (name, field.terms[place]), place

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """What is known of a term. Raises `TermNotFound`."""
        field = self._fields.get(fieldname)
        if field is None:
            known: TermInfo = self._others.term_info(fieldname, text)
            return known
        return field.info(self._find(field, fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """The term's weight in all documents. Raises `KeyError`."""
        field = self._fields.get(fieldname)
        if field is None:
            return float(self._others.frequency(fieldname, text))
        return float(field.info(self._known(field, fieldname, text)).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many documents have the term. Raises `KeyError`."""
        field = self._fields.get(fieldname)
        if field is None:
            return int(self._others.doc_frequency(fieldname, text))
        return int(field.info(self._known(field, fieldname, text)).doc_frequency())

    def matcher(self, fieldname: str, text: bytes, format_: Format, scorer: Any = None) -> Any:
        """The term's postings. Raises `TermNotFound`."""
        field = self._fields.get(fieldname)
        if field is None:
            return self._others.matcher(fieldname, text, format_, scorer=scorer)
        place = self._find(field, fieldname, text)
        return ArrayMatcher(
            field.postings(place, format_), field.info(place), format_, (fieldname, text), scorer
        )

    def cursor(self, fieldname: str, fieldobj: FieldType) -> Any:
        """Steps through the terms of a field."""
        field = self._fields.get(fieldname)
        if field is None:
            return self._others.cursor(fieldname, fieldobj)
        return TermsCursor(field, fieldobj)

    def close(self) -> None:
        """Give Whoosh's files back; ours are unmapped when their last array is gone."""
        self._others.close()
        self._fields = {}

    @staticmethod
    def _known(field: PackedField, fieldname: str, text: bytes) -> int:
        place = field.terms.find(text)
        if place < 0:
            raise KeyError(fieldname, text)
        return place

    def _find(self, field: PackedField, fieldname: str, text: bytes) -> int:
        try:
            return self._known(field, fieldname, text)
        except KeyError as error:
            raise TermNotFound(f"No term {fieldname}:{text!r}") from error


class TermsCursor(FieldCursor):
    """Steps through the sorted terms of one field."""

    def __init__(self, field: Any, fieldobj: FieldType) -> None:
        """`field` has `terms`, as `Strings` has them, and `info(place)`."""
        self._field = field
        self._fieldobj = fieldobj
        self._place = 0

    def first(self) -> Any:
        """To the first term; returns it, or None."""
        self._place = 0
        return self.text()

    def find(self, string: str | bytes) -> Any:
        """To the first term that is not before this one; returns it, or None."""
        text = string if isinstance(string, bytes) else self._fieldobj.to_bytes(string)
        self._place = self._field.terms.bisect_left(text)
        return self.text()

    def next(self) -> Any:
        """To the next term; returns it, or None."""
        self._place += 1
        return self.text()

    def text(self) -> Any:
        """The term here, or None."""
        if not self.is_valid():
            return None
        return self._fieldobj.from_bytes(self._field.terms[self._place])

    def term_info(self) -> TermInfo | None:
        """What is known of it, or None."""
        return self._field.info(self._place) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether there is a term here."""
        return self._place < len(self._field.terms)

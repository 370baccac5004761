"""Terms and postings field by field as Whoosh's reader interface has them."""

# Whoosh has no types in its codecs.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from whoosh.codec.base import EmptyCursor, FieldCursor, TermsReader
from whoosh.fields import FieldType
from whoosh.formats import Format
from whoosh.reading import TermInfo, TermNotFound

from search_service.engines.whoosh.codec.matching import ArrayMatcher, TermPostings

Term = tuple[str, bytes]


class TermField(Protocol):
    """The terms of one field."""

    @property
    def terms(self) -> SortedStrings:
        """Its terms."""

    def info(self, place: int) -> TermInfo:
        """What Whoosh wants to know of a term by its place."""

    def postings(self, place: int, format_: Format) -> TermPostings:
        """The postings of a term by its place."""


class SortedStrings(Protocol):
    """Terms in the order of their bytes."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> bytes: ...

    def bisect_left(self, key: bytes) -> int:
        """The first place whose term is not less than `key`."""

    def find(self, key: bytes) -> int:
        """The place of a term, or -1."""


class _NoTerms(TermsReader):
    """Nothing: the other fields of a segment that is all ours."""

    def terms(self) -> Iterator[Term]:
        return iter(())

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        return iter(())

    def terms_from(self, *_: Any) -> Iterator[Term]:
        return iter(())

    def items_from(self, *_: Any) -> Iterator[tuple[Term, TermInfo]]:
        return iter(())

    def __contains__(self, term: Term) -> bool:
        return False

    def indexed_field_names(self) -> Iterable[str]:
        return ()

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        raise TermNotFound(f"No term {fieldname}:{text!r}")

    def frequency(self, fieldname: str, text: bytes) -> float:
        raise KeyError(fieldname, text)

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        raise KeyError(fieldname, text)

    def matcher(self, fieldname: str, text: bytes, *_: Any, **__: Any) -> Any:
        raise TermNotFound(f"No term {fieldname}:{text!r}")

    def cursor(self, *_: Any) -> FieldCursor:
        return EmptyCursor()


class FieldsReader(TermsReader):
    """All terms of a segment: those of our fields, and those that another reader has."""

    def __init__(self, fields: Mapping[str, TermField], others: TermsReader | None = None) -> None:
        """`fields` may make a field when it is asked for; its keys name them all."""
        self._fields = fields
        self._others: Any = others or _NoTerms()

    def __contains__(self, term: Term) -> bool:
        field = self._field(term[0])
        if field is None:
            return term in self._others
        return field.terms.find(term[1]) >= 0

    def _field(self, name: str) -> TermField | None:
        return self._fields.get(name)

    def indexed_field_names(self) -> Iterable[str]:
        """The fields that have terms."""
        ours = [name for name in self._fields if len(self._fields[name].terms)]
        return sorted([*ours, *self._others.indexed_field_names()])

    def terms(self) -> Iterator[Term]:
        """All terms, by field, then by their bytes."""
        return self._walk("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """The terms from this one on, those of later fields too."""
        if fieldname not in self.indexed_field_names():
            return iter(())
        return self._walk(fieldname, prefix)

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """All terms with what is known of them."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """The same from this term on."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def _walk(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        for name in self.indexed_field_names():
            if name < fieldname:
                continue
            start = prefix if name == fieldname else b""
            field = self._field(name)
            if field is None:
                for other, text in self._others.terms_from(name, start):
                    if other != name:
                        break
                    yield name, text
            else:
                for place in range(field.terms.bisect_left(start), len(field.terms)):
                    yield name, field.terms[place]

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """What is known of a term. Raises `TermNotFound`."""
        field = self._field(fieldname)
        if field is None:
            known: TermInfo = self._others.term_info(fieldname, text)
            return known
        return field.info(_place(field, fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """The term's weight in all documents. Raises `KeyError`."""
        field = self._field(fieldname)
        if field is None:
            return float(self._others.frequency(fieldname, text))
        return float(field.info(_known(field, fieldname, text)).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many documents have the term. Raises `KeyError`."""
        field = self._field(fieldname)
        if field is None:
            return int(self._others.doc_frequency(fieldname, text))
        return int(field.info(_known(field, fieldname, text)).doc_frequency())

    def matcher(self, fieldname: str, text: bytes, format_: Format, scorer: Any = None) -> Any:
        """The term's postings. Raises `TermNotFound`."""
        field = self._field(fieldname)
        if field is None:
            return self._others.matcher(fieldname, text, format_, scorer=scorer)
        place = _place(field, fieldname, text)
        return ArrayMatcher(
            field.postings(place, format_), field.info(place), format_, (fieldname, text), scorer
        )

    def cursor(self, fieldname: str, fieldobj: FieldType) -> Any:
        """Steps through the terms of a field."""
        field = self._field(fieldname)
        if field is None:
            return self._others.cursor(fieldname, fieldobj)
        return TermsCursor(field, fieldobj)

    def close(self) -> None:
        """Give the other reader's files back; ours are unmapped with their last array."""
        self._others.close()


def _known(field: TermField, fieldname: str, text: bytes) -> int:
    place = field.terms.find(text)
    if place < 0:
        raise KeyError(fieldname, text)
    return place


def _place(field: TermField, fieldname: str, text: bytes) -> int:
    place = field.terms.find(text)
    if place < 0:
        raise TermNotFound(f"No term {fieldname}:{text!r}")
    return place


class TermsCursor(FieldCursor):
    """Steps through the sorted terms of one field."""

    def __init__(self, field: TermField, fieldobj: FieldType) -> None:
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

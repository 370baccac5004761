"""A generation of ours as a Whoosh index: `whoosh.index.open_dir(folder)` opens it.

One document of Whoosh is one passage. Another program may search it, read it, merge it into an
index of its own, and even write to it: Whoosh then adds segments of its own kind beside ours. The
table of contents is written by `toc`, and never read by this engine.
"""

# Whoosh has no types in its codecs.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from io import UnsupportedOperation
from pathlib import Path
from typing import Any

from whoosh.codec import base
from whoosh.filedb.filestore import Storage

from search_service.engines.whoosh.codec.passageterms import (
    WordField,
    anchor_field,
    date_field,
    document_field,
    facet_field,
)
from search_service.engines.whoosh.codec.terms import FieldsReader, TermField
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.whoosh_version import check_version
from search_service.engines.whoosh.writing.toc import INDEX_NAME
from search_service.schema import CONTEXT_FIELD, FACETS, TEXT_FIELD, TITLE_FIELD, whoosh_schema

check_version()


class PassageSegment(base.Segment):
    """A segment of ours in Whoosh's table of contents, with the passages that are deleted."""

    def __init__(self, name: str, passages: int, deleted: Iterable[int]) -> None:
        self.indexname = INDEX_NAME
        self.segid = name
        self.compound = False
        self._passages = passages
        self._deleted = set(deleted)

    def segment_id(self) -> str:
        """The name of its files, without suffix."""
        return str(self.segid)

    def codec(self) -> PassageCodec:
        """What reads it."""
        return PassageCodec()

    def doc_count_all(self) -> int:
        """Passages, deleted ones included."""
        return self._passages

    def deleted_count(self) -> int:
        """Deleted passages."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        """The numbers of the deleted passages."""
        return iter(sorted(self._deleted))

    def is_deleted(self, docnum: int) -> bool:
        """Whether a passage is deleted."""
        return docnum in self._deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a passage, or take that back; it counts when Whoosh's writer commits."""
        if delete:
            self._deleted.add(docnum)
        else:
            self._deleted.discard(docnum)

    def should_assemble(self) -> bool:
        """Never: its files are mapped, and shared with other generations."""
        return False


class PassageCodec(base.Codec):
    """Reads segments of ours. They are written by the engine, so it writes none."""

    def per_document_reader(self, storage: Storage, segment: PassageSegment) -> PassageReader:
        """What is known of each passage."""
        return PassageReader(_open(storage, segment), segment)

    def terms_reader(self, storage: Storage, segment: PassageSegment) -> FieldsReader:
        """The terms of all fields."""
        return FieldsReader(_PassageFields(_open(storage, segment)))

    # Whoosh's codecs both read and write; this one reads.
    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise UnsupportedOperation(
            "segments of passages are written by the engine: take PackedCodec, or no codec"
        )

    new_segment = per_document_writer = field_writer = _refuse
    postings_writer = postings_reader = _refuse


def _open(storage: Any, segment: PassageSegment) -> Segment:
    return Segment(Path(storage.folder), segment.segment_id())


class _PassageFields(Mapping[str, TermField]):
    """Field -> its terms, listed when they are asked for."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._made: dict[str, TermField] = {}
        self._schema = whoosh_schema()

    def __iter__(self) -> Iterator[str]:
        return iter(self._schema.names())

    def __len__(self) -> int:
        return len(self._schema.names())

    def __contains__(self, name: object) -> bool:
        return name in self._schema.names()

    def __getitem__(self, name: str) -> TermField:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> TermField:
        match name:
            case "text" | "context" | "title":
                return WordField(self._segment, name)
            case "document":
                return document_field(self._segment)
            case "anchor":
                return anchor_field(self._segment)
            case "date":
                return date_field(self._segment, self._schema["date"])
            case _:
                return facet_field(self._segment, name)


class PassageReader(base.PerDocumentReader):
    """What Whoosh may ask of each passage of a segment, by its number."""

    def __init__(self, segment: Segment, state: PassageSegment) -> None:
        self._segment = segment
        self._state = state

    def doc_count(self) -> int:
        """Live passages."""
        return self._segment.passage_count - self._state.deleted_count()

    def doc_count_all(self) -> int:
        """All passages."""
        return self._segment.passage_count

    def has_deletions(self) -> bool:
        """Whether any is deleted."""
        return self._state.deleted_count() > 0

    def is_deleted(self, docnum: int) -> bool:
        """Whether this one is."""
        return self._state.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        """Those that are."""
        return self._state.deleted_docs()

    @cached_property
    def _lengths(self) -> dict[str, Sequence[int]]:
        return {
            name: WordField(self._segment, name).lengths.tolist()
            for name in (TEXT_FIELD, CONTEXT_FIELD, TITLE_FIELD)
        }

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Words of a field in a passage."""
        lengths = self._lengths.get(fieldname)
        return default if lengths is None else lengths[docnum]

    def field_length(self, fieldname: str) -> int:
        """Words of a field in all passages."""
        return sum(self._lengths.get(fieldname, ()))

    def min_field_length(self, fieldname: str) -> int:
        """The fewest words that a passage has of a field."""
        return min(self._lengths.get(fieldname, ()), default=0)

    def max_field_length(self, fieldname: str) -> int:
        """The most words that a passage has of a field."""
        return max(self._lengths.get(fieldname, ()), default=0)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The stored fields of the schema that this passage has."""
        segment = self._segment
        number = int(segment.passage_document[docnum])
        ordinal = docnum - int(segment.document_passages[number])
        summary = segment.catalogue.summary(number)
        ((_, text),) = segment.catalogue.passages(number, (ordinal,))
        stored: dict[str, Any] = {
            "document": summary.id,
            "anchor": segment.catalogue.anchors[docnum].decode(),
            "text": text,
            "title": summary.title,
        }
        if segment.first_day[number]:
            stored["date"] = int(segment.first_day[number])
        for facet in FACETS:
            codes, values = segment.facet(facet.name)
            code = int(codes[number if facet.level == "document" else docnum])
            if code >= 0 and values[code]:
                stored[facet.name] = values[code]
        return stored

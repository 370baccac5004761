"""The text as the oracle keeps it: documents, passages and the forms of their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from search_service.engines.whoosh.writing.prepared import Column, Prepared
from search_service.languages.separators import FORM_SEPARATOR, KEY_SEPARATOR, PART_SEPARATOR

PassageId = tuple[str, int]
"""Document id and ordinal."""

Identity = tuple[str, str, str]
"""What makes a row: its folded form, its exact form, its language."""


@dataclass(frozen=True)
class Row:
    """A form of the text."""

    folded: str
    exact: str
    language: str
    stems: frozenset[str]
    translit: frozenset[str]

    @property
    def identity(self) -> Identity:
        return self.folded, self.exact, self.language


@dataclass
class StoredPassage:
    text: list[Row | None]
    context: list[Row | None]
    language: str
    length: int
    signature: int


@dataclass
class StoredDocument:
    id: str
    title: list[Row | None]
    passages: list[StoredPassage]
    facets: Mapping[str, str | None]
    first_day: int
    last_day: int

    @property
    def length(self) -> int:
        return sum(passage.length for passage in self.passages)


def stored(prepared: Prepared) -> StoredDocument:
    """A document as the oracle keeps it."""
    header = prepared.header
    keys = prepared.forms.decode().split(FORM_SEPARATOR) if prepared.forms else []
    rows = [_row(key) for key in keys]

    words = iter([None if w == len(rows) else rows[w] for w in prepared.words.tolist()])
    table = prepared.passages
    texts = [list(islice(words, count)) for count in table[:, Column.WORDS].tolist()]
    contexts = [list(islice(words, count)) for count in table[:, Column.CONTEXT_WORDS].tolist()]
    passages = [
        StoredPassage(text, context, header["languages"][code], len(text), signature)
        for text, context, code, signature in zip(
            texts,
            contexts,
            table[:, Column.LANGUAGE].tolist(),
            prepared.signatures.tolist(),
            strict=True,
        )
    ]
    title = list(words)
    return StoredDocument(
        header["id"], title, passages, header["facets"], header["first_day"], header["last_day"]
    )


def _row(key: str) -> Row:
    folded, exact, language, stems, translit = key.split(PART_SEPARATOR)
    return Row(
        folded,
        exact,
        language,
        frozenset(filter(None, stems.split(KEY_SEPARATOR))),
        frozenset(filter(None, translit.split(KEY_SEPARATOR))),
    )


Keys = dict[Identity, tuple[set[str], set[str]]]
"""Rows that differ in keys alone are one row, with the keys of all."""


class Archive:
    """All live documents."""

    def __init__(self, documents: Iterable[StoredDocument]) -> None:
        self.documents = {document.id: document for document in documents}
        self.passages = {
            (document.id, ordinal): passage
            for document in self.documents.values()
            for ordinal, passage in enumerate(document.passages)
        }
        self.keys: Keys = {}
        for passage in self.passages.values():
            self._learn(passage.text)
            self._learn(passage.context)
        for document in self.documents.values():
            self._learn(document.title)
        lengths = [passage.length for passage in self.passages.values()]
        self.average = sum(lengths) / len(lengths) if sum(lengths) else 1.0
        self.document_average = sum(lengths) / len(self.documents) if sum(lengths) else 1.0

    def _learn(self, rows: Iterable[Row | None]) -> None:
        for row in rows:
            if row is not None:
                stems, translit = self.keys.setdefault(row.identity, (set(), set()))
                stems |= row.stems
                translit |= row.translit

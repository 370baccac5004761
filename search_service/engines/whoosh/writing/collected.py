"""The columns of a segment that is built: they grow as documents come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.writing.columns import DOCUMENT_FACETS, Ints, Numbers
from search_service.engines.whoosh.writing.packing import batches
from search_service.engines.whoosh.writing.prepared import Column, Prepared

_AT_ONCE = 1 << 13
"""Passages that are put together."""

_PLACES: dict[str, slice | int] = {
    "spans": slice(Column.START, Column.LEAD_IN_START),
    "lead_in": slice(Column.LEAD_IN_START, Column.PAGE),
    "page": Column.PAGE,
    "headings": Column.HEADINGS,
    "language": Column.LANGUAGE,
    "length": Column.WORDS,
    "context_length": Column.CONTEXT_WORDS,
}


class Collected:
    """`Columns` in memory."""

    def __init__(self) -> None:
        self.languages = Numbers()
        self.ids: list[bytes] = []
        self.summaries: list[bytes] = []
        self.structures: list[bytes] = []
        self.anchors: list[bytes] = []
        self._paths: list[tuple[str, str]] = []
        self._counts: list[int] = []
        self._days: tuple[list[int], list[int]] = ([], [])
        self._codes: dict[str, list[int]] = {name: [] for name in DOCUMENT_FACETS}
        self._values: dict[str, Numbers] = {name: Numbers() for name in DOCUMENT_FACETS}
        self._tables: list[NDArray[np.int32]] = []
        self._signatures: list[NDArray[np.uint64]] = []
        self._headings: list[NDArray[np.int32]] = []

    def add(self, prepared: Prepared) -> None:
        """Append a document.

        Its passages are copied: as views they would keep all that a document was prepared of.
        """
        header = prepared.header
        codes = np.array([self.languages[language] for language in header["languages"]], np.int32)
        table = prepared.passages.copy()
        table[:, Column.LANGUAGE] = codes[table[:, Column.LANGUAGE]]
        self._tables.append(table)
        self._signatures.append(prepared.signatures.copy())
        self._headings.append(prepared.headings.copy())
        self.anchors.extend(anchor.encode() for anchor in header["anchors"])
        self._counts.append(len(table))
        self.ids.append(header["id"].encode())
        self._paths.append((header["path"], header["key"]))
        self._days[0].append(header["first_day"])
        self._days[1].append(header["last_day"])
        for name, known in self._codes.items():
            value = header["facets"][name]
            known.append(-1 if value is None else self._values[name][value])
        self.summaries.append(prepared.summary)
        self.structures.append(prepared.structure)

    @property
    def passage_counts(self) -> Ints:
        """See `Columns`."""
        return np.array(self._counts, np.int32)

    @property
    def days(self) -> tuple[Ints, Ints]:
        """See `Columns`."""
        return np.array(self._days[0], np.int64), np.array(self._days[1], np.int64)

    def facet(self, name: str) -> tuple[Ints, Sequence[str]]:
        """See `Columns`."""
        return np.array(self._codes[name], np.int64), list(self._values[name])

    def id_order(self) -> Ints:
        """See `Columns`."""
        return np.array(sorted(range(len(self.ids)), key=self.ids.__getitem__), np.int32)

    def path_order(self) -> Ints:
        """See `Columns`."""
        return np.array(sorted(range(len(self._paths)), key=self._paths.__getitem__), np.int32)

    def passages(self, name: str) -> Iterator[Ints]:
        """See `Columns`; `context_length` is how many words the `context` of each has."""
        if name == "signature":
            yield from _joined(self._signatures)
        else:
            for table in _joined(self._tables):
                yield table[:, _PLACES[name]]

    def heading_spans(self) -> Iterator[Ints]:
        """See `Columns`."""
        yield from _joined(self._headings)


def _joined(arrays: Iterable[Ints]) -> Iterator[Ints]:
    """Those of some documents, until there are enough passages."""
    return map(np.concatenate, batches(arrays, _AT_ONCE, len))

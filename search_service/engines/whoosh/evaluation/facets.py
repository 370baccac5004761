"""How many of the documents found have each value of a facet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.evaluation.conditions import LEVELS, Filters
from search_service.engines.whoosh.evaluation.runs import changes
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Ints
from search_service.errors import UnknownName

Counts = Mapping[str, Mapping[str, int]]
"""Facet -> value -> documents, for values that occur."""


def count_facets(
    snapshot: Snapshot, names: Sequence[str], units: Ints, kept: Ints, filters: Filters
) -> Counts:
    """The counts of some facets.

    `units` are the passages that match, `kept` those of them that pass all filters. A facet ignores
    the filter on itself, so that its other values can be chosen.
    """
    if not names:
        return {}
    counts = {}
    found = _Found(snapshot, kept)
    for name in names:
        if name not in LEVELS:
            raise UnknownName("facet", name, LEVELS)
        among = found
        if name in filters.names:
            among = _Found(snapshot, units[filters.keep(units, ignoring=name)])
        coded = snapshot.coded(name)
        codes = among.codes(coded.codes, of_documents=LEVELS[name] == "document")
        numbers = np.bincount(codes, minlength=len(coded.values)).tolist()
        counts[name] = {
            value: count for value, count in zip(coded.values, numbers, strict=True) if count
        }
    return counts


class _Found:
    """Passages (ascending), and the documents that they are of."""

    def __init__(self, snapshot: Snapshot, units: Ints) -> None:
        self._units = units
        self._of_units = snapshot.passage_document.take(units)
        self._documents = self._of_units[changes(self._of_units)]

    def codes(self, codes: NDArray[np.integer], *, of_documents: bool) -> NDArray[np.integer]:
        """The codes that they have, once for each document that has one of them."""
        if of_documents:
            codes = codes.take(self._documents)
            return codes[codes >= 0]
        codes = codes.take(self._units)
        # Bytes are put in order by counting, which keeps the documents of each in order.
        order = codes.argsort(kind="stable")
        codes, documents = codes.take(order), self._of_units.take(order)
        return codes[changes(documents) | changes(codes)]

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
    of_kept = snapshot.passage_document.take(kept)
    each = of_kept[changes(of_kept)]
    for name in names:
        if name not in LEVELS:
            raise UnknownName("facet", name, LEVELS)
        passages, of_passages, documents = kept, of_kept, each
        if name in filters.names:
            passages = units[filters.keep(units, ignoring=name)]
            of_passages = snapshot.passage_document.take(passages)
            documents = of_passages[changes(of_passages)]
        coded = snapshot.coded(name)
        codes: NDArray[np.integer]
        if LEVELS[name] == "document":
            codes = coded.codes.take(documents)
            codes = codes[codes >= 0]
        else:
            codes = _once_a_document(coded.codes.take(passages), of_passages)
        found = np.bincount(codes, minlength=len(coded.values)).tolist()
        counts[name] = {
            value: count for value, count in zip(coded.values, found, strict=True) if count
        }
    return counts


def _once_a_document(codes: NDArray[np.integer], documents: Ints) -> NDArray[np.integer]:
    """The codes of passages; a document counts once for each that it has among them."""
    # Bytes are put in order by counting, which keeps the documents of each in order.
    order = codes.argsort(kind="stable")
    codes, documents = codes.take(order), documents.take(order)
    return codes[changes(documents) | changes(codes)]

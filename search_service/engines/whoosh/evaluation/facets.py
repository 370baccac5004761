"""How many of the documents found have each value of a facet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from search_service.engines.whoosh.evaluation.conditions import LEVELS, Filters
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Ints
from search_service.errors import UnknownName


def facet_counts(
    snapshot: Snapshot, name: str, units: Ints, kept: Ints, filters: Filters
) -> Mapping[str, int]:
    """Value -> documents, for values that occur.

    `units` are the passages that match, `kept` those of them that pass all filters. A facet ignores
    the filter on itself, so that its other values can be chosen.
    """
    if name not in LEVELS:
        raise UnknownName("facet", name, LEVELS)
    if name in filters.names:
        kept = units[filters.keep(units, ignoring=name)]
    coded = snapshot.coded(name)
    if LEVELS[name] == "document":
        codes = coded.codes[snapshot.kernel.documents_of(kept)]
    else:
        documents = snapshot.passage_document[kept]
        # A document counts once for each language it has among the passages found.
        pairs = documents.astype(np.int64) * (len(coded.values) + 1) + coded.codes[kept]
        pairs.sort()
        codes = pairs[_changes(pairs)] % (len(coded.values) + 1)
    counts = np.bincount(codes[codes >= 0], minlength=len(coded.values))
    return {
        value: count for value, count in zip(coded.values, counts.tolist(), strict=True) if count
    }


def _changes(
    ascending: np.ndarray[tuple[int], np.dtype[np.integer]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    fresh = np.empty(len(ascending), bool)
    fresh[:1] = True
    np.not_equal(ascending[1:], ascending[:-1], out=fresh[1:])
    return fresh

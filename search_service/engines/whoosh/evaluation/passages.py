"""Passages as the hits of an answer: how they are ordered, counted and told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search_service.engines.base import Found, FoundPassage
from search_service.engines.whoosh.evaluation.runs import changes
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask

Units = NDArray[np.int64] | Ints
"""Passages."""


def ranks(snapshot: Snapshot, units: Units) -> NDArray[np.int64]:
    """The order of document ids, and of passages in their document, that breaks ties."""
    documents = snapshot.document_ranks[snapshot.passage_document[units]]
    return (documents.astype(np.int64) << 32) + units


def days(snapshot: Snapshot, documents: Ints, *, newest: bool) -> Floats:
    """What hits in these documents are sorted by date by, the greatest first, the undated last."""
    first = snapshot.first_day[documents].astype(np.float64)
    return np.where(first > 0, first if newest else -first, -np.inf)


def documents(snapshot: Snapshot, units: Units) -> int:
    """How many documents passages (ascending) are of."""
    of_passages = snapshot.passage_document.take(units)
    return int(np.count_nonzero(changes(of_passages)))


def first_in_order(snapshot: Snapshot, units: Units, count: int) -> NDArray[np.int64]:
    """The places of the first of some passages (ascending), in the order of `ranks`."""
    of_passages = snapshot.passage_document.take(units)
    (firsts,) = changes(of_passages).nonzero()
    of_documents = snapshot.document_ranks.take(of_passages.take(firsts))
    order = np.arange(len(firsts))
    if count < len(firsts):
        order = np.argpartition(of_documents, count)[:count]
    order = order[of_documents.take(order).argsort()]
    ends = [*firsts[1:].tolist(), len(units)]
    places: list[int] = []
    for document in order.tolist():
        if len(places) >= count:
            break
        places.extend(range(int(firsts[document]), ends[document]))
    return np.array(places[:count], np.int64)


def told(
    snapshot: Snapshot,
    units: Units,
    scores: Floats,
    similar: Mask | None = None,
    missing: Sequence[tuple[int, ...]] | None = None,
) -> tuple[Found, ...]:
    """Passages as hits; which were met by similar words alone, and what each misses."""
    numbers = snapshot.passage_document[units]
    ordinals = units - snapshot.document_starts[numbers]
    rows = zip(
        units.tolist(),
        numbers.tolist(),
        ordinals.tolist(),
        scores.tolist(),
        [False] * len(units) if similar is None else similar.tolist(),
        missing or [()] * len(units),
        strict=True,
    )
    found = []
    signature, document_id = snapshot.signature, snapshot.document_id
    for unit, document, ordinal, score, alike, lacks in rows:
        passage = FoundPassage(ordinal, score, alike, signature(unit))
        found.append(Found(document_id(document), score, (passage,), 1, lacks))
    return tuple(found)

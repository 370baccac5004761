"""Words of the query that stand near one another: what that adds to the best hits.

Only the best hits by the other evidence are looked at, so that its cost does not grow with the
index; as it only adds, those hits stay before all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from search_service.engines.whoosh.evaluation.kernel import Places
from search_service.engines.whoosh.evaluation.tree import Evaluation, Part
from search_service.engines.whoosh.store.arraytypes import Floats, Ints
from search_service.engines.whoosh.weights import PROXIMITY, PROXIMITY_WINDOW
from search_service.nodes import Word
from search_service.schema import TEXT_FIELD


@dataclass(frozen=True, slots=True)
class Asked:
    """A word of the query that stands beside another."""

    word: Word
    idf: float


def neighbours(parts: Sequence[Part]) -> list[tuple[Asked, Asked]]:
    """The pairs of words that stand side by side in the query, stop words left out."""
    words = [
        Asked(part.node, part.idf)
        for part in parts
        if isinstance(part.node, Word)
        and part.node.fieldname == TEXT_FIELD
        and not part.stop
        and len(part.units)
    ]
    return list(pairwise(words))


def nearness(evaluation: Evaluation, pairs: Sequence[tuple[Asked, Asked]], units: Ints) -> Floats:
    """What the pairs add to each of some passages (ascending).

    Two words d places apart add the d-th part of the lesser idf; in the other order they count as
    one place further apart.
    """
    bonus = np.zeros(len(units))
    chain = [pairs[0][0], *(right for _, right in pairs)]
    places = [_places(evaluation, asked.word, units) for asked in chain]
    for (left, right), (before, after) in zip(pairs, pairwise(places), strict=True):
        distances = _distances(before, after, units)
        near = distances <= PROXIMITY_WINDOW
        bonus[near] += PROXIMITY * min(left.idf, right.idf) / distances[near]
    return bonus


def _places(evaluation: Evaluation, word: Word, units: Ints) -> Places:
    """Where the forms of a word stand that decide, in the text of some passages."""
    plan = evaluation.decisive_plan_in(word, ((TEXT_FIELD, 1),))
    return evaluation.kernel.places(plan, units)


def _distances(left: Places, right: Places, units: Ints) -> Floats:
    """The least distance of two words in each passage; infinite where one of them is missing."""
    found = np.full(len(units), np.inf)
    if not len(left) or not len(right):
        return found
    after = np.searchsorted(left, right)
    # Places of different passages are 2^32 apart, so none of them is ever near.
    before = np.where(after > 0, right - left[np.maximum(after, 1) - 1], np.iinfo(np.int64).max)
    following = np.searchsorted(left, right, "right")
    behind = np.where(
        following < len(left),
        left[np.minimum(following, len(left) - 1)] - right + 1,
        np.iinfo(np.int64).max,
    )
    nearest = np.minimum(before, behind).astype(np.float64)
    np.minimum.at(found, np.searchsorted(units, right >> 32), nearest)
    return found

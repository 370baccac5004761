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
from search_service.engines.whoosh.evaluation.sums import PLACE_SHIFT, WORD_SHIFT
from search_service.engines.whoosh.evaluation.tree import Evaluation, Part
from search_service.engines.whoosh.store.arraytypes import Floats, Ints
from search_service.engines.whoosh.weights import PROXIMITY, PROXIMITY_WINDOW
from search_service.nodes import Word
from search_service.schema import TEXT_FIELD

_PASSAGE_BITS = WORD_SHIFT - PLACE_SHIFT
_POSITION = (1 << 32) - 1
_FAR = np.iinfo(np.int64).max


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
    chain = [pairs[0][0], *(right for _, right in pairs)]
    pieces = []
    for number, asked in enumerate(chain):
        places = _places(evaluation, asked.word, units)
        of_units = np.searchsorted(units, places >> 32)
        pieces.append((number << WORD_SHIFT) + (of_units << PLACE_SHIFT) + (places & _POSITION))
    words = [(number, asked.idf) for number, asked in enumerate(chain)]
    return nearness_in(np.concatenate(pieces), words, len(units))


def nearness_in(places: Places, words: Sequence[tuple[int, float]], count: int) -> Floats:
    """The same where it is known where some words stand in `count` passages.

    `places` are those of `sums.Reading.places`, ascending; `words` are
    the numbers and the idf of those that stand side by side in the query.
    """
    edges = places.searchsorted(
        [edge << WORD_SHIFT for n, _ in words for edge in (n, n + 1)]
    ).tolist()
    stand = [
        places[low:high] & ((1 << WORD_SHIFT) - 1)
        for low, high in zip(edges[::2], edges[1::2], strict=True)
    ]
    # The places of all pairs together: those of different pairs, or passages, are never near.
    left = np.concatenate([of + (i << WORD_SHIFT) for i, of in enumerate(stand[:-1])])
    right = np.concatenate([of + (i << WORD_SHIFT) for i, of in enumerate(stand[1:])])
    bonus = np.zeros(count)
    if not len(left) or not len(right):
        return bonus
    distances = _distances(left, right)
    near = distances <= PROXIMITY_WINDOW
    cells = right[near] >> PLACE_SHIFT
    cells = (cells >> _PASSAGE_BITS) * count + (cells & ((1 << _PASSAGE_BITS) - 1))
    least = np.full((len(words) - 1, count), np.inf)
    np.minimum.at(least.ravel(), cells, distances[near])
    for ((_, before), (_, after)), of_pair in zip(pairwise(words), least, strict=True):
        bonus += PROXIMITY * min(before, after) / of_pair
    return bonus


def _places(evaluation: Evaluation, word: Word, units: Ints) -> Places:
    """Where the forms of a word stand that decide, in the text of some passages."""
    plan = evaluation.decisive_plan_in(word, ((TEXT_FIELD, 1),))
    return evaluation.kernel.places(plan, units)


def _distances(left: Places, right: Places) -> Floats:
    """From each place on the right to the nearest one on the left."""
    after = left.searchsorted(right)
    before = right - left.take(after - 1, mode="clip")
    before[after == 0] = _FAR
    following = left.searchsorted(right, "right")
    behind = left.take(following, mode="clip") - right
    behind += 1
    behind[following == len(left)] = _FAR
    nearest: Floats = np.minimum(before, behind).astype(np.float64)
    return nearest

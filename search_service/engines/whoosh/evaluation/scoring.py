"""BM25 over the weighted sum of a word's forms; `docs/ranking.md` gives the formula.

The compiled kernel makes the same operations in the same order, so that scores are the same to the
last bit.
"""

from __future__ import annotations

import math

from search_service.engines.whoosh.evaluation.occurrences import Occurrences
from search_service.engines.whoosh.store.arraytypes import Floats
from search_service.engines.whoosh.weights import COVERAGE, K1, SIMILAR_SHARE, UNIT

GAIN = (K1 + 1) / UNIT


def idf(count: float, having: float) -> float:
    """What it tells that a unit has a word, if `having` of `count` have it, as Lucene has it."""
    return math.log(1 + (count - having + 0.5) / (having + 0.5))


def saturated(sums: Floats, best: Floats, norms: Floats) -> Floats:
    """BM25's saturation of weighted frequencies, as float64.

    The frequency is counted in occurrences of the best form, and the result is worth the best
    form's weight: however often weak forms occur, they never count for more than that weight
    allows. `norms` are `K1 * (1 - B + B * length / average length)`.
    """
    below = norms * best
    below += sums
    above = best * sums
    above /= below
    above *= GAIN
    return above


def scores(
    found: Occurrences,
    norms: Floats,
    count: float,
    decided: float,
    total: float,
    *,
    weak: bool,
    factor: float,
) -> Floats:
    """The score of a word in each unit.

    `norms` are those of the units; of `count` live units `decided` have a form that decides and
    `total` any form; `weak` tells whether any similar form was met.
    """
    sure = saturated(found.decided, found.best, norms)
    if not weak:
        sure *= idf(count, decided) * factor
        return sure
    sure *= idf(count, decided) * factor * (1 - SIMILAR_SHARE)
    every = saturated(found.total, found.best, norms)
    every *= idf(count, total) * factor * SIMILAR_SHARE
    sure += every
    return sure


def coverage_factor(shares: Floats) -> Floats:
    """What a score is worth to one who has these shares (0 to 1) of the query's words."""
    return (1 - COVERAGE) + COVERAGE * shares

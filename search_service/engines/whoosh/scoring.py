"""BM25 over the weighted sum of a word's forms; `docs/ranking.md` derives the formula."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from search_service.engines.whoosh.occurrences import Occurrences
from search_service.engines.whoosh.snapshot import Floats
from search_service.engines.whoosh.weights import COVERAGE, K1, SIMILAR_SHARE, UNIT


def idf(count: int, having: int) -> float:
    """What it tells that a unit has a word, if `having` of `count` units have it (Lucene's form)."""
    return math.log(1 + (count - having + 0.5) / (having + 0.5))


def saturated(sums: Floats, best: Floats, norms: Floats) -> Floats:
    """BM25's saturation of weighted frequencies, as float64.

    The frequency is counted in occurrences of the best form, and the result is worth the best
    form's weight: however often weak forms occur, they never count for more than that weight
    allows. `norms` are `K1 * (1 - B + B * length / average length)`.
    """
    return (best * sums) / (sums + norms * best) * ((K1 + 1) / UNIT)


@dataclass(frozen=True, slots=True)
class Rarity:
    """The idf of a word by the forms that decide, and by all its forms."""

    decided: float
    total: float

    @classmethod
    def of(cls, count: int, decided: int, total: int) -> Rarity:
        """From the number of live units, of those having a deciding form, of those having any."""
        return cls(idf(count, decided), idf(count, total))


def scores(found: Occurrences, rarity: Rarity, norms: Floats, factor: float) -> Floats:
    """The score of a word in each unit; `norms` are those of the units."""
    if found.total is found.decided:
        return saturated(found.decided, found.best, norms) * (rarity.decided * factor)
    decided = saturated(found.decided, found.best, norms) * (
        rarity.decided * factor * (1 - SIMILAR_SHARE)
    )
    total = saturated(found.total, found.best, norms)
    return decided + total * (rarity.total * factor * SIMILAR_SHARE)


def similar_only(found: Occurrences) -> np.ndarray[tuple[int], np.dtype[np.bool_]] | None:
    """Which units have similar forms alone; None where there are no similar forms."""
    return None if found.total is found.decided else found.decided == 0


def coverage_factor(shares: Floats) -> Floats:
    """What a score is worth to one who has these shares (0 to 1) of the query's words."""
    return (1 - COVERAGE) + COVERAGE * shares

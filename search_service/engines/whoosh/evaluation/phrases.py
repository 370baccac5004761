"""What a phrase finds: how often each unit has its words in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search_service.engines.whoosh.evaluation.kernel import Kernel, Places
from search_service.engines.whoosh.evaluation.occurrences import EMPTY, Occurrences
from search_service.engines.whoosh.planning.plan import Plan
from search_service.engines.whoosh.store.arraytypes import Floats, Ints
from search_service.engines.whoosh.weights import UNIT

PhrasePlans = tuple[Sequence[Plan], int]
"""A plan for each word, all in one field, and what a phrase found there counts."""


def phrase_occurrences(kernel: Kernel, fields: Sequence[PhrasePlans], reach: int) -> Occurrences:
    """How often units have the words in order, each at most `reach` places after the one before.

    An occurrence is counted where its last word stands. Deleted units are among them.
    """
    lists = []
    for plans, factor in fields:
        ends = kernel.ends(plans, reach)
        if len(ends):
            lists.append(_counted(ends, float(UNIT * factor)))
    if not lists:
        return EMPTY
    units, sums = lists[0] if len(lists) == 1 else kernel.unite(lists)
    return Occurrences(units, sums, sums, np.full(len(units), float(UNIT)))


def _counted(ends: Places, worth: float) -> tuple[Ints, Floats]:
    """The units of ascending places, and what their places are worth together."""
    units = (ends >> 32).astype(np.int32)
    is_last = np.ones(len(units), bool)
    np.not_equal(units[1:], units[:-1], out=is_last[:-1])
    (last,) = is_last.nonzero()
    counts: Floats = (last + 1).astype(np.float64)
    counts[1:] -= counts[:-1].copy()
    return units[last], counts * worth

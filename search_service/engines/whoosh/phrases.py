"""Words one after another: the places of each word's forms, followed from word to word.

A place is `passage << 32 | position`, so that one sorted array holds all places of a word.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search_service.engines.whoosh.kernel import Kernel, Places
from search_service.engines.whoosh.occurrences import EMPTY, Occurrences
from search_service.engines.whoosh.plan import Plan
from search_service.engines.whoosh.weights import UNIT

PhrasePlans = tuple[Sequence[Plan], int]
"""A plan for each word, all in one field, and what a phrase found there counts."""


def phrase_occurrences(kernel: Kernel, fields: Sequence[PhrasePlans], reach: int) -> Occurrences:
    """How often units have the words in order, each at most `reach` places after the one before.

    An occurrence is counted where its last word stands. Deleted units are among them.
    """
    lists = []
    for plans, factor in fields:
        ends = _ends(kernel, plans, reach)
        if len(ends):
            units, counts = np.unique(ends >> 32, return_counts=True)
            lists.append((units.astype(np.int32), counts * float(UNIT * factor)))
    if not lists:
        return EMPTY
    units, sums = kernel.unite(lists)
    return Occurrences(units, sums, sums, np.full(len(units), float(UNIT)))


def _ends(kernel: Kernel, plans: Sequence[Plan], reach: int) -> Places:
    """Where the last words of all occurrences stand."""
    rarest, *others = sorted(plans, key=lambda plan: plan.postings)
    common = kernel.units(rarest)
    for plan in others:
        if not len(common):
            return np.zeros(0, np.int64)
        common = kernel.units(plan, common)
    ends = kernel.places(plans[0], common)
    for plan in plans[1:]:
        ends = kernel.followed(ends, kernel.places(plan, common), reach)
    return ends

"""What a word asks of the postings: runs of rows in each segment's fields, with their levels.

A plan is two flat arrays, so that a kernel needs no Python to follow it, and it remembers how many
units it met, so that a word asked again needs no counting.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.weights import CONTEXT_FACTOR
from search_service.schema import CONTEXT_FIELD, TEXT_FIELD, TITLE_FIELD

FIELDS = (TEXT_FIELD, CONTEXT_FIELD, TITLE_FIELD)
"""In the order of views: view 3 * s + f is field f of segment s."""

Sources = tuple[tuple[str, int], ...]
"""Fields whose postings are asked, and what an occurrence there counts."""

SOURCES: dict[str, Sources] = {
    TEXT_FIELD: ((TEXT_FIELD, 1), (CONTEXT_FIELD, CONTEXT_FACTOR)),
    CONTEXT_FIELD: ((CONTEXT_FIELD, 1),),
    TITLE_FIELD: ((TITLE_FIELD, 1),),
}
"""Where a word of each field is looked for."""


class Counts(NamedTuple):
    """How many live units have a word: the statistics behind its score."""

    passages: float
    """With a form that decides."""
    all_passages: float
    """With any form."""
    documents: float
    all_documents: float
    weak: bool
    """Whether any similar form was met."""


Flat = bytes | NDArray[Any]
"""What a compiled planner gives, and what NumPy makes."""


class Plan:
    """Rows of the vocabulary to be gathered."""

    __slots__ = (
        "counts",
        "entries",
        "least",
        "levels",
        "of_documents",
        "postings",
        "single",
        "surface_counts",
    )

    def __init__(  # noqa: PLR0917 -- a compiled planner calls it
        self,
        entries: Flat,
        levels: Flat,
        postings: int,
        single: bool,
        of_documents: bool,
        least: int,
        /,
    ) -> None:
        self.entries = entries
        """int64[N, 6]: view, first row, end row, what is added to units, factor, its levels."""
        self.levels = levels
        """uint8: a `Level` for each row."""
        self.postings = postings
        """How many postings it has, deleted ones included."""
        self.single = single
        """Whether each segment gives at most one list."""
        self.of_documents = of_documents
        """Whether the units are documents: words of titles."""
        self.least = least
        """The lowest of its levels; above all of them where it has none."""
        self.counts: Counts | None = None
        """Of its first gathering; they hold for the generation."""
        self.surface_counts: Counts | None = None
        """The same of its rows that are as written or folded."""

    def counted(self, counts: Counts) -> Plan:
        """The same with counts that hold for one query."""
        plan = Plan(
            self.entries,
            self.levels,
            self.postings,
            self.single,
            self.of_documents,
            self.least,
        )
        plan.counts = counts
        return plan

    def table(self) -> NDArray[np.int64]:
        """The entries as an array."""
        return np.frombuffer(self.entries, np.int64).reshape(-1, 6)

    def row_levels(self) -> NDArray[np.uint8]:
        """The levels as an array."""
        return np.frombuffer(self.levels, np.uint8)

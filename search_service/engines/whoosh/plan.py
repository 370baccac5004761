"""What a word asks of the postings: runs of rows in each segment's fields, with their levels.

A plan is two flat arrays, so that a kernel needs no Python to follow it, and it remembers how many
units it met, so that a word asked again needs no counting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.weights import CONTEXT_FACTOR, Level
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


@dataclass(slots=True)
class Plan:
    """Rows of the vocabulary to be gathered."""

    entries: NDArray[np.int64]
    """int64[N, 6]: view, first row, end row, what is added to units, factor, place in `levels`."""
    levels: NDArray[np.uint8]
    """uint8: a `Level` for each row."""
    postings: int
    """How many postings it has, deleted ones included."""
    single: bool
    """Whether each segment gives at most one list."""
    of_documents: bool
    """Whether the units are documents: words of titles."""
    counts: Counts | None = field(default=None)
    """Of its first gathering; they hold for the generation."""
    _least: int | None = field(default=None, init=False, repr=False)

    def least_level(self) -> int:
        """The lowest of its levels; above all of them where it has none."""
        if self._least is None:
            self._least = int(self.levels.min()) if len(self.levels) else Level.EXACT + 1
        return self._least

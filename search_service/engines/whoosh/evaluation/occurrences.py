"""Where the forms of a word occur, and what that scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.planning.plan import Counts
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The units that have a word, ascending, and what each has of it. Sums are in 256ths."""

    units: Ints
    """int32."""
    decided: Floats
    """The weighted frequencies of the forms that decide; 0 where only similar ones occur."""
    total: Floats
    """The weighted frequencies of all forms; the same array where there are no similar ones."""
    best: Floats
    """The weight of the best form."""

    def take(self, places: Mask | NDArray[np.intp]) -> Occurrences:
        """Some of them."""
        decided = self.decided[places]
        total = decided if self.total is self.decided else self.total[places]
        return Occurrences(self.units[places], decided, total, self.best[places])


EMPTY = Occurrences(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Gathered:
    """A word's passages with their scores, and what the scores of documents are made of."""

    units: Ints
    scores: Floats
    similar: Mask | None
    """Which have similar forms alone; None when none has."""
    found: Occurrences | None
    """None where it was not asked for."""
    counts: Counts

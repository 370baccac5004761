"""Postings in arrays as Whoosh's matchers see them."""

# Whoosh has no types in its codecs.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.formats import Existence, Format, Frequency, Positions
from whoosh.matching import ReadTooFar
from whoosh.matching.mcore import LeafMatcher
from whoosh.reading import TermInfo
from whoosh.system import pack_uint


@dataclass(frozen=True)
class TermPostings:
    """The postings of one term: arrays of one element a document, documents ascending."""

    documents: NDArray[np.int32]
    frequencies: NDArray[np.int32]
    weights: NDArray[Any]
    positions: NDArray[np.int32] | None
    """Those of all postings, one after the other; None of a field that has none."""
    odd: Mapping[int, bytes] = field(default_factory=dict)
    """Place -> its value, where that is not what the field's format makes of its frequency."""

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.cumsum(self.frequencies, dtype=np.int64)

    def positions_at(self, place: int) -> list[int]:
        """The positions of one posting."""
        if self.positions is None:
            return []
        end = int(self._ends[place])
        found: list[int] = self.positions[end - int(self.frequencies[place]) : end].tolist()
        return found


class ArrayMatcher(LeafMatcher):
    """Goes over the postings of one term. The whole list is one block to Whoosh."""

    def __init__(
        self,
        postings: TermPostings,
        info: TermInfo,
        format_: Format,
        term: tuple[str, bytes],
        scorer: Any = None,
        *,
        place: int = 0,
    ) -> None:
        self.format = format_
        self.scorer = scorer
        self._postings = postings
        self._documents = postings.documents
        self._info = info
        self._term = term
        self._place = place

    def copy(self) -> ArrayMatcher:
        """Another matcher at the same place."""
        return ArrayMatcher(
            self._postings, self._info, self.format, self._term, self.scorer, place=self._place
        )

    def reset(self) -> None:
        """Back to the first posting."""
        self._place = 0

    def is_active(self) -> bool:
        """Whether there is a posting here."""
        return self._place < len(self._documents)

    def id(self) -> int:
        """The number of the document here."""
        if self._place >= len(self._documents):
            raise ReadTooFar
        return int(self._documents[self._place])

    def all_ids(self) -> Iterator[int]:
        """The documents from here on."""
        return iter(self._documents[self._place :].tolist())

    def weight(self) -> float:
        """How much the term weighs here: mostly, how often it is."""
        return float(self._postings.weights[self._place])

    def value(self) -> bytes | None:
        """The posting's value as the field's format encodes it."""
        if self._place in self._postings.odd:
            return self._postings.odd[self._place]
        if isinstance(self.format, Positions):
            encoded: bytes = self.format.encode(self._postings.positions_at(self._place))
            return encoded
        if isinstance(self.format, Frequency):
            packed: bytes = pack_uint(int(self._postings.frequencies[self._place]))
            return packed
        return None

    def value_as(self, astype: str) -> Any:
        """The posting's value decoded; positions and frequencies without encoding them first."""
        if self._place in self._postings.odd:
            return super().value_as(astype)
        if astype == "positions" and isinstance(self.format, Positions):
            return self._postings.positions_at(self._place)
        if astype == "frequency" and not isinstance(self.format, Existence):
            return int(self._postings.frequencies[self._place])
        return super().value_as(astype)

    def next(self) -> Any:  # Whoosh declares None and answers so itself
        """To the next posting; True at the end of the block."""
        if self._place >= len(self._documents):
            raise ReadTooFar
        self._place += 1
        return self._place == len(self._documents)

    def skip_to(self, target: int) -> None:
        """To the first posting from here whose document is not before `target`."""
        if not self.is_active():
            raise ReadTooFar
        self._place += int(np.searchsorted(self._documents[self._place :], target))

    def skip_to_quality(self, minquality: float) -> int:
        """To the end when no posting can be better than that; returns the blocks left out."""
        if self.block_quality() > minquality:
            return 0
        self._place = len(self._documents)
        return 1

    def block_min_length(self) -> int:
        """The length of the shortest field that has the term."""
        return int(self._info.min_length() or 0)

    def block_max_length(self) -> int:
        """The length of the longest field that has the term."""
        return int(self._info.max_length())

    def block_max_weight(self) -> float:
        """The greatest weight of a posting."""
        return float(self._info.max_weight())

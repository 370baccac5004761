"""One field of a segment that Whoosh wrote through `PackedCodec`."""

# Whoosh has no types in its codecs.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from whoosh.formats import Format, Positions
from whoosh.reading import TermInfo
from whoosh.util.numeric import byte_to_length

from search_service.engines.whoosh.codec.matching import TermPostings
from search_service.engines.whoosh.store.arrays import ArrayFile
from search_service.engines.whoosh.store.postings import Postings
from search_service.engines.whoosh.store.vocabulary import Strings


class PackedField:
    """One field's terms, sorted by their bytes."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.terms = Strings(file, f"{name}.terms")
        self._postings = Postings(file, name)
        self._weights: NDArray[np.float32] | None = None
        if f"{name}.weights" in file:
            self._weights = file.array(f"{name}.weights")
        self._odd_places: NDArray[np.uint32] = file.array(f"{name}.odd_places")
        self._odd_values = Strings(file, f"{name}.odd_values")
        self._total_weights = file.array(f"{name}.total_weights")
        self._max_weights = file.array(f"{name}.max_weights")
        self._min_lengths = file.array(f"{name}.min_lengths")
        self._max_lengths = file.array(f"{name}.max_lengths")

    def info(self, place: int) -> TermInfo:
        """What Whoosh wants to know of a term by its place."""
        low, high = self._extent(place)
        return TermInfo(
            weight=float(self._total_weights[place]),
            df=high - low,
            minlength=byte_to_length(int(self._min_lengths[place])),
            maxlength=byte_to_length(int(self._max_lengths[place])),
            maxweight=float(self._max_weights[place]),
            minid=int(self._postings.units(low, low + 1)[0]),
            maxid=int(self._postings.units(high - 1, high)[0]),
        )

    def postings(self, place: int, format_: Format) -> TermPostings:
        """The postings of a term by its place."""
        low, high = self._extent(place)
        documents, frequencies = self._postings.decode(low, high)
        positions = None
        if isinstance(format_, Positions):
            _, positions = self._postings.positions(low, high)
        weights = frequencies if self._weights is None else self._weights[low:high]
        first, last = np.searchsorted(self._odd_places, (low, high)).tolist()
        odd = {int(self._odd_places[n]) - low: self._odd_values[n] for n in range(first, last)}
        return TermPostings(documents, frequencies, weights, positions, odd)

    def _extent(self, place: int) -> tuple[int, int]:
        starts = self._postings.starts
        return int(starts[place]), int(starts[place + 1])

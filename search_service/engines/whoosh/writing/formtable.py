"""The forms of a segment in the making, numbered in the order of their coming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.writing.prepared import FORM_SEPARATOR, Prepared

_SLOTS = 1 << 19
"""Slots of the cache, twelve bytes each."""


class FormTable:
    """Hash of a form -> its number.

    A dictionary knows them all. Before it lies a cache with one slot for each value of a hash's
    lower bits, which NumPy asks for all forms of a document at once: it knows nearly all of them.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        """The key of each form, by its number."""
        self._numbers: dict[int, int] = {}
        # No hash is 0, so an empty slot is nobody's.
        self._cached_hashes = np.zeros(_SLOTS, np.uint64)
        self._cached_numbers = np.zeros(_SLOTS, np.uint32)

    def __len__(self) -> int:
        return len(self.keys)

    def numbers(self, prepared: Prepared) -> NDArray[np.uint32]:
        """uint32[F]: the number of each form of a document; those that are new get one."""
        hashes = prepared.hashes
        slots = (hashes & np.uint64(_SLOTS - 1)).astype(np.intp)
        numbers: NDArray[np.uint32] = self._cached_numbers[slots]
        unknown = np.flatnonzero(self._cached_hashes[slots] != hashes)
        if len(unknown):
            numbers[unknown] = self._look_up(prepared, unknown.tolist())
            self._cached_hashes[slots[unknown]] = hashes[unknown]
            # Two of these may share a slot: what is stored last must be one and the same for both.
            self._cached_numbers[slots[unknown]] = numbers[unknown]
        return numbers

    def _look_up(self, prepared: Prepared, places: list[int]) -> list[int]:
        hashes = prepared.hashes[places].tolist()
        found = [self._numbers.get(value, -1) for value in hashes]
        if -1 in found:
            data = prepared.forms.encode()
            separators = np.frombuffer(data, np.uint8) == ord(FORM_SEPARATOR)
            ends = [*np.flatnonzero(separators).tolist(), len(data)]
            for index, place in enumerate(places):
                if found[index] < 0:
                    start = ends[place - 1] + 1 if place else 0
                    found[index] = self._numbers[hashes[index]] = len(self.keys)
                    self.keys.append(data[start : ends[place]].decode())
        return found

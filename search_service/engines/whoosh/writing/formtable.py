"""Forms by their numbers while an index is built: compiled where that could be, else in Python.

A worker numbers the forms that it has met, the writer those of a segment, in the order of their
coming. A form is known again by its hash. Both kinds give the same numbers, and make the same
vocabulary of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.writing.packing import COMPILED, PackedVocabulary, pack_forms
from search_service.engines.whoosh.writing.prepared import GAP, form_hash
from search_service.languages.separators import FORM_SEPARATOR, KEY_SEPARATOR, PART_SEPARATOR

_SLOTS = 1 << 19
"""Slots of the cache, twelve bytes each."""

_FORM_BYTES = 95
_KEY_BYTES = 55
"""What a form and each of its keys cost besides while a vocabulary is made of them."""

_PLAIN_FORM_BYTES = 800
_PLAIN_KEY_BYTES = 350
"""The same in Python, with what is held."""

Local = tuple[NDArray[np.uint32], bytes, NDArray[np.uint64]]


class Forms(Protocol):
    """Forms by their numbers."""

    def __len__(self) -> int:
        """How many there are."""

    def number(self, keys: list[str]) -> NDArray[np.uint32]:
        """The numbers of forms by their keys (`form_key`); those that are new get one."""

    def local(self, words: NDArray[np.uint32]) -> Local:
        """Words by numbers as those of one document: `words`, `forms`, `hashes` of `Prepared`.

        Its forms are numbered in the order of their coming, a gap is the last of all.
        """

    def take(self, hashes: NDArray[np.uint64], forms: bytes) -> NDArray[np.uint32]:
        """uint32[F]: the numbers of the forms of a document; those that are new get one."""

    def vocabulary(self) -> tuple[PackedVocabulary, NDArray[np.uint32]]:
        """The rows that they are, as a segment stores them, and uint32: the row of each."""

    def memory(self) -> int:
        """About how many bytes are needed until the vocabulary is written."""


class PlainForms:
    """In Python.

    A dictionary knows all hashes. Before it lies a cache with one slot for each value of a hash's
    lower bits, which NumPy asks for all forms of a document at once: it knows nearly all of them.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        """The key of each form, by its number."""
        self._numbers: dict[int, int] = {}
        self._shared = 0
        """Keys that other forms may have too."""
        self._hashes = np.zeros(1 << 12, np.uint64)
        # One more than there are forms: the last element is for a gap.
        self._places = np.zeros(1 << 12, np.uint32)
        # No hash is 0, so an empty slot is nobody's. Only who takes forms needs these.
        self._cached_hashes = np.zeros(0, np.uint64)
        self._cached_numbers = np.zeros(0, np.uint32)

    def __len__(self) -> int:
        return len(self.keys)

    def number(self, keys: list[str]) -> NDArray[np.uint32]:
        """See `Forms`."""
        numbers = []
        for key in keys:
            value = form_hash(key)
            number = self._numbers.get(value)
            numbers.append(self._enter(value, key) if number is None else number)
        return np.array(numbers, np.uint32)

    def _enter(self, value: int, key: str) -> int:
        number = self._numbers[value] = len(self.keys)
        self.keys.append(key)
        for keys in key.split(PART_SEPARATOR)[3:]:
            self._shared += bool(keys) + keys.count(KEY_SEPARATOR)
        if number + 1 >= len(self._hashes):
            self._hashes = np.concatenate((self._hashes, self._hashes))
            self._places = np.concatenate((self._places, self._places))
        self._hashes[number] = value
        return number

    def local(self, words: NDArray[np.uint32]) -> Local:
        """See `Forms`.

        Without a sort: each word writes its place where its form is, the first one last; it stays
        there, and stands for the form.
        """
        gaps = words == GAP
        found = np.where(gaps, np.uint32(len(self.keys)), words)
        order = np.arange(len(found), dtype=np.uint32)
        places = self._places
        places[found[::-1]] = order[::-1]
        first = places[found] == order
        first &= ~gaps
        forms = found[first]
        places[len(self.keys)] = len(forms)
        places[forms] = order[: len(forms)]
        keys = self.keys
        joined = FORM_SEPARATOR.join([keys[form] for form in forms.tolist()])
        return places[found], joined.encode(), self._hashes[forms]

    def take(self, hashes: NDArray[np.uint64], forms: bytes) -> NDArray[np.uint32]:
        """See `Forms`."""
        if not len(self._cached_hashes):
            self._cached_hashes = np.zeros(_SLOTS, np.uint64)
            self._cached_numbers = np.zeros(_SLOTS, np.uint32)
        slots = (hashes & np.uint64(_SLOTS - 1)).astype(np.intp)
        numbers: NDArray[np.uint32] = self._cached_numbers[slots]
        unknown = np.flatnonzero(self._cached_hashes[slots] != hashes)
        if len(unknown):
            numbers[unknown] = self._look_up(hashes, forms, unknown.tolist())
            self._cached_hashes[slots[unknown]] = hashes[unknown]
            # Two of these may share a slot: what is stored last must be one and the same for both.
            self._cached_numbers[slots[unknown]] = numbers[unknown]
        return numbers

    def _look_up(self, all_hashes: NDArray[np.uint64], data: bytes, places: list[int]) -> list[int]:
        hashes = all_hashes[places].tolist()
        found = [self._numbers.get(value, -1) for value in hashes]
        if -1 in found:
            separators = np.frombuffer(data, np.uint8) == ord(FORM_SEPARATOR)
            ends = [*np.flatnonzero(separators).tolist(), len(data)]
            for index, place in enumerate(places):
                if found[index] < 0:
                    start = ends[place - 1] + 1 if place else 0
                    found[index] = self._enter(hashes[index], data[start : ends[place]].decode())
        return found

    def vocabulary(self) -> tuple[PackedVocabulary, NDArray[np.uint32]]:
        """See `Forms`."""
        return pack_forms(self.keys)

    def memory(self) -> int:
        """See `Forms`."""
        cache = self._cached_hashes.nbytes + self._cached_numbers.nbytes
        return cache + _PLAIN_FORM_BYTES * len(self.keys) + _PLAIN_KEY_BYTES * self._shared


class CompiledForms:
    """In C."""

    def __init__(self) -> None:
        self._forms: Any = import_module("search_service.engines.whoosh.writing._building").Forms()

    def __len__(self) -> int:
        return len(self._forms)

    @property
    def keys(self) -> list[str]:
        """The key of each form, by its number."""
        found: list[str] = self._forms.keys()
        return found

    def number(self, keys: list[str]) -> NDArray[np.uint32]:
        """See `Forms`."""
        return np.frombuffer(self._forms.number(keys), np.uint32)

    def local(self, words: NDArray[np.uint32]) -> Local:
        """See `Forms`."""
        numbers, forms, hashes = self._forms.local(words)
        return np.frombuffer(numbers, np.uint32), forms, np.frombuffer(hashes, np.uint64)

    def take(self, hashes: NDArray[np.uint64], forms: bytes) -> NDArray[np.uint32]:
        """See `Forms`."""
        return np.frombuffer(self._forms.take(hashes, forms), np.uint32)

    def vocabulary(self) -> tuple[PackedVocabulary, NDArray[np.uint32]]:
        """See `Forms`."""
        rows, languages, arrays = self._forms.vocabulary()
        packed = PackedVocabulary(len(arrays["row.language"]), languages, arrays)
        return packed, np.frombuffer(rows, np.uint32)

    def memory(self) -> int:
        """See `Forms`: what it holds, the arrays to come, and sorting."""
        held, keys = self._forms.size()
        return int(held) + _FORM_BYTES * len(self._forms) + _KEY_BYTES * int(keys)


def open_forms(*, compiled: bool | None = None) -> Forms:
    """No forms yet."""
    return CompiledForms() if (COMPILED if compiled is None else compiled) else PlainForms()

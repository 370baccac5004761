"""The vocabulary of a segment: its forms in order, and the keys by which a query meets them.

A row is (folded form, exact form, language); rows are sorted so, by the bytes of UTF-8, which is
the order of code points. Folded forms are kept once for all their rows; an exact form is kept only
where it differs from its folded form. All columns lie flat in the segment's file, so that a look-up
is a bisection of some microseconds in the mapped bytes, and nothing is decoded at opening.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.arrays import ArrayFile
from search_service.engines.whoosh.store.lookup import Lookup

_BITS = np.uint64(1) << (np.arange(256, dtype=np.uint64) & np.uint64(63))
"""The bit of each byte in `Vocabulary.letters`."""


class Strings:
    """A list of byte strings kept as one run of bytes and the places where each begins."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.starts: NDArray[np.uint32] = file.array(f"{name}.starts")
        """uint32[N+1], for a compiled kernel."""
        self.data: NDArray[np.uint8] = file.array(f"{name}.bytes")
        """uint8, for a compiled kernel."""
        # A memoryview answers an index in 40 ns, a NumPy array in 100.
        self._starts = file.bytes(f"{name}.starts").cast("I")
        self._bytes = file.bytes(f"{name}.bytes")

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> bytes:
        return bytes(self._bytes[self._starts[index] : self._starts[index + 1]])

    def text(self, index: int) -> str:
        """A string that is text."""
        return str(self._bytes[self._starts[index] : self._starts[index + 1]], "utf-8")

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(len(self), self.__getitem__)

    def bisect_left(self, key: bytes, low: int = 0, high: int | None = None) -> int:
        """The first place in [low, high) whose string is not less than `key`, in a sorted list."""
        return self._lookup.lower_bound(key, low, len(self) if high is None else high)

    def bisect_right(self, key: bytes) -> int:
        """The first place whose string is greater than `key`, in a sorted list."""
        return bisect_right(range(len(self)), key, key=self.__getitem__)

    def find(self, key: bytes) -> int:
        """The place of `key` in a sorted list, or -1."""
        place = self.bisect_left(key)
        return place if place < len(self) and self[place] == key else -1


class KeyTable:
    """Keys that several rows share, in order: stems, or translit keys."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.keys = Strings(file, f"{name}.keys")
        self.starts: NDArray[np.uint32] = file.array(f"{name}.starts")
        """uint32[K+1]: where the rows of each key begin in `rows`."""
        self.all_rows: NDArray[np.int32] = file.array(f"{name}.rows")
        """int32: the rows of all keys, ascending for each."""

    def rows(self, key: str) -> NDArray[np.int32]:
        """The rows of a key, ascending; none for a key that is not here."""
        place = self.keys.find(key.encode())
        if place < 0:
            return self.all_rows[:0]
        return self.all_rows[self.starts[place] : self.starts[place + 1]]

    def beginning(self, prefix: str) -> NDArray[np.int32]:
        """The rows of all keys that begin so; one that has several of these comes several times."""
        key = prefix.encode()
        low = self.keys.bisect_left(key)
        # 0xFF is in no UTF-8, so this key is behind all that begin with the prefix.
        high = self.keys.bisect_left(key + b"\xff", low)
        return self.all_rows[self.starts[low] : self.starts[high]]


class Vocabulary:
    """The rows of one segment, shared by its three fields."""

    def __init__(self, file: ArrayFile) -> None:
        self.languages: tuple[str, ...] = tuple(file.meta["vocabulary_languages"])
        self.folded = Strings(file, "folded")
        """The distinct folded forms, sorted: G of them."""
        self.group_starts: NDArray[np.uint32] = file.array("group.starts")
        """uint32[G+1]: where the rows of each folded form begin."""
        self._group_starts = file.bytes("group.starts").cast("I")
        self.exact = Strings(file, "exact")
        """R strings; an empty one says that the exact form is the folded form."""
        self.language: NDArray[np.uint8] = file.array("row.language")
        """uint8[R]: index into `languages`."""
        self.by_form: NDArray[np.int32] = file.array("row.by_form")
        """int32[R]: rows in the order of (exact form's bytes, row), as Whoosh wants terms."""
        self._by_form = file.bytes("row.by_form").cast("i")
        self.stems = KeyTable(file, "stem")
        self.translits = KeyTable(file, "translit")

    def __len__(self) -> int:
        return len(self.language)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All but the languages, as compiled modules take them."""
        return (
            self.folded.starts,
            self.folded.data,
            self.group_starts,
            self.exact.starts,
            self.exact.data,
            self.by_form,
            *(
                array
                for table in (self.stems, self.translits)
                for array in (table.keys.starts, table.keys.data, table.starts, table.all_rows)
            ),
        )

    @cached_property
    def letters(self) -> NDArray[np.uint64]:
        """uint64[G]: which bytes each folded form has, a bit for each value modulo 64."""
        if not len(self.folded):
            return np.zeros(0, np.uint64)
        bits = _BITS[self.folded.data]
        return np.bitwise_or.reduceat(bits, self.folded.starts[:-1].astype(np.intp))

    @cached_property
    def letter_bytes(self) -> int:
        """The most bytes that any letter of the folded forms has."""
        greatest = int(self.folded.data.max()) if len(self.folded.data) else 0
        return 1 + (greatest >= 0xC0) + (greatest >= 0xE0) + (greatest >= 0xF0)

    def alike(
        self, word: str, change: int, low: int = 0, high: int | None = None
    ) -> NDArray[np.int64]:
        """The places in [low, high) of `folded` that differ from a word in few bytes.

        At most `change` bytes more or less, and as many that the one has and not the other.
        """
        high = len(self.folded) if high is None else high
        key = word.encode()
        lengths = np.diff(self.folded.starts[low : high + 1].view(np.int32))
        places = np.flatnonzero(np.abs(lengths - len(key)) <= change)
        letters = np.uint64(sum({1 << (byte & 63) for byte in key}))
        theirs = self.letters[places + low]
        near: NDArray[np.bool_] = np.bitwise_count(letters & ~theirs) <= change
        near &= np.bitwise_count(theirs & ~letters) <= change
        return places[near] + low

    def folded_range(self, folded: str) -> tuple[int, int]:
        """The rows [lo, hi) with this folded form; an empty range where there is none."""
        place = self.folded.find(folded.encode())
        if place < 0:
            return 0, 0
        return self._group_starts[place], self._group_starts[place + 1]

    def prefix_range(self, prefix: str) -> tuple[int, int]:
        """The rows [lo, hi) whose folded form begins so; all rows for the empty prefix."""
        return self.rows_of(*self.prefix_places(prefix, 0, len(self.folded)))

    def prefix_places(self, prefix: str, low: int, high: int) -> tuple[int, int]:
        """The places [lo, hi) in `folded` of the forms that begin so, those among [low, high)."""
        key = prefix.encode()
        low = self.folded.bisect_left(key, low, high)
        # 0xFF is in no UTF-8, so this key is behind all that begin with the prefix.
        return low, self.folded.bisect_left(key + b"\xff", low, high)

    def rows_of(self, low: int, high: int) -> tuple[int, int]:
        """The rows of the folded forms at the places [low, high)."""
        return self._group_starts[low], self._group_starts[high]

    def group_of(self, row: int) -> int:
        """The place of the row's folded form in `folded`."""
        return bisect_right(self._group_starts, row) - 1

    def language_of(self, row: int) -> str:
        """The language of a row, as a code."""
        return self.languages[self.language.item(row)]

    def forms(self, low: int, high: int) -> list[str]:
        """The exact forms of the rows [low, high)."""
        return [exact for _, exact, _ in self.rows(low, high)]

    def form(self, row: int) -> tuple[str, str, str]:
        """(folded form, exact form, language code) of a row."""
        return next(self.rows(row, row + 1))

    def rows(self, low: int = 0, high: int | None = None) -> Iterator[tuple[str, str, str]]:
        """(folded form, exact form, language code) of the rows [low, high), in order."""
        high = len(self) if high is None else high
        if low >= high:
            return
        group = self.group_of(low)
        end = self._group_starts[group + 1]
        folded = self.folded[group].decode()
        for row in range(low, high):
            while row >= end:
                group += 1
                end = self._group_starts[group + 1]
                folded = self.folded[group].decode()
            exact = self.exact[row].decode() or folded
            yield folded, exact, self.languages[self.language[row]]

    def stem_rows(self, key: str) -> NDArray[np.int32]:
        """The rows with this stem key (`az:qarabag`), ascending."""
        return self.stems.rows(key)

    def translit_rows(self, key: str) -> NDArray[np.int32]:
        """The rows with this translit key, ascending."""
        return self.translits.rows(key)

    def exact_rows(self, exact: str) -> NDArray[np.int32]:
        """The rows with this exact form, whatever its folded form and language, ascending."""
        key = exact.encode()
        first = last = self._form_lookup.lower_bound(key, 0, len(self))
        while last < len(self) and self._form_at(last) == key:
            last += 1
        return self.by_form[first:last]

    @cached_property
    def _form_lookup(self) -> Lookup:
        return Lookup(len(self), self._form_at)

    @cached_property
    def _groups(self) -> memoryview:
        """int32[R]: the place of each row's folded form in `folded`."""
        counts = self.group_starts[1:] - self.group_starts[:-1]
        return np.arange(len(counts), dtype=np.int32).repeat(counts).data

    def _form_at(self, place: int) -> bytes:
        """The exact form of the row at a place of `by_form`."""
        row = self._by_form[place]
        return self.exact[row] or self.folded[self._groups[row]]

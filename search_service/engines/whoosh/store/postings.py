"""The postings of one field: for each form the units that have it, how often, and where.

A unit is a passage, or for `title` a document, by its number in the segment. Postings lie in the
order of (row of the vocabulary, unit), positions in that order too, ascending in each posting. On
the disk a posting takes four bytes and a position one:

    unit        a plane of uint16, and one of uint8 above it (empty where units fit in 16 bits)
    frequency   uint8, 255 standing for "see the overflow list"
    position    uint8, the same; positions count the words of the unit's field text from 0

An overflow list is two arrays: the places (ascending) and the values at them.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from tempfile import SpooledTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.arrays import Array, ArrayFile, ArrayWriter
from search_service.engines.whoosh.store.scratch import scratch
from search_service.engines.whoosh.store.vocabulary import Vocabulary

_BLOCK_BITS = 8
POSITION_BLOCK = 1 << _BLOCK_BITS
"""Where the positions of each 256th posting begin is stored."""

MAX_UNITS = 1 << 24
MAX_POSITION = 0xFFFF
_OVERFLOW = 255

_PLANES = {
    "unit_low": "<u2",
    "unit_high": "u1",
    "frequency": "u1",
    "frequency_places": "<u4",
    "frequency_values": "<u4",
    "position": "u1",
    "position_places": "<u4",
    "position_values": "<u4",
    "position_blocks": "<u4",
}
_SHORT = 16384
"""A list that is read sooner than its parts are searched."""
_FEW = 256
"""So many blocks of frequencies are added up more quickly than it is found which are the same."""
_BLOCK = np.arange(POSITION_BLOCK)
_HELD = 1 << 18
"""Bytes of a plane that are held in memory while it grows."""
_AT_ONCE = 1 << 16
"""Postings, or positions, that are written at a time."""


class Postings:
    """Postings read from a file. All arrays are read-only views of it."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.name = name
        self.starts: NDArray[np.uint32] = file.array(f"{name}.starts")
        """uint32[R+1]: the postings of row r are [starts[r], starts[r+1])."""
        self.unit_low: NDArray[np.uint16] = file.array(f"{name}.unit_low")
        """uint16[N]."""
        self.unit_high: NDArray[np.uint8] = file.array(f"{name}.unit_high")
        """uint8[N], or uint8[0] when every unit of the segment fits in 16 bits."""
        self.frequency: NDArray[np.uint8] = file.array(f"{name}.frequency")
        """uint8[N]; 255: the real one is in the overflow list."""
        self.frequency_places: NDArray[np.uint32] = file.array(f"{name}.frequency_places")
        """uint32[F], ascending: the postings whose frequency is 255 or more."""
        self.frequency_values: NDArray[np.uint32] = file.array(f"{name}.frequency_values")
        """uint32[F]: their frequencies."""
        self.position: NDArray[np.uint8] = file.array(f"{name}.position")
        """uint8[M]; 255: the real one is in the overflow list."""
        self.position_places: NDArray[np.uint32] = file.array(f"{name}.position_places")
        """uint32[Q], ascending: the entries of `position` that are 255 or more."""
        self.position_values: NDArray[np.uint32] = file.array(f"{name}.position_values")
        """uint32[Q]: their positions."""
        self.position_blocks: NDArray[np.uint32] = file.array(f"{name}.position_blocks")
        """uint32[N // 256 + 1]: where in `position` the positions of posting 256 * b begin."""

    def __len__(self) -> int:
        return len(self.unit_low)

    def units(self, low: int, high: int) -> NDArray[np.int32]:
        """int32: the units of the postings [low, high); ascending within a row."""
        units = self.unit_low[low:high].astype(np.int32)
        if len(self.unit_high):
            units |= self.unit_high[low:high].astype(np.int32) << 16
        return units

    def frequencies(self, low: int, high: int) -> NDArray[np.int32]:
        """int32: how often, for the postings [low, high)."""
        frequencies = self.frequency[low:high].astype(np.int32)
        _patch(frequencies, low, high, self.frequency_places, self.frequency_values)
        return frequencies

    def decode(self, low: int, high: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """(units, frequencies), int32, of the postings [low, high)."""
        return self.units(low, high), self.frequencies(low, high)

    def positions(self, low: int, high: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """(counts, positions), int32, of the postings [low, high).

        `counts` are the frequencies; the positions of posting low + i are the next counts[i].
        """
        counts = self.frequencies(low, high)
        start = self.position_start(low)
        end = start + int(counts.sum())
        positions = self.position[start:end].astype(np.int32)
        _patch(positions, start, end, self.position_places, self.position_values)
        return counts, positions

    def position_start(self, posting: int) -> int:
        """Where in `position` the positions of a posting begin."""
        block = posting // POSITION_BLOCK
        first = block * POSITION_BLOCK
        skipped = int(self.frequencies(first, posting).sum()) if posting > first else 0
        return int(self.position_blocks[block]) + skipped

    def costs(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64: postings and positions before some places among the postings."""
        return places + self._position_starts(places)

    def reached(self, place: int, cost: int) -> int:
        """Where the postings from a place on end that have no more than a number of positions.

        Each posting counts as a position, too, and one is passed whatever it has.
        """
        block, starts = place >> _BLOCK_BITS, self.position_blocks

        def cost_to(end: int) -> int:
            return ((end - block) << _BLOCK_BITS) + int(starts[end]) - int(starts[block])

        last = bisect_right(range(block, len(starts)), cost, key=cost_to) - 1 + block
        if last > block:
            return last << _BLOCK_BITS
        within = self.frequencies(place, min((block + 1) << _BLOCK_BITS, len(self)))
        costs = np.cumsum(within + 1, dtype=np.int64)
        return place + max(1, int(costs.searchsorted(cost, "right")))

    def search(
        self, low: int, high: int, units: NDArray[Any]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Which units of the field (ascending) are in a row's postings [low, high), and where.

        The places are of those that are; a long list is not read for it.
        """
        lows = self.unit_low[low:high]
        if not len(self.unit_high) or high - low < _SHORT:
            places, found = look_up(self.units(low, high) if len(self.unit_high) else lows, units)
            return places + low, found
        # Within a row the high bytes ascend: each of them has a run of its own.
        tops = np.arange(int(units[-1] >> 16) + 2 if len(units) else 1)
        edges = self.unit_high[low:high].searchsorted(tops.astype(np.uint16)).tolist()
        bounds = units.searchsorted(tops << 16).tolist()
        places = np.zeros(len(units), np.int64)
        found = np.zeros(len(units), bool)
        for (start, end), (first, last) in zip(pairwise(bounds), pairwise(edges), strict=True):
            if start < end and first < last:
                wanted = (units[start:end] & 0xFFFF).astype(np.uint16)
                there = lows[first:last].searchsorted(wanted)
                found[start:end] = lows[first:last].take(there, mode="clip") == wanted
                places[start:end] = there + (low + first)
        return places[found], found

    def frequencies_at(self, places: NDArray[np.int64]) -> NDArray[np.int32]:
        """int32: how often, for the postings at some places (ascending)."""
        frequencies = self.frequency[places].astype(np.int32)
        if len(self.frequency_places):
            over, there = look_up(self.frequency_places, places)
            frequencies[there] = self.frequency_values[over]
        return frequencies

    def positions_at(self, places: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """(counts, positions) of the postings at some places (in any order)."""
        return self.positions_from(*self.spans_at(places))

    def spans_at(self, places: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """How many positions the postings at some places have; where in `position` they begin."""
        return self.frequencies_at(places), self._position_starts(places)

    def spans_in(
        self, low: int, high: int, places: NDArray[np.int64]
    ) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """The same of places in [low, high): quicker where they are a good part of them."""
        counts: NDArray[Any] = self.frequency[low:high]
        if len(self.frequency_places):
            counts = self.frequencies(low, high)
        ends = counts.cumsum(dtype=np.int64)
        within = places - low
        counts = counts.take(within)
        starts: NDArray[np.int64] = ends.take(within) - counts + self.position_start(low)
        return counts, starts

    def positions_from(
        self, counts: NDArray[Any], starts: NDArray[np.int64]
    ) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """The same of postings of which it is known how many they have, and where they begin."""
        after = counts.cumsum(dtype=np.int64)
        wanted = (starts - after + counts).repeat(counts)
        wanted += np.arange(len(wanted))
        positions = self.position.take(wanted).astype(np.int64)
        if len(self.position_places):
            over, there = look_up(self.position_places, wanted)
            positions[there] = self.position_values[over]
        return counts, positions

    def _position_starts(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where in `position` the positions of the postings at some places begin.

        That is where those of its block of postings do, and the frequencies of the block before it
        further on.
        """
        blocks = places >> _BLOCK_BITS
        within = places & (POSITION_BLOCK - 1)
        starts = self.position_blocks.take(blocks).astype(np.int64)
        if len(places) < _FEW:
            block = self._blocks(blocks)
            block *= within[:, None] > _BLOCK
            starts += block.sum(1, dtype=np.int64)
        else:
            read, of_place = np.unique(blocks, return_inverse=True)
            block = self._blocks(read)
            ends = block.cumsum(1, dtype=np.int32)
            starts += ends[of_place, within] - block[of_place, within]
        if len(self.frequency_places):
            beyond = np.zeros(len(self.frequency_places) + 1, np.int64)
            np.cumsum(self.frequency_values.astype(np.int64) - _OVERFLOW, out=beyond[1:])
            before = self.frequency_places.searchsorted((places - within).astype(np.uint32))
            until = self.frequency_places.searchsorted(places.astype(np.uint32))
            starts += beyond[until] - beyond[before]
        return starts

    def _blocks(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8[n, 256]: the frequencies of some blocks of postings; zeros behind the last one."""
        whole = len(self.frequency) >> _BLOCK_BITS
        table = self.frequency[: whole << _BLOCK_BITS].reshape(-1, POSITION_BLOCK)
        beyond = numbers == whole
        if not beyond.any():
            return table.take(numbers, 0)
        rest = np.zeros((1, POSITION_BLOCK), np.uint8)
        rest[0, : len(self.frequency) & (POSITION_BLOCK - 1)] = self.frequency[table.size :]
        found = np.repeat(rest, len(numbers), 0)
        found[~beyond] = table.take(numbers[~beyond], 0)
        return found

    def document_frequencies(self) -> NDArray[np.int64]:
        """int64[R]: how many units each row has, deleted ones among them."""
        starts = self.starts.astype(np.int64)
        return starts[1:] - starts[:-1]


class FieldPostings(Postings):
    """One field of a segment: its rows are those of a vocabulary."""

    def __init__(self, file: ArrayFile, name: str, vocabulary: Vocabulary) -> None:
        super().__init__(file, name)
        self.vocabulary = vocabulary


def look_up(
    ascending: NDArray[Any], values: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where some values, those that are there, are in a list; and which they are.

    The values must fit in the list's type.
    """
    if not len(ascending):
        return np.zeros(0, np.int64), np.zeros(len(values), bool)
    places = ascending.searchsorted(values.astype(ascending.dtype, copy=False))
    found = ascending.take(places, mode="clip") == values
    return places[found], found


def _patch(values: NDArray[np.int32], low: int, high: int, places: Array, overflow: Array) -> None:
    """Put the overflow list's values over the 255s of the slice [low, high)."""
    if len(places):
        # Of the same type: otherwise the whole list would be copied.
        first, last = places.searchsorted(np.array((low, high), places.dtype)).tolist()
        if first < last:
            values[places[first:last].astype(np.int64) - low] = overflow[first:last]


class PostingsWriter:
    """Writes one field's postings to a segment's file, in pieces of whole rows.

    The planes cannot be interleaved in the file, so each is kept until `close`: in memory while it
    is small, then in a temporary file without a name.
    """

    def __init__(self, file: ArrayWriter, name: str, rows: int, units: int) -> None:
        if units > MAX_UNITS:
            raise OverflowError(f"a segment holds at most {MAX_UNITS} units, not {units}")
        self._file = file
        self._name = name
        self._counts = scratch(rows, np.int32, file.folder)
        self._wide = units > 1 << 16
        folder = str(file.folder) if file.folder else None
        self._planes = {
            plane: SpooledTemporaryFile(_HELD, dir=folder)  # noqa: SIM115 -- closed by close
            for plane in _PLANES
        }
        self._postings = 0
        self._positions = 0

    def _keep(self, plane: str, values: Array) -> None:
        self._planes[plane].write(values.astype(_PLANES[plane]).tobytes())

    def add(
        self, first_row: int, counts: Array, units: Array, frequencies: Array, positions: Array
    ) -> None:
        """Append the postings of the rows from `first_row` on; `counts` of them for each row.

        More of the last row may follow, with that row as `first_row`.

        `units` and `frequencies` are as long as the sum of `counts`, `positions` as long as the sum
        of `frequencies`.
        """
        self._counts[first_row : first_row + len(counts)] += counts.astype(np.int32)
        for low in range(0, len(positions), _AT_ONCE):
            self._bytes("position", positions[low : low + _AT_ONCE], self._positions + low)
        for low in range(0, len(units), _AT_ONCE):
            high = low + _AT_ONCE
            self._add_postings(units[low:high], frequencies[low:high])

    def _add_postings(self, units: Array, frequencies: Array) -> None:
        self._keep("unit_low", units & 0xFFFF)
        if self._wide:
            self._keep("unit_high", units >> 16)
        self._bytes("frequency", frequencies, self._postings)
        ends = np.cumsum(frequencies, dtype=np.int64)
        first = -self._postings % POSITION_BLOCK
        before = ends[first::POSITION_BLOCK] - frequencies[first::POSITION_BLOCK]
        self._keep("position_blocks", before + self._positions)
        self._postings += len(units)
        self._positions += int(ends[-1])

    def _bytes(self, name: str, values: Array, offset: int) -> None:
        over = np.flatnonzero(values >= _OVERFLOW)
        self._keep(name, np.minimum(values, _OVERFLOW))
        if len(over):
            self._keep(f"{name}_places", over + offset)
            self._keep(f"{name}_values", values[over])

    def close(self) -> None:
        """Write everything."""
        file = self._file
        if self._postings >= 1 << 32 or self._positions >= 1 << 32:
            raise OverflowError("a segment holds at most 2^32 positions")
        counts = self._counts
        pieces = (counts[low : low + _AT_ONCE] for low in range(0, len(counts), _AT_ONCE))
        file.add_starts(f"{self._name}.starts", "<u4", pieces)
        if self._postings % POSITION_BLOCK == 0:
            self._keep("position_blocks", np.array([self._positions]))
        for plane, dtype in _PLANES.items():
            file.begin(f"{self._name}.{plane}", dtype)
            with self._planes[plane] as kept:
                file.extend_from(kept)

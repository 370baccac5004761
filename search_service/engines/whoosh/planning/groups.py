"""From a word of the query to the rows of the vocabulary that meet it, each at its best level.

The folded form, and its first six, five and four letters, are ranges of rows; stems and translit
keys are lists of rows, most of them in the range of the first four letters. What is found is kept
as *runs*: neighbouring rows, whose postings are neighbours too and are decoded in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.vocabulary import Vocabulary
from search_service.engines.whoosh.weights import SIMILAR_PREFIXES, Level
from search_service.model import Rung
from search_service.nodes import Word

Rows = NDArray[np.integer]
"""Rows of a vocabulary, ascending."""
Levels = NDArray[np.uint8]
"""A `Level` for each row."""

_LEVEL_BITS = 3
_FEW = 32
"""So many rows are sorted sooner than an array is made of them."""
_EXACTLY = np.array([Level.EXACT], np.uint8)
_NO_LEVELS = np.zeros(0, np.uint8)


class Runs(NamedTuple):
    """Rows of one segment's vocabulary, and how well each meets the word."""

    lows: Sequence[int]
    """Ascending; the rows of run i are [lows[i], highs[i]), and no run touches the next one."""
    highs: Sequence[int]
    levels: Levels
    """For the rows of all runs, one run after another."""


class Meeting(NamedTuple):
    """The rows that meet a word."""

    rows: Rows
    levels: Levels

    def from_level(self, least: int) -> Meeting:
        """Those that meet it so well."""
        kept = self.levels >= least
        return self if kept.all() else Meeting(self.rows[kept], self.levels[kept])

    def runs(self) -> Runs:
        """Put together."""
        rows = self.rows
        if not len(rows):
            return Runs((), (), self.levels)
        first, last = int(rows[0]), int(rows[-1])
        if last - first + 1 == len(rows):
            return Runs((first,), (last + 1,), self.levels)
        breaks = (rows[1:] - rows[:-1] > 1).nonzero()[0]
        highs = [*rows[breaks].tolist(), last]
        return Runs([first, *rows[breaks + 1].tolist()], [row + 1 for row in highs], self.levels)


def lowest_level(rung: Rung) -> int:
    """The lowest level that decides where a word is asked down to a rung."""
    return Level.EXACT - min(rung, Rung.TRANSLIT)


def meeting(vocabulary: Vocabulary, word: Word, similar: bool) -> Meeting:
    """The rows that meet the word, each once."""
    forms = {form for _, form in word.readings}
    ranges: list[tuple[Level, int, int]] = []
    lists: list[tuple[Level, Rows]] = []
    exact = {form.exact.encode() for form in forms}
    for folded in {form.folded for form in forms}:
        low, high = _folded(vocabulary, folded, ranges if similar else None)
        if word.rung >= Rung.FOLD:
            ranges.append((Level.FOLD, low, high))
        ranges.extend(
            (Level.EXACT, row, row + 1)
            for row in range(low, high)
            if (vocabulary.exact[row] or folded.encode()) in exact
        )
    if word.rung >= Rung.TRANSLIT:
        keys = {key for form in forms for key in form.translit}
        lists += [(Level.TRANSLIT, vocabulary.translit_rows(key)) for key in keys]
        ranges += [(Level.TRANSLIT, *vocabulary.folded_range(s.folded)) for s in word.synonyms]
        stems = [key for synonym in word.synonyms for key in synonym.stems]
        lists += [(Level.TRANSLIT, vocabulary.stem_rows(key)) for key in stems]
    if word.rung >= Rung.STEM:
        keys = {key for form in forms for key in form.stems}
        lists += [(Level.STEM, vocabulary.stem_rows(key)) for key in keys]
    return _merged(
        [span for span in ranges if span[1] < span[2]], [pair for pair in lists if len(pair[1])]
    )


def row_runs(rows: NDArray[np.int32]) -> Runs:
    """Rows (ascending) that all meet a word exactly."""
    if len(rows) == 1:
        row = rows.item()
        return Runs((row,), (row + 1,), _EXACTLY)
    return Meeting(rows, np.full(len(rows), Level.EXACT, np.uint8)).runs()


def range_runs(ranges: NDArray[np.int64]) -> Runs:
    """Ranges of rows (int64[N, 2], ascending and apart) that all meet a word exactly."""
    ranges = ranges[ranges[:, 0] < ranges[:, 1]]
    if not len(ranges):
        return Runs((), (), _NO_LEVELS)
    first = np.append(True, ranges[1:, 0] > ranges[:-1, 1])
    lows, highs = ranges[first, 0], ranges[np.append(first[1:], True), 1]
    levels = np.full(int((highs - lows).sum()), Level.EXACT, np.uint8)
    return Runs(lows.tolist(), highs.tolist(), levels)


def _merged(
    ranges: Sequence[tuple[Level, int, int]], lists: Sequence[tuple[Level, Rows]]
) -> Meeting:
    """Each row once, at the best of its levels."""
    if not lists and sum(last - first for _, first, last in ranges) <= _FEW:
        levels = {row: level for level, low, high in sorted(ranges) for row in range(low, high)}
        few = sorted(levels)
        return Meeting(np.array(few, np.int64), np.array([levels[row] for row in few], np.uint8))
    if ranges:
        # The widest range has mostly all others, and what shares a stem mostly begins alike.
        low, high = max(ranges, key=lambda span: span[2] - span[1])[1:]
        if all(low <= first and last <= high for _, first, last in ranges) and all(
            low <= rows[0] and rows[-1] < high for _, rows in lists
        ):
            return _within(low, high, ranges, lists)
    pieces: list[Rows] = [np.arange(first, last) for _, first, last in ranges]
    pieces += [rows for _, rows in lists]
    of_pieces = [int(level) for level, *_ in (*ranges, *lists)]
    keys = np.concatenate(pieces).astype(np.int64)
    keys <<= _LEVEL_BITS
    keys += np.repeat(of_pieces, [len(piece) for piece in pieces])
    keys.sort()
    rows = keys >> _LEVEL_BITS
    best = np.append(rows[1:] != rows[:-1], True)
    return Meeting(rows[best], (keys[best] & ((1 << _LEVEL_BITS) - 1)).astype(np.uint8))


def _within(
    low: int,
    high: int,
    ranges: Sequence[tuple[Level, int, int]],
    lists: Sequence[tuple[Level, Rows]],
) -> Meeting:
    """The same where all lie in a range that meets the word as a whole."""
    levels = np.zeros(high - low, np.uint8)
    places: list[tuple[Level, slice | Rows]] = [
        (level, slice(first - low, last - low)) for level, first, last in ranges
    ]
    places += [(level, rows - low) for level, rows in lists]
    # A better level is written over a worse one.
    for level, some in sorted(places, key=itemgetter(0)):
        levels[some] = level
    return Meeting(np.arange(low, high), levels)


def _folded(
    vocabulary: Vocabulary, folded: str, similar: list[tuple[Level, int, int]] | None
) -> tuple[int, int]:
    """The rows [low, high) of a folded form; those that begin as it does are put to `similar`.

    Each beginning narrows what the next one, and the form itself, is looked for in.
    """
    low, high = 0, len(vocabulary.folded)
    for level, letters in SIMILAR_PREFIXES if similar is not None else ():
        prefix = folded[:letters]
        # A number is not like another number: 2020 and 20201108 share nothing but digits.
        if len(prefix) < letters or not prefix.isalpha():
            break
        low, high = vocabulary.prefix_places(prefix, low, high)
        if similar is not None:
            similar.append((level, *vocabulary.rows_of(low, high)))
    key = folded.encode()
    place = vocabulary.folded.bisect_left(key, low, high)
    if place == high or vocabulary.folded[place] != key:
        return 0, 0
    return vocabulary.rows_of(place, place + 1)

"""From a word of the query to the rows of the vocabulary that meet it, each at its best level.

The folded form, and its first six, five and four letters, are ranges of rows; stems and translit
keys are lists of rows. What is found is kept as *runs*: neighbouring rows, whose postings are
neighbours too and are decoded in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.store.vocabulary import Vocabulary
from search_service.engines.whoosh.weights import SIMILAR_PREFIXES, Level
from search_service.model import Rung
from search_service.nodes import Word

Span = tuple[int, int, Level]


@dataclass(frozen=True, slots=True)
class Run:
    """The rows [low, high) of one segment's vocabulary, and how well each meets the word."""

    low: int
    high: int
    levels: NDArray[np.uint8]
    """uint8[high - low]: a `Level` for each row."""


_EXACTLY = np.array([Level.EXACT], np.uint8)


def word_runs(vocabulary: Vocabulary, word: Word, similar: bool) -> tuple[Run, ...]:
    """The rows that meet the word, ascending and without overlap."""
    spans: list[Span] = []
    forms = {form for _, form in word.readings}
    exact = {form.exact.encode() for form in forms}
    for folded in {form.folded for form in forms}:
        low, high = _folded(vocabulary, folded, spans if similar else None)
        if word.rung >= Rung.FOLD:
            spans.append((low, high, Level.FOLD))
        spans.extend(
            (row, row + 1, Level.EXACT)
            for row in range(low, high)
            if (vocabulary.exact[row] or folded.encode()) in exact
        )
    if word.rung >= Rung.TRANSLIT:
        for key in {key for form in forms for key in form.translit}:
            spans.extend(_spans(vocabulary.translit_rows(key), Level.TRANSLIT))
        for synonym in word.synonyms:
            spans.append((*vocabulary.folded_range(synonym.folded), Level.TRANSLIT))
            for key in synonym.stems:
                spans.extend(_spans(vocabulary.stem_rows(key), Level.TRANSLIT))
    if word.rung >= Rung.STEM:
        for key in {key for form in forms for key in form.stems}:
            spans.extend(_spans(vocabulary.stem_rows(key), Level.STEM))
    return merge(spans)


def row_runs(rows: NDArray[np.int32]) -> tuple[Run, ...]:
    """Rows (ascending) that all meet a word exactly."""
    if len(rows) == 1:
        return (Run(int(rows[0]), int(rows[0]) + 1, _EXACTLY),)
    return merge(_spans(rows, Level.EXACT))


def range_runs(ranges: NDArray[np.int64]) -> tuple[Run, ...]:
    """Ranges of rows (int64[N, 2], ascending and apart) that all meet a word exactly."""
    ranges = ranges[ranges[:, 0] < ranges[:, 1]]
    if not len(ranges):
        return ()
    first = np.append(True, ranges[1:, 0] > ranges[:-1, 1])
    lows, highs = ranges[first, 0], ranges[np.append(first[1:], True), 1]
    levels = np.full(int((highs - lows).max()), Level.EXACT, np.uint8)
    return tuple(
        Run(low, high, levels[: high - low])
        for low, high in zip(lows.tolist(), highs.tolist(), strict=True)
    )


def merge(spans: Iterable[Span]) -> tuple[Run, ...]:
    """Join overlapping and neighbouring spans; a row has the best level of its spans."""
    runs: list[Run] = []
    pending: list[Span] = []
    end = -1
    for span in sorted(span for span in spans if span[0] < span[1]):
        if span[0] > end and pending:
            runs.append(_run(pending, end))
            pending = []
        pending.append(span)
        end = max(end, span[1])
    if pending:
        runs.append(_run(pending, end))
    return tuple(runs)


def _run(spans: list[Span], end: int) -> Run:
    low = spans[0][0]
    levels = np.zeros(end - low, np.uint8)
    for first, last, level in sorted(spans, key=lambda span: span[2]):
        levels[first - low : last - low] = level
    return Run(low, end, levels)


def _folded(vocabulary: Vocabulary, folded: str, similar: list[Span] | None) -> tuple[int, int]:
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
            similar.append((*vocabulary.rows_of(low, high), level))
    key = folded.encode()
    place = vocabulary.folded.bisect_left(key, low, high)
    if place == high or vocabulary.folded[place] != key:
        return 0, 0
    return vocabulary.rows_of(place, place + 1)


def _spans(rows: NDArray[np.int32], level: Level) -> Iterable[Span]:
    """Neighbouring rows as spans: 3 4 5 9 is [3, 6) and [9, 10)."""
    if not len(rows):
        return
    breaks = np.flatnonzero(np.diff(rows) > 1) + 1
    for piece in np.split(rows, breaks) if len(breaks) else [rows]:
        yield int(piece[0]), int(piece[-1]) + 1, level

"""Forms of the index near what was typed: completions, and other spellings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from search_service.engines.whoosh.planning.edits import edits
from search_service.engines.whoosh.store.segment import Segment
from search_service.schema import TEXT_FIELD

Counted = tuple[str, str, int]
"""(exact form, language code, live passages)."""

_CANDIDATES = 4
"""How many times more forms than asked are counted exactly, as deletions may reorder them."""
_MOST_NEAR = 20_000
"""Words whose distance is computed, at most: about ten milliseconds."""


def begins(segments: Sequence[Segment], folded_prefix: str, limit: int) -> list[Counted]:
    """Forms whose folded form begins so, the commonest first."""
    rows = [np.arange(*segment.vocabulary.prefix_range(folded_prefix)) for segment in segments]
    return _commonest_of(segments, rows, limit)


def sounds(segments: Sequence[Segment], key_prefixes: Sequence[str], limit: int) -> list[Counted]:
    """Forms that have a translit key with one of these beginnings, the commonest first."""
    rows = [
        np.unique(np.concatenate([segment.vocabulary.translits.beginning(p) for p in key_prefixes]))
        for segment in segments
    ]
    return _commonest_of(segments, rows, limit)


def _commonest_of(
    segments: Sequence[Segment], rows: Sequence[NDArray[np.integer]], limit: int
) -> list[Counted]:
    """The commonest forms of some rows of each segment."""
    found: set[tuple[str, str]] = set()
    for segment, own in zip(segments, rows, strict=True):
        starts = segment.fields[TEXT_FIELD].starts
        counts = starts[own + 1].astype(np.int64) - starts[own]
        wanted = min(_CANDIDATES * limit, len(counts))
        if wanted:
            best = np.argpartition(counts, len(counts) - wanted)[len(counts) - wanted :]
            for row in own[best].tolist():
                _, exact, language = segment.vocabulary.form(row)
                found.add((exact, language))
    return _commonest(segments, found, limit)


def near(segments: Sequence[Segment], folded: str, limit: int) -> list[Counted]:
    """Forms one or two edits away (one from words of up to four letters), the likeliest first.

    That is: the fewest edits, then the same first letter, then the most passages.
    """
    most = 0 if len(folded) < 3 else 1 if len(folded) < 5 else 2
    if not most:
        return []
    words = list({word for segment in segments for word in _alike(segment, folded, most)})
    distances = {
        word: distance
        for word, distance in zip(words, edits(folded, words, most).tolist(), strict=True)
        if 0 < distance <= most
    }
    rows: dict[tuple[str, str], str] = {}
    for segment in segments:
        for word in distances:
            low, high = segment.vocabulary.folded_range(word)
            for _, exact, language in segment.vocabulary.rows(low, high):
                rows[exact, language] = word
    counted = _commonest(segments, rows.keys(), len(rows))

    def likelihood(form: Counted) -> tuple[int, bool, int]:
        word = rows[form[0], form[1]]
        return distances[word], word[0] != folded[0], -form[2]

    return sorted(counted, key=likelihood)[:limit]


def _alike(segment: Segment, folded: str, most: int) -> list[str]:
    """Folded forms that may be so few edits away, by their lengths and the letters they have.

    One edit takes at most one letter away and brings at most one, each of so many bytes.
    """
    vocabulary = segment.vocabulary
    # A word of Cyrillic letters is hardly ever meant for one of other scripts.
    change = most * max(len(letter.encode()) for letter in folded)
    groups = vocabulary.alike(folded, change)[:_MOST_NEAR].tolist()
    words = [vocabulary.folded[group].decode() for group in groups]
    return [word for word in words if abs(len(word) - len(folded)) <= most]


def _commonest(
    segments: Sequence[Segment], forms: Iterable[tuple[str, str]], limit: int
) -> list[Counted]:
    """The forms with the most live passages, counted exactly."""
    counted = [
        (exact, language, sum(_live_passages(segment, exact, language) for segment in segments))
        for exact, language in forms
    ]
    counted = [form for form in counted if form[2]]
    return sorted(counted, key=lambda form: (-form[2], form[0], form[1]))[:limit]


def _live_passages(segment: Segment, exact: str, language: str) -> int:
    """How many live passages have this form in this language."""
    vocabulary = segment.vocabulary
    for row in vocabulary.exact_rows(exact).tolist():
        if vocabulary.languages[vocabulary.language[row]] == language:
            postings = segment.fields[TEXT_FIELD]
            low, high = int(postings.starts[row]), int(postings.starts[row + 1])
            if segment.live is None:
                return high - low
            return int(np.count_nonzero(segment.live[postings.units(low, high)]))
    return 0

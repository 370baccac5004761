"""Where a run of sentences is cut into passages: by content, so that edits stay local.

Packing greedily from the top moves every later cut when a sentence is added. Here each boundary
has a priority that is a hash of the sentence after it; boundaries are taken in the order of their
priorities, and one is used unless it leaves too little on a side. So an edit moves the cuts beside
it and, as a rule, no other: the idea of content-defined chunking (Muthitacharoen et al., LBFS,
2001), with the nested splits of a treap in place of a sliding window.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate

LEAST = 40
"""Words that a passage has where its section has as many."""
MOST = 150
"""Words above which a passage is cut between paragraphs, and soon between sentences."""
FITS = 250
"""Words up to which a sentence, a list item, a stanza is never cut."""


class Gap(IntEnum):
    """What lies between two units, the best place for a cut first."""

    PARAGRAPH = 0
    """Between paragraphs, list items, stanzas."""
    SENTENCE = 1
    """Between sentences, rows of a table, parts of code with a blank line between them."""
    JOINED = 2
    """After a line that introduces what follows ("He said:"), between the lines of a dialogue."""
    LINE = 3
    """Inside what is kept whole if it fits: sentences of a list item, lines of verse or code."""


@dataclass(frozen=True, slots=True)
class _Stage:
    above: int
    """Only what has more words than this is cut."""
    gaps: frozenset[Gap]
    least: int
    """Words that must be left on either side."""


_STAGES = (
    _Stage(0, frozenset({Gap.PARAGRAPH}), LEAST),
    _Stage(MOST, frozenset({Gap.PARAGRAPH}), 15),
    # A little more than MOST, so that a line of ten words beside a full paragraph does not cut it.
    _Stage(MOST + 10, frozenset({Gap.SENTENCE}), LEAST),
    _Stage(MOST + 10, frozenset({Gap.JOINED}), LEAST),
    _Stage(MOST + 10, frozenset({Gap.JOINED}), 15),
    _Stage(FITS, frozenset({Gap.PARAGRAPH, Gap.SENTENCE, Gap.JOINED}), 1),
    _Stage(FITS, frozenset({Gap.LINE}), LEAST),
    _Stage(FITS, frozenset({Gap.LINE}), 1),
)


def pack(words: Sequence[int], gaps: Sequence[Gap], priorities: Sequence[int]) -> list[int]:
    """The numbers of the units that begin a passage, the first (0) included.

    Args:
        words: Size of each unit.
        gaps: What lies before each unit; the first is not looked at.
        priorities: Hash of each unit's text: of the gaps that would do, the one before the unit
            with the smallest is used.
    """
    before = [0, *accumulate(words)]
    starts = [0]
    ends = [len(words)]  # the same cuts, without 0 and with the end
    if before[-1] < 2 * LEAST:
        return starts
    order = sorted(range(1, len(words)), key=lambda unit: (priorities[unit], unit))
    for stage in _STAGES:
        if not _any_above(before, ends, stage.above):
            continue
        for unit in order:
            if gaps[unit] not in stage.gaps:
                continue
            start = starts[bisect_right(starts, unit) - 1]
            end = ends[bisect_left(ends, unit)]
            if start == unit or before[end] - before[start] <= stage.above:
                continue
            if min(before[unit] - before[start], before[end] - before[unit]) >= stage.least:
                insort(starts, unit)
                insort(ends, unit)
    return starts


def _any_above(before: Sequence[int], ends: Sequence[int], words: int) -> bool:
    start = 0
    for end in ends:
        if before[end] - before[start] > words:
            return True
        start = end
    return False

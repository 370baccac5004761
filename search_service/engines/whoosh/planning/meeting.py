"""Which forms of the vocabulary meet a word by a rung that decides, for who marks texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search_service.engines.base import FormMeeting
from search_service.engines.whoosh.planning.plan import FIELDS
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.weights import Level
from search_service.nodes import Word

_ANYWHERE = tuple((field, 1) for field in FIELDS)
_RUNGS = tuple(Level(level).rung if level else None for level in range(max(Level) + 1))


def forms_meeting(snapshot: Snapshot, words: Sequence[Word]) -> Iterator[FormMeeting]:
    """The rows that meet the words, similar ones left out; one of two segments comes twice."""
    for place, word in enumerate(words):
        plan = snapshot.planner.word(word, _ANYWHERE, False)
        levels = plan.row_levels().tolist()
        # A run comes once for each field that has postings of it.
        runs = {
            (view // len(FIELDS), low, high): first
            for view, low, high, _, _, first in plan.table().tolist()
        }
        for (segment, low, high), first in runs.items():
            rows = snapshot.segments[segment].vocabulary.rows(low, high)
            for level, (folded, exact, language) in zip(levels[first:], rows, strict=False):
                rung = _RUNGS[level]
                if rung is not None:
                    yield FormMeeting(place, rung, folded, exact, language)

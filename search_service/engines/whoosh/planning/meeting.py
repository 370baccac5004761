"""Which forms of the vocabulary meet a word by a rung that decides, for who marks texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search_service.engines.base import FormMeeting
from search_service.engines.whoosh.planning.plan import FIELDS
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.weights import DECISIVE, Level
from search_service.model import Rung
from search_service.nodes import Word

_ANYWHERE = tuple((field, 1) for field in FIELDS)
_RUNGS: dict[int, Rung] = {level: level.rung for level in Level}


def forms_meeting(snapshot: Snapshot, words: Sequence[Word]) -> Iterator[FormMeeting]:
    """The rows that meet the words, similar ones left out; one of two segments comes twice."""
    planner, segments = snapshot.planner, snapshot.segments
    for place, word in enumerate(words):
        plan = planner.word(word, _ANYWHERE, False)
        for segment, row, level, folded, exact in planner.rows(plan, DECISIVE):
            language = segments[segment].vocabulary.language_of(row)
            yield FormMeeting(place, _RUNGS[level], folded, exact, language)

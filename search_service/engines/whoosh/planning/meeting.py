"""Which forms of the vocabulary meet a word by a rung that decides, for who marks texts."""

from __future__ import annotations

from collections.abc import Iterable

from search_service.engines.whoosh.planning.plan import FIELDS
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.nodes import Word

_ANYWHERE = tuple((field, 1) for field in FIELDS)


def folded_forms(snapshot: Snapshot, words: Iterable[Word]) -> set[str]:
    """The folded forms of all rows that meet any of the words, similar ones left out."""
    # A run comes once for each field that has postings of it.
    runs = {
        (view // len(FIELDS), low, high)
        for word in words
        for view, low, high in snapshot.planner.word(word, _ANYWHERE, False).table()[:, :3].tolist()
    }
    found: set[str] = set()
    for segment, low, high in runs:
        found.update(snapshot.segments[segment].vocabulary.folded_forms(low, high))
    return found

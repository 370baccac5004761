"""Which forms of the vocabulary meet a word by a rung that decides, for who marks texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from search_service.engines.whoosh.plan import FIELDS, Plan
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.nodes import Word

_ANYWHERE = tuple((field, 1) for field in FIELDS)


def folded_forms(snapshot: Snapshot, words: Iterable[Word]) -> set[str]:
    """The folded forms of all rows that meet any of the words, similar ones left out."""
    found: set[str] = set()
    plans = [snapshot.planner.word(word, _ANYWHERE, False) for word in words]
    for segment, rows in _rows(plans):
        vocabulary = snapshot.segments[segment].vocabulary
        found.update(map(vocabulary.folded.text, vocabulary.groups_of(rows)))
    return found


def _rows(plans: Sequence[Plan]) -> Iterator[tuple[int, list[int]]]:
    """The rows of plans, segment by segment; some come more than once."""
    runs: dict[int, list[int]] = {}
    for plan in plans:
        for view, low, high in plan.table()[:, :3].tolist():
            runs.setdefault(view // len(FIELDS), []).extend(range(low, high))
    yield from runs.items()

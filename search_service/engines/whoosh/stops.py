"""Whether a word of the query is a stop word in what this index holds.

`war` is a stop word of German and a word of English. It is one here if it occurs more often in the
languages for which it is a stop word than in the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from search_service.engines.whoosh.groups import Run
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.weights import Level
from search_service.nodes import Word
from search_service.schema import TEXT_FIELD


def is_stop(snapshot: Snapshot, word: Word, runs: Callable[[], Sequence[tuple[Run, ...]]]) -> bool:
    """Whether it counts little and never decides; `runs` gives its rows in each segment."""
    languages = {language for language, form in word.readings if form.stop}
    if not languages:
        return False
    if len(languages) == len(word.readings):
        return True
    key = ("stop", word.readings)
    known = snapshot.memory.get(key)
    if known is None:
        known = snapshot.memory[key] = _mostly(snapshot, languages, runs())
    return bool(known)


def _mostly(snapshot: Snapshot, languages: set[str], runs: Sequence[tuple[Run, ...]]) -> bool:
    balance = 0
    for segment, segment_runs in zip(snapshot.segments, runs, strict=True):
        vocabulary = segment.vocabulary
        stop = np.array([language in languages for language in vocabulary.languages])
        postings = segment.fields[TEXT_FIELD]
        for run in segment_runs:
            for row in (np.flatnonzero(run.levels >= Level.FOLD) + run.low).tolist():
                low, high = int(postings.starts[row]), int(postings.starts[row + 1])
                count = high - low
                if segment.live is not None:
                    count = int(np.count_nonzero(segment.live[postings.units(low, high)]))
                balance += count if stop[vocabulary.language[row]] else -count
    return balance >= 0

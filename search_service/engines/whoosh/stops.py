"""Whether a word of the query is a stop word in what this index holds.

`war` is a stop word of German and a word of English. It is one here if it occurs more often in the
languages for which it is a stop word than in the others.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from search_service.engines.whoosh.plan import FIELDS
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.model import Rung
from search_service.nodes import Word
from search_service.schema import TEXT_FIELD


def is_stop(snapshot: Snapshot, word: Word) -> bool:
    """Whether it counts little and never decides."""
    languages = {language for language, form in word.readings if form.stop}
    if not languages:
        return False
    if len(languages) == len(word.readings):
        return True
    rung = min(word.rung, Rung.FOLD)
    key = ("stop", word.readings, rung)
    known = snapshot.memory.get(key)
    if known is None:
        itself = replace(word, rung=rung, similar=False, synonyms=())
        known = snapshot.memory[key] = _mostly(snapshot, languages, itself)
    return bool(known)


def _mostly(snapshot: Snapshot, languages: set[str], word: Word) -> bool:
    plan = snapshot.planner.word(word, ((TEXT_FIELD, 1),))
    balance = 0
    for view, first, end, *_ in plan.entries.tolist():
        segment = snapshot.segments[view // len(FIELDS)]
        vocabulary = segment.vocabulary
        postings = segment.fields[TEXT_FIELD]
        for row in range(first, end):
            low, high = int(postings.starts[row]), int(postings.starts[row + 1])
            count = high - low
            if segment.live is not None:
                count = int(np.count_nonzero(segment.live[postings.units(low, high)]))
            stops = vocabulary.languages[vocabulary.language[row]] in languages
            balance += count if stops else -count
    return balance >= 0

"""Whether a word of the query is a stop word in what this index holds.

`war` is a stop word of German and a word of English. It is one here if it occurs more often in the
languages for which it is a stop word than in the others. What is written as the query has it goes
before what is only folded to it: `fur` in an archive of English and German is a word, however often
`für` occurs, and `və` is none, however often the Turkish `ve` is found with it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from search_service.engines.whoosh.planning.plan import FIELDS
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.weights import Level
from search_service.languages.stopping import folded_stop_words, stops
from search_service.model import Rung
from search_service.nodes import Word
from search_service.schema import TEXT_FIELD


def is_stop(snapshot: Snapshot, word: Word) -> bool:
    """Whether it counts little and never decides."""
    # A loop, as this is asked of each word: nearly all of them are none.
    for code, form in word.readings:
        if form.folded in folded_stop_words(code):
            break
    else:
        return False
    rung = min(word.rung, Rung.FOLD)
    key = ("stop", word.readings, rung)
    known = snapshot.memory.get(key)
    if known is None:
        itself = replace(word, rung=rung, synonyms=())
        known = snapshot.memory[key] = _mostly(snapshot, itself)
    return bool(known)


def _mostly(snapshot: Snapshot, word: Word) -> bool:
    """Whether it stops in more passages than not: as it is written, or else as it is folded."""
    plan = snapshot.planner.word(word, ((TEXT_FIELD, 1),), False)
    balances: dict[Level, int] = {}
    for view, first, end, _, _, offset in plan.table().tolist():
        segment = snapshot.segments[view // len(FIELDS)]
        postings = segment.fields[TEXT_FIELD]
        levels = plan.row_levels()[offset : offset + end - first].tolist()
        forms = segment.vocabulary.rows(first, end)
        for row, level, (folded, exact, code) in zip(range(first, end), levels, forms, strict=True):
            low, high = int(postings.starts[row]), int(postings.starts[row + 1])
            count = high - low
            if segment.live is not None:
                count = int(np.count_nonzero(segment.live[postings.units(low, high)]))
            if count:
                balance = balances.get(level, 0)
                balances[level] = balance + (count if stops(exact, folded, code) else -count)
    if not balances:
        return any(form.stop for _, form in word.readings)
    return balances[max(balances)] >= 0

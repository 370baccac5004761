"""A naive engine in memory: what an answer means, spelt out passage by passage.

It shares the forms (what `prepare` analysed) and the table of weights with the real engine, and
nothing else: no arrays, no postings, no segments. Slow on purpose where that is simpler.
"""

from __future__ import annotations

from collections.abc import Iterable

from search_service.engines.base import Answer, FormMeeting, Request
from search_service.engines.whoosh.weights import Level
from search_service.nodes import EVERYTHING, Word
from tests.engines.oracle.answer import Run
from tests.engines.oracle.corpus import Archive, StoredDocument, stored
from tests.engines.oracle.leaves import levenshtein

__all__ = ["Oracle", "StoredDocument", "levenshtein", "stored"]


class Oracle(Archive):
    """All live documents, and the answer to a request."""

    def execute(self, request: Request) -> Answer:
        return Run(self, request).answer()

    def forms_meeting(self, words: Iterable[Word]) -> set[FormMeeting]:
        """The forms that meet any of these words by a level that decides."""
        run = Run(self, Request(EVERYTHING))
        return {
            FormMeeting(place, Level(level).rung, *row)
            for place, word in enumerate(words)
            for row in self.keys
            if (level := run.level(word, row)) >= Level.TRANSLIT
        }

"""One generation, open for reading."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search_service.engines.base import Answer, FormMeeting, Request
from search_service.engines.whoosh.planning.meeting import forms_meeting
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.store.state import whole_segments
from search_service.engines.whoosh.suggestion import begins, near, sounds
from search_service.model import Block, Document, Passage
from search_service.nodes import Word
from search_service.passages.near import alike_mask

if TYPE_CHECKING:
    from search_service.engines.whoosh.evaluation.executor import Executor

_REMEMBERED = 4096
"""Documents whose summary, and whose place, is known."""


class WhooshReader:
    """The engine's `Reader`. Safe to share between threads, and between processes by forking."""

    def __init__(self, directory: Path, without: frozenset[str] = frozenset()) -> None:
        """Open a generation, segments with files of `without` left out. Raises `IndexDamaged`."""
        self.segments: tuple[Segment, ...] = tuple(
            state.open(directory) for state in whole_segments(directory, without)
        )
        # All files now: two publishings later this generation is removed, and what is open stays.
        tuple(segment.catalogue for segment in self.segments)
        self.document_count = sum(segment.live_document_count for segment in self.segments)
        self.passage_count = sum(segment.live_passage_count for segment in self.segments)
        self.summary = lru_cache(_REMEMBERED)(self._summary)
        self._find = lru_cache(_REMEMBERED)(self._found)

    def search(self, request: Request) -> Answer:
        """Answer a question. Raises `QueryTooCostly`, and `InvalidValue` for unknown nodes."""
        return self._executor.execute(request)

    @cached_property
    def _executor(self) -> Executor:
        from search_service.engines.whoosh.evaluation import executor  # noqa: PLC0415 -- runs do not search

        return executor.Executor(self.segments)

    def document(self, document_id: str) -> Document | None:
        """The whole document, or None."""
        place = self._find(document_id)
        return place[0].catalogue.document(place[1]) if place else None

    def _summary(self, document_id: str) -> Document | None:
        """The document without its text, blocks and passages, or None."""
        place = self._find(document_id)
        return place[0].catalogue.summary(place[1]) if place else None

    def summaries(self) -> Iterator[Document]:
        """All documents in order of (path, key), each as `summary` gives it."""
        return heapq.merge(*map(_in_order, self.segments), key=lambda d: (d.path, d.key))

    def passages(self, document_id: str, ordinals: Sequence[int]) -> list[tuple[Passage, str]]:
        """Passages of a document with their text; ordinals that it does not have are left out."""
        place = self._find(document_id)
        if place is None:
            return []
        segment, number = place
        return segment.catalogue.passages(number, ordinals)

    def slices(self, document_id: str, spans: Sequence[tuple[int, int]]) -> list[str]:
        """Slices of a document's text, by code points; none of a document that is not here."""
        place = self._find(document_id)
        return place[0].catalogue.slices(place[1], spans) if place else []

    def blocks(self, document_id: str, span: tuple[int, int]) -> tuple[Block, ...]:
        """The blocks that a slice of a document's text lies in; none of one that is not here."""
        place = self._find(document_id)
        return place[0].catalogue.blocks(place[1], span) if place else ()

    def languages(self) -> Mapping[str, int]:
        """Language -> number of live passages."""
        counts: Counter[str] = Counter()
        for segment in self.segments:
            codes = segment.passage_language
            if segment.live is not None:
                codes = codes[segment.live]
            for code, count in enumerate(np.bincount(codes, minlength=len(segment.languages))):
                counts[segment.languages[code]] += int(count)
        return {language: count for language, count in counts.most_common() if count}

    def forms(self, folded_prefix: str, limit: int) -> list[tuple[str, str, int]]:
        """(form, language, passages) whose folded form begins so, the commonest first."""
        return begins(self.segments, folded_prefix, limit)

    def forms_sounding(self, key_prefixes: Sequence[str], limit: int) -> list[tuple[str, str, int]]:
        """(form, language, passages) with a translit key that begins so, the commonest first."""
        return sounds(self.segments, key_prefixes, limit) if key_prefixes else []

    def forms_meeting(self, words: Sequence[Word]) -> Iterator[FormMeeting]:
        """The forms that meet these words by a rung that decides; one of two segments twice."""
        return forms_meeting(self._executor.snapshot, words)

    def spellings(self, folded: str, limit: int) -> list[tuple[str, str, int]]:
        """(form, language, passages) at most two edits away, the likeliest first."""
        return near(self.segments, folded, limit)

    def duplicates(self, document_id: str, ordinal: int) -> list[tuple[str, int]]:
        """(document id, ordinal) of near-duplicates of this passage, by their signatures."""
        place = self._find(document_id)
        if place is None or not 0 <= ordinal < place[0].catalogue.passage_count(place[1]):
            return []
        segment, number = place
        passage = int(segment.document_passages[number]) + ordinal
        signature = int(segment.signature[passage])
        found = []
        for other in self.segments:
            alike = alike_mask(signature, other.signature)
            if other.live is not None:
                alike &= other.live
            for found_passage in np.flatnonzero(alike).tolist():
                if other is not segment or found_passage != passage:
                    document = int(other.passage_document[found_passage])
                    first = int(other.document_passages[document])
                    found.append((other.document_id(document), found_passage - first))
        return sorted(found)

    def close(self) -> None:
        """Give the files back: each is unmapped when its last array is gone."""
        self.segments = ()
        self.__dict__.pop("_executor", None)
        self.summary.cache_clear()
        self._find.cache_clear()

    def _found(self, document_id: str) -> tuple[Segment, int] | None:
        for segment in self.segments:
            number = segment.live_document_number(document_id)
            if number is not None:
                return segment, number
        return None


def _in_order(segment: Segment) -> Iterator[Document]:
    catalogue = segment.catalogue
    for number in catalogue.in_path_order():
        if segment.live_documents is None or segment.live_documents[number]:
            yield catalogue.summary(number)

"""Near-duplicate passages, grouped at query time under the earliest that matches.

The same statement quoted in five documents is one hit with four more behind it. The earliest by
publication is shown, the undated last; totals are not changed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from search_service.engines.base import Reader, Request
from search_service.model import Document, DocumentHit, PassageHit
from search_service.searcher.hits import Hits

MAX_GROUP = 50
"""Duplicates of one passage that are looked at."""

Place = tuple[str, int]
"""A passage: document id, ordinal."""


class Collapse:
    """Groups the hits of one page."""

    def __init__(self, reader: Reader, request: Request, hits: Hits) -> None:
        self._reader = reader
        self._request = request
        self._hits = hits
        self._matching: dict[str, frozenset[int]] = {}
        self._documents: dict[str, Document | None] = {}

    def page(self, page: list[DocumentHit]) -> list[DocumentHit]:
        """The page with each group once: where its earliest is, else where it first appears."""
        groups = {place: group for place in _places(page) if len(group := self._group(place)) > 1}
        if not groups:
            return page
        at_home = self._at_home(page, groups)
        shown: set[Place] = set()
        result: list[DocumentHit] = []
        for hit in page:
            kept: dict[int, PassageHit] = {}
            moved: list[tuple[PassageHit, list[Place]]] = []
            for passage in hit.passages:
                place = (hit.document.id, passage.passage.ordinal)
                if place not in groups:
                    kept[place[1]] = passage
                    continue
                group = groups[place]
                first = group[0]
                elsewhere = first in at_home and at_home[first] != hit.document.id
                if first in shown or elsewhere:
                    continue
                shown.add(first)
                if first[0] == hit.document.id:
                    kept[first[1]] = self._first(hit.document, passage, group)
                else:
                    moved.append((passage, group))
            if kept:
                # Its other passages are its own, so it stays and names where else these stand.
                for passage, group in moved:
                    kept[passage.passage.ordinal] = self._with(passage, group, hit.document.id)
                result.append(replace(hit, passages=tuple(kept[key] for key in sorted(kept))))
            elif moved or not hit.passages:
                result.append(self._elsewhere(hit, moved) if moved else hit)
        return result

    def _at_home(
        self, page: list[DocumentHit], groups: dict[Place, list[Place]]
    ) -> dict[Place, str]:
        """The first of each group that the page shows in its own document anyway."""
        places = set(_places(page))
        return {group[0]: group[0][0] for group in groups.values() if group[0] in places}

    def _group(self, place: Place) -> list[Place]:
        """All passages of the group that match, the earliest first; empty if there is no other."""
        others = self._reader.duplicates(*place)[:MAX_GROUP]
        matching = [other for other in others if other[1] in self._found(other[0])]
        if not matching:
            return []
        return sorted({place, *matching}, key=self._age)

    def _found(self, document_id: str) -> frozenset[int]:
        """The passages of a document that this question finds."""
        if document_id not in self._matching:
            request = replace(
                self._request,
                document=document_id,
                group="passage",
                limit=1000,
                offset=0,
                passages=1,
                facets=(),
            )
            found = self._reader.search(request).found
            self._matching[document_id] = frozenset(
                passage.ordinal
                for entry in found
                for passage in entry.passages
                if not passage.similar_only
            )
        return self._matching[document_id]

    def _document(self, document_id: str) -> Document | None:
        if document_id not in self._documents:
            self._documents[document_id] = self._reader.summary(document_id)
        return self._documents[document_id]

    def _age(self, place: Place) -> tuple[date, str, int]:
        document = self._document(place[0])
        dated = document.metadata.date if document else None
        return (dated.value.first_day if dated else date.max, *place)

    def _with(self, passage: PassageHit, group: list[Place], own: str) -> PassageHit:
        """A passage with the others of its group."""
        here = (own, passage.passage.ordinal)
        return replace(passage, duplicates=tuple(self._anchored(group, here)))

    def _anchored(self, group: list[Place], here: Place) -> list[tuple[str, str]]:
        return [
            (place[0], passage.anchor)
            for place in group
            if place != here
            for passage, _ in self._reader.passages(place[0], (place[1],))
        ]

    def _first(self, document: Document, passage: PassageHit, group: list[Place]) -> PassageHit:
        """The group's first passage, which is of the same document, in place of this one."""
        if group[0][1] == passage.passage.ordinal:
            return self._with(passage, group, document.id)
        (first,) = self._hits.passages(document, (group[0][1],))
        return self._with(replace(first, score=passage.score), group, document.id)

    def _elsewhere(
        self, hit: DocumentHit, moved: list[tuple[PassageHit, list[Place]]]
    ) -> DocumentHit:
        """The earlier document in place of one that has nothing but copies of its passages."""
        earlier = {group[0][0] for _, group in moved}
        document = self._document(moved[0][1][0][0])
        if len(earlier) > 1 or document is None:
            passages = [self._with(passage, group, hit.document.id) for passage, group in moved]
            return replace(hit, passages=tuple(passages))
        passages = []
        for passage, group in moved:
            (first,) = self._hits.passages(document, (group[0][1],))
            passages.append(self._with(replace(first, score=passage.score), group, document.id))
        return replace(
            hit, document=document, passages=tuple(passages), title=self._hits.title(document)
        )


def _places(page: list[DocumentHit]) -> list[Place]:
    return [(hit.document.id, passage.passage.ordinal) for hit in page for passage in hit.passages]

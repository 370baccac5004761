"""Near-duplicate passages, grouped at query time under the earliest that was found.

The same statement quoted in five documents is one hit with four more behind it. The earliest by
publication is shown, the undated last; totals are not changed.

The first `WINDOW` hits of the whole ranking are grouped, and pages are cut from what is left, so a
hit is on one page and stays there: grouped page by page, the copy that one page hides would come
again on the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from search_service.engines.base import Answer, Found, Reader, Request
from search_service.model import DocumentHit, PassageHit
from search_service.passages.near import alike_pairs

WINDOW = 50
"""Hits, from the first, that are grouped; further down they stand as they were found."""

Place = tuple[str, int]
"""A passage: document id, ordinal."""


@dataclass(frozen=True, slots=True)
class Collapsed:
    """One page of a ranking in which near-duplicates are grouped."""

    answer: Answer
    copies: Mapping[Place, Sequence[Place]] = field(default_factory=dict)
    """A passage that is shown -> those that are grouped under it."""

    def named(self, reader: Reader, hits: Iterable[DocumentHit]) -> list[DocumentHit]:
        """The hits of this page, each passage with the anchors of its copies."""
        if not self.copies:
            return list(hits)
        return [
            replace(hit, passages=tuple(self._named(reader, hit, each) for each in hit.passages))
            for hit in hits
        ]

    def _named(self, reader: Reader, hit: DocumentHit, found: PassageHit) -> PassageHit:
        copies = self.copies.get((hit.document.id, found.passage.ordinal), ())
        if not copies:
            return found
        anchors = (
            (document_id, passage.anchor)
            for document_id, ordinal in copies
            for passage, _ in reader.passages(document_id, (ordinal,))
        )
        return replace(found, duplicates=tuple(anchors))


def collapse(reader: Reader, request: Request) -> Collapsed:
    """The page that a request asks for, of the ranking without the copies."""
    if not request.limit:
        return Collapsed(reader.search(request))
    window = reader.search(replace(request, offset=0, limit=WINDOW))
    kept, copies = _grouped(reader, window.found, similar=not window.total_documents)
    hidden = len(window.found) - len(kept)
    end = request.offset + request.limit
    page = kept[request.offset : end]
    if end > len(kept) and len(window.found) == WINDOW:
        first = max(WINDOW, request.offset + hidden)
        beyond = replace(request, offset=first, limit=end + hidden - first, facets=())
        page += reader.search(beyond).found
    return Collapsed(replace(window, found=tuple(page)), copies)


def _grouped(
    reader: Reader, ranking: Sequence[Found], *, similar: bool = False
) -> tuple[list[Found], Mapping[Place, Sequence[Place]]]:
    """The hits that stay, and what is grouped under their passages; of `similar` ones, too.

    A hit that has nothing but copies gives its rank to the one that it is a copy of.
    """
    pairs = alike_pairs(
        [
            signature
            for found in ranking
            for _, _, similar_only, signature in found.passages
            if similar or not similar_only
        ]
    )
    if not pairs:
        return list(ranking), {}
    places = list(_places(ranking, similar=similar))
    owner = dict(places)
    first_of = _first_of(reader, [(places[one][0], places[other][0]) for one, other in pairs])
    copies: dict[Place, list[Place]] = defaultdict(list)
    for place, first in first_of.items():
        copies[first].append(place)
    rank = dict(enumerate(ranking))
    best = {number: number for number in rank}
    for number, found in enumerate(ranking):
        own = tuple(
            passage
            for passage in found.passages
            if (found.document_id, passage.ordinal) not in first_of
        )
        if own or not found.passages:
            rank[number] = found._replace(passages=own)
            continue
        place = (found.document_id, found.passages[0].ordinal)
        home = owner[first_of[place]]
        best[home] = min(best[home], number)
        del rank[number]
    order = sorted(rank, key=lambda number: (best[number], number))
    return [rank[each]._replace(score=ranking[best[each]].score) for each in order], copies


def _places(ranking: Sequence[Found], *, similar: bool) -> Iterator[tuple[Place, int]]:
    """Passages that were found, with their hits' numbers.

    What is only `similar` is left out, unless nothing else was found: it would be older than a
    passage that says the word.
    """
    for number, found in enumerate(ranking):
        for passage in found.passages:
            if similar or not passage.similar_only:
                yield (found.document_id, passage.ordinal), number


def _first_of(reader: Reader, pairs: Iterable[tuple[Place, Place]]) -> dict[Place, Place]:
    """A copy -> the earliest passage that it is a copy of, where these are near-duplicates."""
    near: dict[Place, list[Place]] = defaultdict(list)
    for one, other in pairs:
        near[one].append(other)
        near[other].append(one)
    first_of: dict[Place, Place] = {}
    firsts: set[Place] = set()
    for place in sorted(near, key=lambda place: _age(reader, place)):
        if place in first_of:
            continue
        firsts.add(place)
        for copy in near[place]:
            # One that has copies of its own by now is older than this one.
            if copy not in firsts:
                first_of.setdefault(copy, place)
    return first_of


def _age(reader: Reader, place: Place) -> tuple[date, str, int]:
    document = reader.summary(place[0])
    dated = document.metadata.date if document else None
    return (dated.value.first_day if dated else date.max, *place)

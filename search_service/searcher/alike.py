"""What is found by similar words alone, counted: an engine's totals leave it out.

It is counted where nothing else is found, so that a reader who asks for `bridgehead` and is shown
bridges knows how many there are, and can filter them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from search_service.engines.base import Found, Reader, Request
from search_service.model import Similar
from search_service.schema import FACETS, facet_value

MOST = 1000
"""Documents (passages where each is a hit) that are counted: so many more say nothing more."""
_LEVELS = {facet.name: facet.level for facet in FACETS}


def alike(
    reader: Reader, request: Request, facets: Sequence[str]
) -> tuple[Similar, Mapping[str, Mapping[str, int]]]:
    """How much is found so, and how many of its documents have each value of some facets.

    As in an engine's answer, a facet's counts ignore the filter on itself.
    """
    found = _all(reader, request)
    counts: dict[str, Mapping[str, int]] = {}
    for name in facets:
        others = {each: values for each, values in request.filters.items() if each != name}
        free = len(others) < len(request.filters)
        among = _all(reader, replace(request, filters=others)) if free else found
        counts[name] = _values(reader, name, among)
    documents = len({each.document_id for each in found})
    passages = sum(each.passages_found for each in found)
    if request.group == "passage":
        passages = len(found)
    return Similar(documents, passages, len(found) < MOST), counts


def _all(reader: Reader, request: Request) -> tuple[Found, ...]:
    """The hits of a request: without those that match by more, should there be any."""
    whole = replace(request, offset=0, limit=MOST, sort="relevance", facets=())
    found = reader.search(whole).found
    return tuple(hit for hit in found if all(each.similar_only for each in hit.passages))


def _values(reader: Reader, name: str, found: Sequence[Found]) -> Mapping[str, int]:
    pairs: set[tuple[str, str]] = set()
    for hit in found:
        if _LEVELS[name] == "passage":
            ordinals = [each.ordinal for each in hit.passages]
            read = reader.passages(hit.document_id, ordinals)
            pairs.update((hit.document_id, passage.language) for passage, _ in read)
        elif (document := reader.summary(hit.document_id)) is not None:
            value = facet_value(document, name)
            pairs.update((hit.document_id, each) for each in (value,) if each is not None)
    return Counter(value for _, value in pairs)

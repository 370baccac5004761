"""What a reader should know beside the hits: how each word was met, and what stands in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from search_service.engines.base import Answer, Reader, Request
from search_service.highlight.leaves import names
from search_service.languages import get
from search_service.model import DocumentHit, Obstacle, Rung, Suggestion, WordReport
from search_service.nodes import Query, Words
from search_service.query.parsed import Options, ParsedQuery
from search_service.query.parsing import parse
from search_service.query.syntax import normalise

FORMS_SHOWN = 12


def alone(reader: Reader, request: Request, queries: Sequence[Query]) -> tuple[int, ...]:
    """How many documents each of these would find by itself, under the request's filters."""
    if not queries:
        return ()
    asked = replace(
        request, query=Words(tuple(queries)), limit=0, offset=0, facets=(), sort="relevance"
    )
    return reader.search(asked).word_documents


def word_reports(
    reader: Reader,
    request: Request,
    parsed: ParsedQuery,
    answer: Answer,
    hits: Sequence[DocumentHit],
) -> tuple[WordReport, ...]:
    """One report for each part of the query, in order."""
    counts = answer.word_documents
    if len(counts) != len(parsed.parts):
        counts = alone(reader, request, [part.query for part in parsed.parts])
    met = _forms(hits)
    return tuple(
        WordReport(
            part.text,
            count,
            tuple(form for name in sorted(names(part.query)) for form in met.get(name, ())),
        )
        for part, count in zip(parsed.parts, counts, strict=True)
    )


def _forms(hits: Sequence[DocumentHit]) -> dict[str, list[tuple[str, Rung, int]]]:
    """Word -> other forms met in the hits shown, with rung and number of passages."""
    passages: dict[str, Counter[tuple[str, Rung]]] = {}
    for hit in hits:
        for passage in hit.passages:
            language = get(passage.passage.language)
            found = {
                (match.word, language.lower(match.form), match.rung)
                for shown in (passage.snippet, *passage.context)
                for match in shown.matches
                if match.rung is not Rung.EXACT
            }
            for word, form, rung in found:
                passages.setdefault(word, Counter())[form, rung] += 1
    return {
        word: [
            (form, rung, count)
            for (form, rung), count in sorted(
                counts.items(), key=lambda entry: (entry[0][1], -entry[1], entry[0][0])
            )[:FORMS_SHOWN]
        ]
        for word, counts in passages.items()
    }


def looser_phrases(
    reader: Reader, request: Request, parsed: ParsedQuery, options: Options, counts: Sequence[int]
) -> tuple[Suggestion, ...]:
    """For each quoted phrase that stands nowhere: the first rung on which it does."""
    found = []
    for part, count in zip(parsed.parts, counts, strict=True):
        if count or not part.exact_phrase:
            continue
        loose = f"{part.typed}~0"
        for rung in (Rung.FOLD, Rung.STEM, Rung.TRANSLIT):
            tree = parse(loose, replace(options, match=rung)).parts[0].query
            (documents,) = alone(reader, request, [tree])
            if documents:
                query = normalise(parsed.text).replace(part.typed, loose, 1)
                found.append(Suggestion(query, part.text, documents, rung))
                break
    return tuple(found)


def obstacles(reader: Reader, request: Request) -> tuple[Obstacle, ...]:
    """The filters without which something would be found, each lifted by itself."""
    lifted: list[tuple[str, tuple[str, ...], Request]] = []
    for name, values in request.filters.items():
        rest = {facet: chosen for facet, chosen in request.filters.items() if facet != name}
        lifted.append((name, values, replace(request, filters=rest)))
    if request.first_day or request.last_day:
        lifted.append(("date", (), replace(request, first_day=None, last_day=None)))
    if request.document:
        lifted.append(("document", (request.document,), replace(request, document=None)))
    found = []
    for name, values, without in lifted:
        total = reader.search(replace(without, limit=0, offset=0, facets=())).total_documents
        if total:
            found.append(Obstacle(name, values, total))
    return tuple(found)

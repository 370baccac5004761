"""What the JSON endpoint answers, made of what the searcher found.

The command line's `--json` prints the same.
"""

from __future__ import annotations

from typing import Any, Literal

from search_service.model import (
    Document,
    DocumentHit,
    Match,
    Passage,
    PassageHit,
    PublicationDate,
    Results,
    Sourced,
)
from search_service.web.links import Links, Pairs
from search_service.web.shapes import (
    Described,
    DocumentAnswer,
    DocumentHitAnswer,
    FacetAnswer,
    FormAnswer,
    MatchAnswer,
    ObstacleAnswer,
    PassageAnswer,
    PassageHitAnswer,
    PassageText,
    SearchAnswer,
    SimilarAnswer,
    SuggestionAnswer,
    ValueAnswer,
    WordAnswer,
)


def passage_id(document_id: str, anchor: str) -> str:
    """The id of a passage in the whole archive; anchors have no colon."""
    return f"{document_id}:{anchor}"


def split_passage_id(passage: str) -> tuple[str, str]:
    """A passage's document id and anchor."""
    document_id, _, anchor = passage.rpartition(":")
    return document_id, anchor


def described(document: Document, links: Links) -> Described:
    """What a list says of a document."""
    return Described(**_described(document, links.permanent(document.id)))


def _described(document: Document, url: str) -> dict[str, Any]:
    known = document.metadata
    return {
        "id": document.id,
        "title": document.title,
        "source": _value(known.source),
        "author": _value(known.author),
        "date": known.date.value.text if known.date else None,
        "languages": list(document.languages),
        "format": document.format,
        "path": document.path,
        "url": url,
    }


def _value(sourced: Sourced[str] | None) -> str | None:
    return sourced.value if sourced else None


def _match(match: Match) -> MatchAnswer:
    return MatchAnswer(
        start=match.start,
        end=match.end,
        rung=match.rung.name.lower(),
        form=match.form,
        word=match.word,
    )


def _passage(
    document_id: str, hit: PassageHit, links: Links, marks: Pairs, *, highlight: bool
) -> dict[str, Any]:
    return {
        "id": passage_id(document_id, hit.passage.anchor),
        "url": links.document(document_id, hit.passage.anchor, marks),
        "language": hit.passage.language,
        "page": hit.passage.page,
        "score": hit.score,
        "similar_only": hit.similar_only,
        "headings": [heading.html for heading in hit.context],
        "lead_in": hit.lead_in.html if hit.lead_in else None,
        "snippet": hit.snippet.html,
        "start": hit.snippet.start,
        "end": hit.snippet.end,
        "matches": [_match(match) for match in hit.snippet.matches] if highlight else [],
        "duplicates": [passage_id(*place) for place in hit.duplicates],
    }


def _document_hit(
    hit: DocumentHit, links: Links, marks: Pairs, *, highlight: bool
) -> DocumentHitAnswer:
    first = hit.passages[0].passage.anchor if hit.passages else ""
    return DocumentHitAnswer(
        **_described(hit.document, links.document(hit.document.id, first, marks)),
        score=hit.score,
        missing=list(hit.missing),
        passages_found=hit.passages_found,
        passages=[
            PassageAnswer(**_passage(hit.document.id, one, links, marks, highlight=highlight))
            for one in hit.passages
        ],
    )


def _passage_hit(
    hit: DocumentHit, links: Links, marks: Pairs, *, highlight: bool
) -> PassageHitAnswer:
    return PassageHitAnswer(
        **_passage(hit.document.id, hit.passages[0], links, marks, highlight=highlight),
        missing=list(hit.missing),
        document=described(hit.document, links),
    )


def _similar(results: Results) -> SimilarAnswer | None:
    found = results.similar
    if found is None:
        return None
    return SimilarAnswer(documents=found.documents, passages=found.passages, whole=found.whole)


def search_answer(
    results: Results,
    links: Links,
    *,
    group: Literal["document", "none"] = "document",
    marks: Pairs = (),
    highlight: bool = True,
    next_page: str | None = None,
    notes: tuple[str, ...] = (),
) -> SearchAnswer:
    """A search's results as the endpoint answers them.

    `links` has the public address for its base; `marks` are the parameters by which a document's
    page marks the same words.
    """
    marks = tuple(marks)
    hits = (
        [_passage_hit(hit, links, marks, highlight=highlight) for hit in results.hits]
        if group == "none"
        else [_document_hit(hit, links, marks, highlight=highlight) for hit in results.hits]
    )
    return SearchAnswer(
        query=results.query,
        group=group,
        hits=hits,
        total=results.total_passages if group == "none" else results.total_documents,
        total_documents=results.total_documents,
        total_passages=results.total_passages,
        total_all_words=results.total_all_words,
        total_relation="eq" if results.exact_totals else "gte",
        limit=results.limit,
        offset=results.offset,
        next=next_page,
        generation=results.generation,
        took_ms=round(results.took_ms, 3),
        facets={
            name: [
                FacetAnswer(value=v.value, label=v.label, count=v.count, selected=v.selected)
                for v in values
            ]
            for name, values in results.facets.items()
        },
        suggestions=[
            SuggestionAnswer(
                query=each.query,
                word=each.word,
                documents=each.documents,
                match=each.rung.name.lower() if each.rung is not None else None,
                url=links.search(
                    [
                        ("q", each.query),
                        ("match", each.rung.name.lower() if each.rung is not None else ""),
                    ]
                ),
            )
            for each in results.suggestions
        ],
        words=[
            WordAnswer(
                word=word.word,
                documents=word.documents,
                forms=[
                    FormAnswer(form=form, rung=rung.name.lower(), passages=count)
                    for form, rung, count in word.forms
                ],
            )
            for word in results.words
        ],
        similar=_similar(results),
        obstacles=[
            ObstacleAnswer(name=each.name, values=list(each.values), documents=each.documents)
            for each in results.obstacles
        ],
        notes=[*results.notes, *notes],
    )


def passage_text(document: Document, passage: Passage, links: Links) -> PassageText:
    """A passage of a whole document, with its text."""
    return PassageText(
        id=passage_id(document.id, passage.anchor),
        url=links.permanent(document.id, passage.anchor),
        language=passage.language,
        page=passage.page,
        start=passage.start,
        end=passage.end,
        headings=[document.text[start:end] for start, end in passage.headings],
        text=document.text[passage.start : passage.end],
    )


def metadata_of(document: Document) -> dict[str, ValueAnswer]:
    """What is known of a document, each value with where it came from."""
    known = document.metadata
    named = {
        "title": known.title,
        "author": known.author,
        "date": known.date,
        "source": known.source,
        "section": known.section,
        "url": known.url,
        "language": known.language,
        "identifier": known.identifier,
        **known.extra,
    }
    return {
        name: ValueAnswer(
            value=each.value.text if isinstance(each.value, PublicationDate) else each.value,
            where=each.where,
        )
        for name, each in named.items()
        if each is not None
    }


def document_answer(document: Document, links: Links, *, originals: bool) -> DocumentAnswer:
    """A whole document as the endpoint answers it."""
    return DocumentAnswer(
        **_described(document, links.permanent(document.id)),
        metadata=metadata_of(document),
        original=links.original(document.id) if originals else None,
        stale=document.stale,
        warnings=list(document.warnings),
        text=document.text,
        passages=[passage_text(document, passage, links) for passage in document.passages],
    )

"""What an engine found → hits with their snippets, for one question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from search_service.engines.base import Found, Reader
from search_service.highlight.marking import Marker
from search_service.highlight.snippets import snippet
from search_service.model import Document, DocumentHit, PassageHit, Snippet
from search_service.nodes import NOTHING
from search_service.query.parsed import ParsedQuery
from search_service.schema import CONTEXT_FIELD, TEXT_FIELD, TITLE_FIELD


class Hits:
    """Makes the hits of one question; the words of the query are compared once for all."""

    def __init__(self, reader: Reader, parsed: ParsedQuery, *, highlight: bool) -> None:
        self._reader = reader
        self._parsed = parsed
        tree = parsed.tree if highlight else NOTHING
        self._text = Marker(tree, (TEXT_FIELD, CONTEXT_FIELD))
        asks_titles = any(part.text.startswith(f"{TITLE_FIELD}:") for part in parsed.parts)
        self._title = (
            Marker(tree, (TEXT_FIELD, CONTEXT_FIELD, TITLE_FIELD)) if asks_titles else self._text
        )

    def document(self, found: Found) -> DocumentHit | None:
        """The hit of a document; None if it is no longer there."""
        document = self._reader.summary(found.document_id)
        if document is None:
            return None
        scores = {passage.ordinal: passage for passage in found.passages}
        passages = tuple(
            replace(hit, score=scores[ordinal].score, similar_only=scores[ordinal].similar_only)
            for ordinal, hit in zip(scores, self.passages(document, scores), strict=True)
        )
        return DocumentHit(
            document=document,
            score=found.score,
            passages=passages,
            passages_found=found.passages_found,
            missing=tuple(self._parsed.parts[place].text for place in found.missing),
            title=self.title(document),
        )

    def title(self, document: Document) -> Snippet:
        """A document's title, marked."""
        language = document.languages[0] if document.languages else "und"
        return snippet(self._title, document.title, language, words=None)

    def passages(self, document: Document, ordinals: Iterable[int]) -> list[PassageHit]:
        """Passages of a document with their snippets and marked context, in the order asked."""
        hits = []
        for passage, text in self._reader.passages(document.id, tuple(ordinals)):
            spans = [*passage.headings, *([passage.lead_in] if passage.lead_in else [])]
            shown = [
                snippet(
                    self._text,
                    slice_,
                    passage.language,
                    start,
                    words=None,
                    among=document.languages,
                )
                for slice_, (start, _) in zip(
                    self._reader.slices(document.id, spans) if spans else [], spans, strict=True
                )
            ]
            hits.append(
                PassageHit(
                    passage=passage,
                    score=0.0,
                    snippet=snippet(
                        self._text,
                        text,
                        passage.language,
                        passage.start,
                        among=document.languages,
                    ),
                    context=tuple(shown[: len(passage.headings)]),
                    lead_in=shown[-1] if passage.lead_in else None,
                )
            )
        return hits

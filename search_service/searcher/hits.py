"""What an engine found → hits with their snippets, for one question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_service.engines.base import Found, FoundPassage, Reader
from search_service.highlight.marking import Marker
from search_service.highlight.snippets import SNIPPET_WORDS, snippet
from search_service.making import maker
from search_service.model import Document, DocumentHit, Passage, PassageHit, Snippet
from search_service.nodes import NOTHING
from search_service.query.parsed import ParsedQuery
from search_service.schema import CONTEXT_FIELD, TEXT_FIELD, TITLE_FIELD

_document_hit = maker(DocumentHit)
_passage_hit = maker(PassageHit)


class Hits:
    """Makes the hits of one question; the words of the query are compared once for all."""

    def __init__(self, reader: Reader, parsed: ParsedQuery, *, highlight: bool) -> None:
        self._reader = reader
        self._parsed = parsed
        tree = parsed.tree if highlight else NOTHING
        self._text = Marker(tree, (TEXT_FIELD, CONTEXT_FIELD), reader)
        asks_titles = any(part.text.startswith(f"{TITLE_FIELD}:") for part in parsed.parts)
        self._title = (
            Marker(tree, (TEXT_FIELD, CONTEXT_FIELD, TITLE_FIELD), reader)
            if asks_titles
            else self._text
        )

    def document(self, found: Found) -> DocumentHit | None:
        """The hit of a document; None if it is no longer there."""
        document = self._reader.summary(found.document_id)
        if document is None:
            return None
        parts = self._parsed.parts
        return _document_hit(
            document,
            found.score,
            tuple(self.passages(document, found.passages)),
            found.passages_found,
            tuple([parts[place].text for place in found.missing]) if found.missing else (),
            self.title(document),
        )

    def title(self, document: Document) -> Snippet:
        """A document's title, marked."""
        language = document.languages[0] if document.languages else "und"
        return snippet(self._title, document.title, language, words=None)

    def passages(self, document: Document, found: Iterable[FoundPassage]) -> Iterator[PassageHit]:
        """Passages of a document with their snippets and marked context, in the order found.

        Passages of one section share their headings: each is read and marked once.
        """
        wanted = {passage.ordinal: passage for passage in found}
        read = self._reader.passages(document.id, tuple(wanted))
        around: dict[tuple[tuple[int, int], str], Snippet | None] = {}
        for passage, _ in read:
            for span in _around(passage):
                around[span, passage.language] = None
        if around:
            texts = self._reader.slices(document.id, [span for span, _ in around])
            for (span, language), text in zip(around, texts, strict=True):
                shown = self._snippet(text, language, span[0], document, words=None)
                around[span, language] = shown
        for passage, text in read:
            language, found_here = passage.language, wanted[passage.ordinal]
            above = [marked for span in passage.headings if (marked := around[span, language])]
            yield _passage_hit(
                passage,
                found_here.score,
                self._snippet(text, language, passage.start, document),
                tuple(above),
                around[passage.lead_in, language] if passage.lead_in else None,
                found_here.similar_only,
            )

    def _snippet(
        self,
        text: str,
        language: str,
        start: int,
        document: Document,
        *,
        words: int | None = SNIPPET_WORDS,
    ) -> Snippet:
        return snippet(self._text, text, language, start, words=words, among=document.languages)


def _around(passage: Passage) -> tuple[tuple[int, int], ...]:
    """The headings above a passage and the sentence that introduces its list, as slices."""
    return (*passage.headings, passage.lead_in) if passage.lead_in else passage.headings

"""Passage + query → a safe snippet: escaped text with `<mark>`, cut at sentences.

The snippet has at most sixty words around where the marks are densest. Of the marks an exact one
has no class; the others say how the word was met: fold, stem, translit, similar, synonym.
"""

from __future__ import annotations

from search_service.highlight.marking import Marker
from search_service.highlight.plain_texts import render
from search_service.languages import get
from search_service.model import Snippet

__all__ = ["SNIPPET_WORDS", "render", "snippet"]

SNIPPET_WORDS = 60


def snippet(
    marker: Marker,
    text: str,
    language: str,
    offset: int = 0,
    *,
    words: int | None = SNIPPET_WORDS,
    among: tuple[str, ...] = (),
) -> Snippet:
    """The part of a text worth showing, marked; all of it where `words` is None.

    `offset` is where the text begins in its document: the numbers of the snippet are the
    document's. `among` are the document's languages, for a text of no known language.
    """
    made = marker.snippets(language, among)
    if made is not None and (found := made(text, offset, words or 0)) is not None:
        return found
    marked = marker.mark(text, language, among)
    start, end, first, last, html = marker.texts.show(
        get(language), text, marked.words, marked.marks, words
    )
    matches = tuple([marker.match(mark, text, offset) for mark in marked.marks[first:last]])
    return Snippet(html, start + offset, end + offset, matches)

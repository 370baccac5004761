"""Passage + query → a safe snippet: escaped text with `<mark>`, cut at sentences.

The snippet has at most sixty words around where the marks are densest. Of the marks an exact one
has no class; the others say how the word was met: fold, stem, translit, similar, synonym.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from search_service.highlight.marking import Marked, Marker
from search_service.model import Match, Rung, Snippet

SNIPPET_WORDS = 60
LEAD_WORDS = 8
"""Words kept before the first mark when a long sentence has to be cut."""


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
    marked = marker.mark(text, language, offset, among)
    start, end = 0, len(text)
    if words is not None and len(marked.words.surfaces) > words:
        start, end = _window(marked, text, offset, words)
    matches = marked.matches
    if start > 0 or end < len(text):
        matches = tuple(
            match
            for match in matches
            if match.start >= start + offset and match.end <= end + offset
        )
    html = render(text[start:end], matches, start + offset)
    # Between sentences it stands apart, so that a full stop and it are not four dots.
    before = "… " if start > 0 else ""
    after = "" if end >= len(text) else "…" if text[end - 1].isalnum() else " …"
    return Snippet(before + html + after, start + offset, end + offset, matches)


def render(text: str, matches: Iterable[Match], offset: int = 0) -> str:
    """Text as safe HTML with its matches marked; the text begins at `offset` of the document."""
    pieces: list[str] = []
    done = 0
    for match in matches:
        start, end = match.start - offset, match.end - offset
        pieces += (escape(text[done:start]), _open(match), escape(text[start:end]), "</mark>")
        done = end
    pieces.append(escape(text[done:]))
    return "".join(pieces)


def _open(match: Match) -> str:
    if match.synonym:
        return '<mark class="synonym">'
    return "<mark>" if match.rung is Rung.EXACT else f'<mark class="{match.rung.name.lower()}">'


def _window(marked: Marked, text: str, offset: int, words: int) -> tuple[int, int]:
    """The slice of a text that is shown: whole sentences if they fit, else a part of one."""
    sentences = marked.words.sentences
    sizes = _counts(marked.words.starts, sentences)
    marks = [[] for _ in sentences]  # type: list[list[Match]]
    beginnings = [start for start, _ in sentences]
    for match in marked.matches:
        marks[max(0, bisect_right(beginnings, match.start - offset) - 1)].append(match)
    best = (-1.0, 0)
    window = (0, 0)
    for first in range(len(sentences)):
        total, found, worth = 0, [], 0.0  # type: int, list[Match], float
        for last in range(first, len(sentences)):
            total += sizes[last]
            if total > words:
                break
            if marks[last]:
                found += marks[last]
                worth = _worth(found)
            low, high = sentences[first][0], sentences[last][1]
            # Of windows that show the same, the one that has as much before its marks as after.
            lopsided = (
                abs(found[0].start - offset - low - (high - found[-1].end + offset))
                if found
                else first * len(text) - high
            )
            rank = (worth, -lopsided)
            if rank > best:
                best, window = rank, (low, high)
    worths = [_worth(found) if found else 0.0 for found in marks]
    longest = max(range(len(sentences)), key=worths.__getitem__)
    if worths[longest] > best[0] or best[0] < 0:
        return _part(marked, sentences[longest], marks[longest], offset, words)
    return window


def _worth(matches: Sequence[Match]) -> float:
    """Different words count before repeated ones, and upper rungs before lower."""
    best: dict[str, Rung] = {}
    for match in matches:
        best[match.word] = min(match.rung, best.get(match.word, match.rung))
    return sum(10.0 - rung for rung in best.values()) + 0.1 * min(len(matches), 20)


def _counts(starts: Sequence[int], sentences: Sequence[tuple[int, int]]) -> list[int]:
    """Words in each sentence."""
    places = [bisect_left(starts, begin) for begin, _ in sentences[1:]]
    return [after - before for before, after in pairwise([0, *places, len(starts)])]


def _part(
    marked: Marked,
    sentence: tuple[int, int],
    matches: Sequence[Match],
    offset: int,
    words: int,
) -> tuple[int, int]:
    """At most so many words of a sentence that is longer, where its marks are densest."""
    low, high = sentence
    first = bisect_left(marked.words.starts, low)
    starts = marked.words.starts[first : bisect_left(marked.words.starts, high)]
    ends = [marked.words.end(first + place) for place in range(len(starts))]
    if len(starts) <= words:
        return sentence
    candidates = [
        max(0, bisect_left(starts, match.start - offset) - LEAD_WORDS) for match in matches
    ]
    best, chosen = -1.0, 0
    for candidate in candidates or [0]:
        begin = min(candidate, len(starts) - words)
        stop = ends[begin + words - 1]
        worth = _worth(
            [m for m in matches if starts[begin] <= m.start - offset and m.end - offset <= stop]
        )
        if worth > best:
            best, chosen = worth, begin
    last = chosen + words
    return (
        low if chosen == 0 else starts[chosen],
        high if last == len(starts) else ends[last - 1],
    )

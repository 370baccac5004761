"""Reading and showing texts in Python: where no compiler was, and for scripts without spaces.

What is shown has at most so many words around where the marks are densest: whole sentences if they
fit, else a part of one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from html import escape
from itertools import pairwise
from typing import Protocol

from search_service.highlight.texts import Asked, Asking, Mark, Shown, Words
from search_service.languages.analysis import Analyser
from search_service.languages.base import Language
from search_service.languages.casing import plain
from search_service.languages.folding import fold
from search_service.languages.tokens import is_spaced
from search_service.model import Rung

LEAD_WORDS = 8
"""Words kept before the first mark when a long sentence has to be cut."""
_REMEMBERED = 1 << 16


class Marked(Protocol):
    """What is drawn of a mark."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def rung(self) -> Rung:
        """How it was met."""

    @property
    def synonym(self) -> bool:
        """Whether it was met through a synonym."""


class PlainTexts:
    """See `texts.Texts`."""

    def wanted(self, asked: Asked) -> Wanted:
        """Make sets."""
        return Wanted(asked)

    def words(self, analyser: Analyser, text: str, wanted: Wanted | None) -> Words:
        """Read by the language's own expression."""
        return _PlainWords(analyser, text, wanted)

    def snippets(self, asking: Asking) -> None:
        """It takes several."""

    def show(
        self, language: Language, text: str, words: Words, marks: list[Mark], most: int | None
    ) -> Shown:
        """Try all windows of whole sentences."""
        start, end = 0, len(text)
        if most is not None and len(words.starts) > most:
            start, end = _window(language.sentences(text), text, words, marks, most)
        inside = [i for i, mark in enumerate(marks) if mark.start >= start and mark.end <= end]
        first, last = (inside[0], inside[-1] + 1) if inside else (0, 0)
        html = render(text[start:end], marks[first:last], start)
        # Between sentences it stands apart, so that a full stop and it are not four dots.
        before = "… " if start > 0 else ""
        after = "" if end >= len(text) else "…" if text[end - 1].isalnum() else " …"
        return Shown(start, end, first, last, before + html + after)


class Wanted:
    """What is asked, as Python looks it up."""

    def __init__(self, asked: Asked) -> None:
        self._forms = frozenset(asked.forms)
        self._beginnings = asked.beginnings
        self._prefixes = asked.beginnings + asked.prefixes

    def has(self, surface: str, lower: Callable[[str], str]) -> bool:
        """Whether a surface form may be wanted."""
        folded = _folded(surface, lower)
        return folded in self._forms or folded.startswith(self._prefixes)


@lru_cache(_REMEMBERED)
def _folded(surface: str, lower: Callable[[str], str]) -> str:
    return fold(lower(plain(surface)))


class _PlainWords:
    """The words of one text in order; where they stand is found out when it is asked.

    Most headings have no word of a query, and nobody asks where their words begin.
    """

    def __init__(self, analyser: Analyser, text: str, wanted: Wanted | None) -> None:
        self._language = language = analyser.language
        self._text = text
        self._surfaces: Sequence[str]
        if is_spaced(text):
            self._surfaces = language.surfaces(text)
        else:
            tokens = language.tokenise(text)
            self._surfaces = [token.surface for token in tokens]
            self.starts = [token.start for token in tokens]
        places = enumerate(self._surfaces)
        self.candidates: Sequence[tuple[int, str]] = (
            list(places)
            if wanted is None
            else [each for each in places if wanted.has(each[1], language.lower)]
        )

    @cached_property
    def starts(self) -> Sequence[int]:
        """Words follow one another, so each is the next occurrence of its surface.

        Looking for it is faster than asking the expression for its place.
        """
        text = self._text
        starts = []
        place = 0
        for surface in self._surfaces:
            place = text.find(surface, place)
            if place < 0:  # an odd apostrophe has been read as a plain one
                return [token.start for token in self._language.tokenise(text)]
            starts.append(place)
            place += len(surface)
        return starts

    @cached_property
    def ends(self) -> Sequence[int]:
        """Where each word ends."""
        return [start + len(s) for start, s in zip(self.starts, self._surfaces, strict=True)]


def render(text: str, marks: Iterable[Marked], offset: int = 0) -> str:
    """Text as safe HTML with its marks; the text begins at `offset` of what they count in."""
    pieces: list[str] = []
    done = 0
    for mark in marks:
        start, end = mark.start - offset, mark.end - offset
        pieces += (escape(text[done:start]), _open(mark), escape(text[start:end]), "</mark>")
        done = end
    pieces.append(escape(text[done:]))
    return "".join(pieces)


def _open(mark: Marked) -> str:
    if mark.synonym:
        return '<mark class="synonym">'
    return "<mark>" if mark.rung is Rung.EXACT else f'<mark class="{mark.rung.name.lower()}">'


def _window(
    sentences: Sequence[tuple[int, int]], text: str, words: Words, found: Sequence[Mark], most: int
) -> tuple[int, int]:
    """The slice of a text that is shown: whole sentences if they fit, else a part of one."""
    sentences = sentences or [(0, len(text))]
    sizes = _counts(words.starts, sentences)
    marks: list[list[Mark]] = [[] for _ in sentences]
    beginnings = [start for start, _ in sentences]
    for mark in found:
        marks[max(0, bisect_right(beginnings, mark.start) - 1)].append(mark)
    best = (-1.0, 0)
    window = (0, 0)
    for first in range(len(sentences)):
        total, here, worth = 0, [], 0.0  # type: int, list[Mark], float
        # A sentence without words is one of what is shown, too: else a thousand dots would be.
        for last in range(first, min(first + most, len(sentences))):
            total += sizes[last]
            if total > most:
                break
            if marks[last]:
                here += marks[last]
                worth = _worth(here)
            low, high = sentences[first][0], sentences[last][1]
            # Of windows that show the same, the one that has as much before its marks as after.
            lopsided = (
                abs(here[0].start - low - (high - here[-1].end))
                if here
                else first * len(text) - high
            )
            rank = (worth, -lopsided)
            if rank > best:
                best, window = rank, (low, high)
    worths = [_worth(here) if here else 0.0 for here in marks]
    longest = max(range(len(sentences)), key=worths.__getitem__)
    if worths[longest] > best[0] or best[0] < 0:
        return _part(words, sentences[longest], marks[longest], most)
    return window


def _worth(marks: Sequence[Mark]) -> float:
    """Different words count before repeated ones, and upper rungs before lower."""
    best: dict[int, Rung] = {}
    for mark in marks:
        best[mark.word] = min(mark.rung, best.get(mark.word, mark.rung))
    return sum(10.0 - rung for rung in best.values()) + 0.1 * min(len(marks), 20)


def _counts(starts: Sequence[int], sentences: Sequence[tuple[int, int]]) -> list[int]:
    """Words in each sentence."""
    places = [bisect_left(starts, begin) for begin, _ in sentences[1:]]
    return [after - before for before, after in pairwise([0, *places, len(starts)])]


def _part(
    words: Words, sentence: tuple[int, int], marks: Sequence[Mark], most: int
) -> tuple[int, int]:
    """At most so many words of a sentence that is longer, where its marks are densest."""
    low, high = sentence
    first, end = bisect_left(words.starts, low), bisect_left(words.starts, high)
    starts, ends = words.starts[first:end], words.ends[first:end]
    if len(starts) <= most:
        return sentence
    begins, finishes = [mark.start for mark in marks], [mark.end for mark in marks]
    candidates = [max(0, bisect_left(starts, mark.start) - LEAD_WORDS) for mark in marks]
    best, chosen = -1.0, 0
    for candidate in candidates or [0]:
        begin = min(candidate, len(starts) - most)
        stop = ends[begin + most - 1]
        worth = _worth(marks[bisect_left(begins, starts[begin]) : bisect_right(finishes, stop)])
        if worth > best:
            best, chosen = worth, begin
    last = chosen + most
    return (
        low if chosen == 0 else starts[chosen],
        high if last == len(starts) else ends[last - 1],
    )

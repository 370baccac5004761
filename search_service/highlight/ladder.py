"""How one form of a text answers the words of a query: by the ladder, or by a pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from search_service.languages.base import Form
from search_service.model import Rung
from search_service.nodes import Word

SIMILAR_LETTERS = 4
"""Words with so many first letters in common are *similar*."""


class Met(NamedTuple):
    """How one surface form answers one word of the query."""

    word: int
    rung: Rung
    synonym: bool = False
    stop: bool = False
    """The form is a stop word of its language."""


def meets(word: Word, form: Form) -> bool:
    """Whether a form of the text answers a word by a rung that decides."""
    ladder = Ladder()
    ladder.add(0, word)
    found = ladder.met(form).get(0)
    return found is not None and found.rung is not Rung.SIMILAR


class Ladder:
    """The words of a query by the keys that meet them: a form is looked up, not compared."""

    def __init__(self) -> None:
        self._exact: dict[str, list[int]] = {}
        self._folded: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._keys: dict[str, list[int]] = {}
        self._synonyms: dict[str, list[int]] = {}
        self._starts: dict[str, list[int]] = {}

    @property
    def beginnings(self) -> tuple[str, ...]:
        """The first letters of folded forms that are similar."""
        return tuple(self._starts)

    def add(self, place: int, word: Word) -> None:
        """Remember a word of the query by its place."""

        def remember(table: dict[str, list[int]], keys: Iterable[str]) -> None:
            for key in keys:
                table.setdefault(key, []).append(place)

        forms = [form for _, form in word.readings]
        remember(self._exact, {form.exact for form in forms})
        if word.rung >= Rung.FOLD:
            remember(self._folded, {form.folded for form in forms})
        if word.rung >= Rung.STEM:
            remember(self._stems, {stem for form in forms for stem in form.stems})
        if word.rung >= Rung.TRANSLIT:
            remember(self._keys, {key for form in forms for key in form.translit})
            remember(self._synonyms, {form.folded for form in word.synonyms})
            # A stem key has its language in front, so it is no folded form.
            remember(self._synonyms, {stem for form in word.synonyms for stem in form.stems})
        if word.similar:
            starts = {form.folded[:SIMILAR_LETTERS] for form in forms}
            # A number is not like another number: 2020 and 20201108 share nothing but digits.
            remember(self._starts, {s for s in starts if len(s) == SIMILAR_LETTERS and s.isalpha()})

    def met(self, form: Form) -> dict[int, Met]:
        """Place of each word that the form answers -> how, by its best rung."""
        found: dict[int, Met] = {}

        def meet(table: dict[str, list[int]], key: str, rung: Rung, *, synonym: bool) -> None:
            for place in table.get(key, ()):
                if place not in found:
                    found[place] = Met(place, rung, synonym, form.stop)

        meet(self._exact, form.exact, Rung.EXACT, synonym=False)
        meet(self._folded, form.folded, Rung.FOLD, synonym=False)
        if self._stems:
            for stem in form.stems:
                meet(self._stems, stem, Rung.STEM, synonym=False)
        if self._keys:
            for key in form.translit:
                meet(self._keys, key, Rung.TRANSLIT, synonym=False)
        if self._synonyms:
            for key in (form.folded, *form.stems):
                meet(self._synonyms, key, Rung.TRANSLIT, synonym=True)
        return self.similar(form, found)

    def similar(self, form: Form, found: dict[int, Met]) -> dict[int, Met]:
        """What was found, and the words that the form does not answer but is similar to."""
        for place in self._starts.get(form.folded[:SIMILAR_LETTERS], ()):
            if place not in found:
                found[place] = Met(place, Rung.SIMILAR, stop=form.stop)
        return found


def beginning(folded: str) -> Callable[[Form], Rung | None]:
    """How a form answers `folded*`."""

    def test(form: Form) -> Rung | None:
        if form.exact.startswith(folded):
            return Rung.EXACT
        return Rung.FOLD if form.folded.startswith(folded) else None

    return test


def roughly(folded: str, edits: int) -> Callable[[Form], Rung | None]:
    """How a form answers `folded~edits`."""

    def test(form: Form) -> Rung | None:
        if form.exact == folded:
            return Rung.EXACT
        if form.folded == folded:
            return Rung.FOLD
        return Rung.SIMILAR if _within(form.folded, folded, edits) else None

    return test


def _within(one: str, other: str, edits: int) -> bool:
    """Whether two words are at most so many insertions, deletions or replacements apart."""
    if abs(len(one) - len(other)) > edits:
        return False
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, letter in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (char != letter))
        if min(row) > edits:
            return False
    return row[-1] <= edits

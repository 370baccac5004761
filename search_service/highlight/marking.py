"""Which words of a text answer which words of a query, and by which rung.

An engine tells which passages match; this tells where, by the same ladder over the same forms,
so that marks are alike whatever engine found them. A `Marker` belongs to one query and remembers
every surface form it has met: the vocabulary is compared, not the tokens.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from whoosh.query import AndNot, FuzzyTerm, Not, Prefix, Query

from search_service.languages import LANGUAGES, UNDETERMINED, analysis
from search_service.languages.base import Form, Language
from search_service.languages.tokens import is_spaced
from search_service.model import BlockKind, Document, Match, Rung
from search_service.nodes import Word, WordPhrase, Words
from search_service.schema import TEXT_FIELD, TITLE_FIELD

SIMILAR_LETTERS = 4
"""Words with so many first letters in common are *similar*."""


@dataclass(frozen=True, slots=True)
class _Met:
    """How one surface form answers one word of the query."""

    word: int
    rung: Rung
    synonym: bool = False
    stop: bool = False
    """The form is a stop word of its language."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its words and its marks."""

    starts: Sequence[int]
    """Where each word begins, from the start of the text."""
    ends: Sequence[int]
    matches: tuple[Match, ...]


_ANY = ""
"""A key that every form has."""


def _keys_of(form: Form) -> frozenset[str]:
    """Keys of which a form and a word must share one to meet on any rung.

    Forms that are folded alike begin alike. A stem key has its language in front and a translit
    key is in capitals, so none is taken for the other.
    """
    return frozenset((form.folded[:SIMILAR_LETTERS], *form.stems, *form.translit))


class _Keys(dict[str, frozenset[str]]):
    """Surface form -> its keys, as one analyser reads it: the memory behind marking."""

    def __init__(self, analyser: analysis.Analyser) -> None:
        super().__init__()
        self._analyser = analyser

    def __missing__(self, surface: str) -> frozenset[str]:
        if len(self) >= _REMEMBERED:
            self.clear()
        keys = self[surface] = _keys_of(self._analyser.form(surface)) | {_ANY}
        return keys


_REMEMBERED = 1 << 16


@cache
def _keys(analyser: analysis.Analyser) -> _Keys:
    return _Keys(analyser)


def _words(language: Language, text: str) -> tuple[list[str], list[int]]:
    """The words of a text and where they begin.

    Words follow one another, so each is the next occurrence of its surface: looking for it is
    faster than asking the expression for its place.
    """
    if is_spaced(text):
        surfaces = language.surfaces(text)
        starts: list[int] = []
        place = 0
        for surface in surfaces:
            place = text.find(surface, place)
            if place < 0:
                break  # an odd apostrophe has been read as a plain one
            starts.append(place)
            place += len(surface)
        else:
            return surfaces, starts
    tokens = language.tokenise(text)
    return [token.surface for token in tokens], [token.start for token in tokens]


def _nodes(query: Query) -> Iterator[Query]:
    """The leaves that a hit may owe its place to: those under NOT are left out."""
    match query:
        case Not():
            return
        case AndNot():
            yield from _nodes(query.a)
        case Words(parts=parts):
            for part in parts:
                yield from _nodes(part)
        case Word() | WordPhrase() | Prefix() | FuzzyTerm():
            yield query
        case _:
            for child in query.children():
                yield from _nodes(child)


class Marker:
    """The words of one query, to mark any number of texts with; use it within one thread.

    `fields` are the fields of words that the text belongs to: `title:` marks no passage.
    """

    def __init__(self, query: Query, fields: tuple[str, ...] = (TEXT_FIELD,)) -> None:
        self._words: list[str] = []
        self._ladder = _Ladder()
        self._patterns: list[tuple[int, Callable[[Form], Rung | None]]] = []
        self._readings: list[dict[str, Form]] = []
        self._asked: set[str] = set()
        self._single: set[int] = set()
        self._always: set[int] = set()
        self._phrases: list[tuple[WordPhrase, tuple[int, ...]]] = []
        self._memory: dict[tuple[str, tuple[str, ...]], dict[str, tuple[_Met, ...]]] = {}
        self._lone_stops: dict[str, bool] = {}
        for node in dict.fromkeys(_nodes(query)):
            match node:
                case Word() if node.fieldname in fields:
                    place = self._add_word(node)
                    self._single.add(place)
                    if node.rung is Rung.EXACT:
                        self._always.add(place)  # who quotes a stop word means it
                case WordPhrase(words=words) if words[0].fieldname in fields:
                    places = tuple(self._add_word(word) for word in words)
                    self._phrases.append((node, places))
                case Prefix() if node.fieldname in fields:
                    self._single.add(self._add_pattern(_name(node), _beginning(node.text)))
                case FuzzyTerm() if node.fieldname in fields:
                    test = _roughly(node.text, node.maxdist)
                    self._single.add(self._add_pattern(_name(node), test))

    def _add_word(self, word: Word) -> int:
        self._words.append(word.text)
        self._readings.append(dict(word.readings))
        for _, form in word.readings:
            self._asked |= _keys_of(form)
        for form in word.synonyms:
            self._asked |= _keys_of(form)
        self._ladder.add(len(self._words) - 1, word)
        return len(self._words) - 1

    def _add_pattern(self, text: str, test: Callable[[Form], Rung | None]) -> int:
        self._words.append(text)
        self._readings.append({})
        self._asked.add(_ANY)  # a pattern is tried on every form
        self._patterns.append((len(self._words) - 1, test))
        return len(self._words) - 1

    def mark(
        self, text: str, language: str, offset: int = 0, among: tuple[str, ...] = ()
    ) -> Marked:
        """The marks of a text in a language; offsets of matches count from `offset`.

        `among` are the document's languages: a text of no known language is read in all of them.
        """
        if language == UNDETERMINED:
            analyser = analysis.undetermined(among)
        else:
            analyser = analysis.analyser(language)
        surfaces, starts = _words(analyser.language, text)
        ends = [start + len(surface) for start, surface in zip(starts, surfaces, strict=True)]
        if not self._words:
            return Marked(starts, ends, ())
        keys, asked = _keys(analyser), self._asked
        candidates = [
            place for place, surface in enumerate(surfaces) if not asked.isdisjoint(keys[surface])
        ]
        if not candidates:
            return Marked(starts, ends, ())
        memory = self._memory.setdefault((language, among), {})
        met: list[tuple[int, _Met]] = []
        for place in candidates:
            surface = surfaces[place]
            found = memory.get(surface)
            if found is None:
                found = memory[surface] = self._meet(analyser.form(surface))
            for answer in found:
                met.append((place, answer))  # noqa: PERF401 -- most are empty
        marks = [*self._of_phrases(met), *self._of_words(met, language)]
        return Marked(starts, ends, _without_overlap(marks, text, starts, ends, offset))

    def _meet(self, form: Form) -> tuple[_Met, ...]:
        found = self._ladder.met(form)
        for place, test in self._patterns:
            rung = test(form)
            if rung is not None:
                found[place] = _Met(place, rung, stop=form.stop)
        return tuple(found.values())

    def _of_words(
        self,
        met: Iterable[tuple[int, _Met]],
        language: str,
    ) -> Iterator[_Mark]:
        firm = {answer.word for _, answer in met if answer.rung is not Rung.SIMILAR}
        stops = self._only_stops(language)
        for place, answer in met:
            if answer.word not in self._single:
                continue
            if answer.rung is Rung.SIMILAR and answer.word in firm:
                continue  # where the word itself stands, its like is noise
            if answer.stop and not stops and answer.word not in self._always:
                continue
            yield _Mark(place, place, answer.rung, self._words[answer.word], answer.synonym)

    def _of_phrases(self, met: Sequence[tuple[int, _Met]]) -> Iterator[_Mark]:
        if not self._phrases:
            return
        places: dict[int, dict[int, _Met]] = {}
        for place, answer in met:
            if answer.rung is not Rung.SIMILAR:
                places.setdefault(answer.word, {})[place] = answer
        for phrase, words in self._phrases:
            written = _name(phrase)
            lists = [places.get(word, {}) for word in words]
            if not all(lists):
                continue
            for run in _runs([sorted(found) for found in lists], phrase.slop):
                answers = [found[place] for found, place in zip(lists, run, strict=True)]
                rung = max(answer.rung for answer in answers)
                synonym = phrase.synonym or any(answer.synonym for answer in answers)
                if run[-1] - run[0] == len(run) - 1:
                    yield _Mark(run[0], run[-1], rung, written, synonym)
                else:
                    for place, answer in zip(run, answers, strict=True):
                        yield _Mark(place, place, answer.rung, written, synonym)

    def _only_stops(self, language: str) -> bool:
        """Whether the query has no word but stop words of this language: then they are marked."""
        known = self._lone_stops.get(language)
        if known is None:
            forms = [readings.get(language) for readings in self._readings]
            known = all(form is not None and form.stop for form in forms)
            self._lone_stops[language] = known
        return known


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark by places in the list of tokens, both included."""

    first: int
    last: int
    rung: Rung
    word: str
    synonym: bool


def _runs(lists: Sequence[list[int]], slop: int) -> Iterator[list[int]]:
    """The places of a phrase's words, wherever each is at most `slop` words after the one before.

    Engines count in the same way; a run is known by where its last word stands.
    """
    before = [dict.fromkeys(lists[0], -1)]  # of each word: place -> place of the word before it
    for places in lists[1:]:
        reached = list(before[-1])
        links: dict[int, int] = {}
        for place in places:
            nearest = bisect_left(reached, place) - 1
            if nearest >= 0 and place - reached[nearest] <= slop + 1:
                links[place] = reached[nearest]
        before.append(links)
    for last in before[-1]:
        run = [last]
        for links in reversed(before[1:]):
            run.append(links[run[-1]])
        yield run[::-1]


def _without_overlap(
    marks: Iterable[_Mark], text: str, starts: Sequence[int], ends: Sequence[int], offset: int
) -> tuple[Match, ...]:
    """The marks in order, of overlapping ones the first and longest, of the best rung."""
    chosen: list[Match] = []
    end = 0
    for mark in sorted(marks, key=lambda mark: (mark.first, -mark.last, mark.rung)):
        # Pairs of letters overlap (京大 and 大学): of the second what is new is marked.
        start, stop = max(starts[mark.first], end), ends[mark.last]
        if stop <= start:
            continue
        end = stop
        chosen.append(
            Match(
                start + offset,
                stop + offset,
                mark.rung,
                text[start:stop],
                mark.word,
                mark.synonym,
            )
        )
    return tuple(chosen)


def names(query: Query) -> set[str]:
    """The `word`s of the matches that a query makes."""
    return {_name(node) for node in _nodes(query)}


def _name(node: Query) -> str:
    match node:
        case Word(text=text):
            return text
        case WordPhrase(words=words):
            return " ".join(word.text for word in words)
        case FuzzyTerm():
            return f"{node.text}~{node.maxdist}"
        case Prefix():
            return f"{node.text}*"
        case _:
            return str(node)


def meets(word: Word, form: Form) -> bool:
    """Whether a form of the text answers a word by a rung that decides."""
    ladder = _Ladder()
    ladder.add(0, word)
    found = ladder.met(form).get(0)
    return found is not None and found.rung is not Rung.SIMILAR


class _Ladder:
    """The words of a query by the keys that meet them: a form is looked up, not compared."""

    def __init__(self) -> None:
        self._exact: dict[str, list[int]] = {}
        self._folded: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._keys: dict[str, list[int]] = {}
        self._synonyms: dict[str, list[int]] = {}
        self._starts: dict[str, list[int]] = {}

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

    def met(self, form: Form) -> dict[int, _Met]:
        """Place of each word that the form answers -> how, by its best rung."""
        found: dict[int, _Met] = {}

        def meet(table: dict[str, list[int]], key: str, rung: Rung, *, synonym: bool) -> None:
            for place in table.get(key, ()):
                if place not in found:
                    found[place] = _Met(place, rung, synonym, form.stop)

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
        meet(self._starts, form.folded[:SIMILAR_LETTERS], Rung.SIMILAR, synonym=False)
        return found


def _beginning(folded: str) -> Callable[[Form], Rung | None]:
    def test(form: Form) -> Rung | None:
        if form.exact.startswith(folded):
            return Rung.EXACT
        return Rung.FOLD if form.folded.startswith(folded) else None

    return test


def _roughly(folded: str, edits: int) -> Callable[[Form], Rung | None]:
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


def mark_document(query: Query, document: Document) -> Iterator[tuple[int, Match]]:
    """The marks of a whole document: (ordinal of the passage, match), in reading order.

    A heading's marks belong to the first passage that follows it, as its words do in an index.
    """
    marker = Marker(query)
    titled = Marker(query, (TEXT_FIELD, TITLE_FIELD))
    usual = document.languages[0] if document.languages else UNDETERMINED
    title = " ".join(document.title.split())
    starts = [passage.start for passage in document.passages]
    found: dict[int, tuple[int, Match]] = {}
    for block in document.blocks if starts else ():
        if block.kind is not BlockKind.HEADING:
            continue
        text = document.text[block.start : block.end]
        language = block.language if block.language in LANGUAGES else usual
        # What is asked of titles is no question to the headings below.
        asked = titled if " ".join(text.split()) == title else marker
        ordinal = min(bisect_left(starts, block.start), len(starts) - 1)
        for match in asked.mark(text, language, block.start, document.languages).matches:
            found[match.start] = ordinal, match
    for passage in document.passages:
        text = document.text[passage.start : passage.end]
        marked = marker.mark(text, passage.language, passage.start, document.languages)
        for match in marked.matches:
            found.setdefault(match.start, (passage.ordinal, match))
    yield from sorted(found.values(), key=lambda entry: entry[1].start)

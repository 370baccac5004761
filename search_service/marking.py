"""Which words of a text answer which words of a query, and by which rung.

An engine tells which passages match; this tells where, by the same ladder over the same forms,
so that marks are alike whatever engine found them. A `Marker` belongs to one query and remembers
every surface form it has met: the vocabulary is compared, not the tokens.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from whoosh.query import AndNot, FuzzyTerm, Not, Prefix, Query

from search_service.languages import UNDETERMINED, analysis
from search_service.languages.base import Form, Token
from search_service.model import Document, Match, Rung
from search_service.nodes import Word, WordPhrase, Words

SIMILAR_LETTERS = 4
"""Words with so many first letters in common are *similar*."""


@dataclass(frozen=True, slots=True)
class _Met:
    """How one surface form answers one word of the query."""

    word: int
    rung: Rung
    synonym: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its words and its marks."""

    tokens: Sequence[tuple[Token, Form]]
    matches: tuple[Match, ...]


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

    def __init__(self, query: Query, fields: tuple[str, ...] = ("text",)) -> None:
        self._words: list[str] = []
        self._tests: list[Callable[[Form], tuple[Rung, bool] | None]] = []
        self._readings: list[dict[str, Form]] = []
        self._single: set[int] = set()
        self._always: set[int] = set()
        self._phrases: list[tuple[WordPhrase, tuple[int, ...]]] = []
        self._memory: dict[str, dict[str, tuple[_Met, ...]]] = {}
        self._lone_stops: dict[str, bool] = {}
        for node in dict.fromkeys(_nodes(query)):
            match node:
                case Word() if node.fieldname in fields:
                    place = self._add(_name(node), _ladder(node), dict(node.readings))
                    self._single.add(place)
                    if node.rung is Rung.EXACT:
                        self._always.add(place)  # who quotes a stop word means it
                case WordPhrase(words=words) if words[0].fieldname in fields:
                    places = tuple(
                        self._add(word.text, _ladder(word), dict(word.readings)) for word in words
                    )
                    self._phrases.append((node, places))
                case Prefix() if node.fieldname in fields:
                    self._single.add(self._add(_name(node), _beginning(node.text), {}))
                case FuzzyTerm() if node.fieldname in fields:
                    test = _roughly(node.text, node.maxdist)
                    self._single.add(self._add(_name(node), test, {}))

    def _add(
        self,
        text: str,
        test: Callable[[Form], tuple[Rung, bool] | None],
        readings: dict[str, Form],
    ) -> int:
        self._words.append(text)
        self._tests.append(test)
        self._readings.append(readings)
        return len(self._words) - 1

    def mark(
        self, text: str, language: str, offset: int = 0, among: tuple[str, ...] = ()
    ) -> Marked:
        """The marks of a text in a language; offsets of matches count from `offset`.

        `among` are the document's languages: a text of no known language is read in all of them.
        """
        if language == UNDETERMINED:
            tokens = analysis.undetermined(among).forms(text)
        else:
            tokens = analysis.analyser(language).forms(text)
        if not self._tests:
            return Marked(tokens, ())
        memory = self._memory.setdefault(language, {})
        met: list[tuple[int, _Met]] = []
        for place, (token, form) in enumerate(tokens):
            found = memory.get(token.surface)
            if found is None:
                found = memory[token.surface] = self._meet(form)
            for answer in found:
                met.append((place, answer))  # noqa: PERF401
        if not met:
            return Marked(tokens, ())
        marks = [*self._of_phrases(met), *self._of_words(met, tokens, language)]
        return Marked(tokens, _without_overlap(marks, text, tokens, offset))

    def _meet(self, form: Form) -> tuple[_Met, ...]:
        answers = []
        for place, test in enumerate(self._tests):
            found = test(form)
            if found is not None:
                answers.append(_Met(place, *found))
        return tuple(answers)

    def _of_words(
        self,
        met: Iterable[tuple[int, _Met]],
        tokens: Sequence[tuple[Token, Form]],
        language: str,
    ) -> Iterator[_Mark]:
        firm = {answer.word for _, answer in met if answer.rung is not Rung.SIMILAR}
        stops = self._only_stops(language)
        for place, answer in met:
            if answer.word not in self._single:
                continue
            if answer.rung is Rung.SIMILAR and answer.word in firm:
                continue  # where the word itself stands, its like is noise
            if tokens[place][1].stop and not stops and answer.word not in self._always:
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
    marks: Iterable[_Mark], text: str, tokens: Sequence[tuple[Token, Form]], offset: int
) -> tuple[Match, ...]:
    """The marks in order, of overlapping ones the first and longest, of the best rung."""
    chosen: list[Match] = []
    end = 0
    for mark in sorted(marks, key=lambda mark: (mark.first, -mark.last, mark.rung)):
        # Pairs of letters overlap (京大 and 大学): of the second what is new is marked.
        start, stop = max(tokens[mark.first][0].start, end), tokens[mark.last][0].end
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
    found = _ladder(word)(form)
    return found is not None and found[0] is not Rung.SIMILAR


def _ladder(word: Word) -> Callable[[Form], tuple[Rung, bool] | None]:
    """The match ladder of a word as a test of forms: (rung, by a synonym), or None."""
    forms = [form for _, form in word.readings]
    exact = {form.exact for form in forms}
    folded = {form.folded for form in forms}
    stems = {stem for form in forms for stem in form.stems}
    keys = {key for form in forms for key in form.translit}
    others = {form.folded for form in word.synonyms}
    other_stems = {stem for form in word.synonyms for stem in form.stems}
    starts = {form.folded[:SIMILAR_LETTERS] for form in forms}
    # A number is not like another number: 2020 and 20201108 share nothing but digits.
    starts = {start for start in starts if len(start) == SIMILAR_LETTERS and start.isalpha()}
    deepest = word.rung

    def test(form: Form) -> tuple[Rung, bool] | None:  # noqa: PLR0911 -- one a rung
        if form.exact in exact:
            return Rung.EXACT, False
        if deepest >= Rung.FOLD and form.folded in folded:
            return Rung.FOLD, False
        if deepest >= Rung.STEM and not stems.isdisjoint(form.stems):
            return Rung.STEM, False
        if deepest >= Rung.TRANSLIT:
            if not keys.isdisjoint(form.translit):
                return Rung.TRANSLIT, False
            if form.folded in others or not other_stems.isdisjoint(form.stems):
                return Rung.TRANSLIT, True
        if word.similar and form.folded[:SIMILAR_LETTERS] in starts:
            return Rung.SIMILAR, False
        return None

    return test


def _beginning(folded: str) -> Callable[[Form], tuple[Rung, bool] | None]:
    def test(form: Form) -> tuple[Rung, bool] | None:
        if form.exact.startswith(folded):
            return Rung.EXACT, False
        return (Rung.FOLD, False) if form.folded.startswith(folded) else None

    return test


def _roughly(folded: str, edits: int) -> Callable[[Form], tuple[Rung, bool] | None]:
    def test(form: Form) -> tuple[Rung, bool] | None:
        if form.exact == folded:
            return Rung.EXACT, False
        if form.folded == folded:
            return Rung.FOLD, False
        return (Rung.SIMILAR, False) if _within(form.folded, folded, edits) else None

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
    """The marks of a whole document: (ordinal of the passage, match), in reading order."""
    marker = Marker(query)
    for passage in document.passages:
        text = document.text[passage.start : passage.end]
        marked = marker.mark(text, passage.language, passage.start, document.languages)
        for match in marked.matches:
            yield passage.ordinal, match

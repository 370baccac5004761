"""Which words of a text answer which words of a query, and by which rung.

An engine tells which passages match; this tells where, by the same ladder over the same forms,
so that marks are alike whatever engine found them. Few words of a text can answer at all: the index
is asked for the forms of those and how they do, and a surface form is looked up among them, once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from whoosh.query import FuzzyTerm, Prefix, Query

from search_service.engines.base import FormMeeting
from search_service.highlight.ladder import Ladder, Met, beginning, roughly
from search_service.highlight.leaves import leaves, name
from search_service.highlight.texts import (
    SINGLE,
    STOPS,
    Asked,
    Asking,
    MakeSnippet,
    Mark,
    Texts,
    Words,
    open_texts,
)
from search_service.languages import UNDETERMINED, analysis
from search_service.languages.analysis import Analyser
from search_service.languages.base import Form
from search_service.languages.casing import plain
from search_service.languages.folding import fold
from search_service.languages.stopping import stops
from search_service.model import Match, Rung
from search_service.nodes import Word, WordPhrase
from search_service.schema import TEXT_FIELD

TEXTS = open_texts()


class Vocabulary(Protocol):
    """What knows all forms that the texts have: a `Reader`."""

    def forms_meeting(self, words: Sequence[Word]) -> Iterable[FormMeeting]:
        """The forms that meet these words by a rung that decides."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its words and its marks."""

    text: str
    words: Words
    marks: list[Mark]
    """Ascending and apart."""


class Marker:
    """The words of one query, to mark any number of texts with; use it within one thread.

    Args:
        query: the tree.
        fields: the fields of words that the texts belong to: `title:` marks no passage.
        vocabulary: that of the index, if the texts come from it: words of other forms are not
            read then.
        texts: what reads the texts.
    """

    def __init__(
        self,
        query: Query,
        fields: tuple[str, ...] = (TEXT_FIELD,),
        vocabulary: Vocabulary | None = None,
        texts: Texts = TEXTS,
    ) -> None:
        self.texts = texts
        self._names: dict[str, int] = {}
        self._numbers: list[int] = []
        self._ladder = Ladder()
        self._patterns: list[tuple[int, Callable[[Form], Rung | None]]] = []
        self._readings: list[dict[str, Form]] = []
        self._single: set[int] = set()
        self._always: set[int] = set()
        self._phrases: list[tuple[WordPhrase, int, tuple[int, ...]]] = []
        self._memory: dict[tuple[str, tuple[str, ...]], _Memory] = {}
        self._lone_stops: dict[str, bool] = {}
        self._snippets: dict[tuple[str, tuple[str, ...]], MakeSnippet | None] = {}
        asked: list[tuple[int, Word]] = []
        prefixes: list[str] = []
        for node in dict.fromkeys(leaves(query)):
            match node:
                case Word() if node.fieldname in fields:
                    place = self._add_word(node)
                    asked.append((place, node))
                    self._single.add(place)
                    if node.rung is Rung.EXACT:
                        self._always.add(place)  # who quotes a stop word means it
                case WordPhrase(words=words) if words[0].fieldname in fields:
                    places = tuple(self._add_word(word) for word in words)
                    asked += zip(places, words, strict=True)
                    self._phrases.append((node, self._number(name(node)), places))
                case Prefix() if node.fieldname in fields:
                    prefixes.append(fold(node.text))
                    self._single.add(self._add_pattern(name(node), beginning(node.text)))
                case FuzzyTerm() if node.fieldname in fields:
                    vocabulary = None  # it is tried on every form
                    test = roughly(node.text, node.maxdist)
                    self._single.add(self._add_pattern(name(node), test))
        self._called = tuple(self._names)
        self._wanted = None
        self._known: _Known | None = None
        if vocabulary is not None or not self._numbers:
            met = (
                vocabulary.forms_meeting([word for _, word in asked])
                if vocabulary and asked
                else ()
            )
            self._known = _Known([place for place, _ in asked], met)
            # Of a form that meets a word the index does not say whether a synonym does.
            self._known.how &= not any(word.synonyms for _, word in asked)
            forms, beginnings = tuple(self._known.folded), self._ladder.beginnings
            self._wanted = texts.wanted(Asked(forms, beginnings, tuple(prefixes)))

    def _number(self, called: str) -> int:
        """The number of what is called so: words that are called alike are one in a match."""
        return self._names.setdefault(called, len(self._names))

    def _add(self, called: str, readings: dict[str, Form]) -> int:
        self._numbers.append(self._number(called))
        self._readings.append(readings)
        return len(self._numbers) - 1

    def _add_word(self, word: Word) -> int:
        place = self._add(word.text, dict(word.readings))
        self._ladder.add(place, word)
        return place

    def _add_pattern(self, called: str, test: Callable[[Form], Rung | None]) -> int:
        place = self._add(called, {})
        self._patterns.append((place, test))
        return place

    def mark(self, text: str, language: str, among: tuple[str, ...] = ()) -> Marked:
        """A text in a language with its marks.

        `among` are the document's languages: a text of no known language is read in all of them.
        """
        memory = self._memory_of(language, among if language == UNDETERMINED else ())
        words = self.texts.words(memory.analyser, text, self._wanted)
        met = [
            (place, answers) for place, surface in words.candidates if (answers := memory[surface])
        ]
        return Marked(text, words, self._marks(met, words, language) if met else [])

    def _memory_of(self, language: str, among: tuple[str, ...]) -> _Memory:
        memory = self._memory.get((language, among))
        if memory is None:
            analyser = _analyser(language, among)
            memory = self._memory[language, among] = _Memory(analyser, self, self._known)
        return memory

    def snippets(self, language: str, among: tuple[str, ...]) -> MakeSnippet | None:
        """What makes the snippets of a language's texts in one step; None where there is nothing.

        As `mark` marks them.
        """
        if self._phrases:
            return None
        key = (language, among if language == UNDETERMINED else ())
        try:
            return self._snippets[key]
        except KeyError:
            made = self._snippets[key] = self._made(*key)
            return made

    def _made(self, language: str, among: tuple[str, ...]) -> MakeSnippet | None:
        memory = self._memory_of(language, among)
        lone = self._only_stops(language)
        uses = bytes(
            SINGLE * (place in self._single) + STOPS * (lone or place in self._always)
            for place in range(len(self._numbers))
        )
        numbers = tuple(self._numbers)
        asking = Asking(memory.analyser, self._wanted, memory, uses, numbers, self._called)
        return self.texts.snippets(asking)

    def match(self, mark: Mark, text: str, offset: int = 0) -> Match:
        """A mark of a text as it is told; the text begins at `offset` of its document."""
        start, end, rung, word, synonym = mark
        return Match(
            start + offset, end + offset, rung, text[start:end], self._called[word], synonym
        )

    def matches(self, marked: Marked, offset: int = 0) -> tuple[Match, ...]:
        """All marks of a text as they are told."""
        return tuple(self.match(mark, marked.text, offset) for mark in marked.marks)

    def meet(self, form: Form) -> tuple[Met, ...]:
        """How a form answers the words of the query."""
        return self._and_patterns(form, self._ladder.met(form))

    def meet_known(self, outline: Form, known: Iterable[tuple[int, Rung]]) -> tuple[Met, ...]:
        """The same of a form of which it is known which words it meets by a rung that decides."""
        found = {place: Met(place, rung, stop=outline.stop) for place, rung in known}
        return self._and_patterns(outline, self._ladder.similar(outline, found))

    def _and_patterns(self, form: Form, found: dict[int, Met]) -> tuple[Met, ...]:
        for place, test in self._patterns:
            rung = test(form)
            if rung is not None:
                found[place] = Met(place, rung, stop=form.stop)
        return tuple(found.values()) if len(found) < 2 else tuple(sorted(found.values()))

    def _marks(
        self, met: Sequence[tuple[int, tuple[Met, ...]]], words: Words, language: str
    ) -> list[Mark]:
        return _without_overlap([*self._of_phrases(met), *self._of_words(met, language)], words)

    def _of_words(
        self, met: Sequence[tuple[int, tuple[Met, ...]]], language: str
    ) -> Iterator[_Span]:
        firm = {
            answer.word
            for _, answers in met
            for answer in answers
            if answer.rung is not Rung.SIMILAR
        }
        lone = self._only_stops(language)
        for place, answers in met:
            for answer in answers:
                if answer.word not in self._single:
                    continue
                if answer.rung is Rung.SIMILAR and answer.word in firm:
                    continue  # where the word itself stands, its like is noise
                if answer.stop and not lone and answer.word not in self._always:
                    continue
                number = self._numbers[answer.word]
                yield _Span(place, place, answer.rung, number, answer.synonym)

    def _of_phrases(self, met: Sequence[tuple[int, tuple[Met, ...]]]) -> Iterator[_Span]:
        if not self._phrases:
            return
        places: dict[int, dict[int, Met]] = {}
        for place, answers in met:
            for answer in answers:
                if answer.rung is not Rung.SIMILAR:
                    places.setdefault(answer.word, {})[place] = answer
        for phrase, number, words in self._phrases:
            lists = [places.get(word, {}) for word in words]
            if not all(lists):
                continue
            for run in _runs([sorted(found) for found in lists], phrase.slop):
                here = [found[place] for found, place in zip(lists, run, strict=True)]
                rung = max(answer.rung for answer in here)
                synonym = phrase.synonym or any(answer.synonym for answer in here)
                if run[-1] - run[0] == len(run) - 1:
                    yield _Span(run[0], run[-1], rung, number, synonym)
                else:
                    for place, answer in zip(run, here, strict=True):
                        yield _Span(place, place, answer.rung, number, synonym)

    def _only_stops(self, language: str) -> bool:
        """Whether the query has no word but stop words of this language: then they are marked.

        Of `doesnt` the same is true as of `doesn't`.
        """
        known = self._lone_stops.get(language)
        if known is None:
            forms = [readings.get(language) for readings in self._readings]
            known = all(form and stops(form.exact, form.folded, language) for form in forms)
            self._lone_stops[language] = known
        return known


class _Known:
    """What the index says of the words of a query."""

    def __init__(self, places: Sequence[int], met: Iterable[FormMeeting]) -> None:
        """`places` are those of the words that were asked about, in the marker."""
        self.folded: set[str] = set()
        """The folded forms that meet a word by a rung that decides."""
        self.how = True
        """Whether `forms` tells all of how they do."""
        self.forms: dict[str, dict[str, tuple[str, dict[int, Rung]]]] = {}
        """Language -> exact form -> its folded form, place of each word that it meets -> how."""
        for word, rung, folded, exact, language in met:
            self.folded.add(folded)
            of_language = self.forms.setdefault(language, {})
            of_language.setdefault(exact, (folded, {}))[1][places[word]] = rung


class _Memory(dict[str, tuple[Met, ...]]):
    """Surface form -> how it answers, as one analyser reads it."""

    def __init__(self, analyser: Analyser, marker: Marker, known: _Known | None) -> None:
        super().__init__()
        self.analyser = analyser
        self._marker = marker
        self._known = known
        # A text of no known language is read as its document's other texts are: no form says so.
        told = known is not None and known.how and analyser.code != UNDETERMINED
        self._forms = known.forms.get(analyser.code, {}) if told and known else {}

    def __missing__(self, surface: str) -> tuple[Met, ...]:
        found = self[surface] = self._read(surface)
        return found

    def _read(self, surface: str) -> tuple[Met, ...]:
        if self._known is None:
            return self._marker.meet(self.analyser.form(surface))
        language = self.analyser.language
        if (met := self._forms.get(surface)) and language.lower(plain(surface)) == surface:
            folded, words = met  # as most words are written: nothing is left to be worked out
            outline = Form(surface, folded, (), (), surface in language.stop_words)
            return self._marker.meet_known(outline, words.items())
        outline = self.analyser.outline(surface)
        if met := self._forms.get(outline.exact):
            return self._marker.meet_known(outline, met[1].items())
        if outline.folded not in self._known.folded:
            return self._marker.meet_known(outline, ())
        return self._marker.meet(self.analyser.form(surface))


def _analyser(language: str, among: tuple[str, ...]) -> Analyser:
    if language == UNDETERMINED:
        return analysis.undetermined(among)
    return analysis.analyser(language)


class _Span(NamedTuple):
    """A mark by places in the list of words, both included."""

    first: int
    last: int
    rung: Rung
    word: int
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


def _without_overlap(spans: list[_Span], words: Words) -> list[Mark]:
    """The marks in order, of overlapping ones the first and longest, of the best rung."""
    chosen: list[Mark] = []
    if not spans:
        return chosen
    starts, ends = words.starts, words.ends
    spans.sort(key=lambda span: (span.first, -span.last, span.rung))
    end = 0
    for first, last, rung, word, synonym in spans:
        # Pairs of letters overlap (京大 and 大学): of the second what is new is marked.
        start, stop = max(starts[first], end), ends[last]
        if stop > start:
            end = stop
            chosen.append(Mark(start, stop, rung, word, synonym))
    return chosen

"""Which words of a text answer which words of a query, and by which rung.

An engine tells which passages match; this tells where, by the same ladder over the same forms,
so that marks are alike whatever engine found them. A `Marker` belongs to one query and remembers
every surface form it has met: the vocabulary is compared, not the tokens.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from whoosh.query import FuzzyTerm, Prefix, Query

from search_service.highlight.ladder import ANY, Ladder, Met, beginning, keys_of, roughly
from search_service.highlight.leaves import leaves, name
from search_service.highlight.words import SHORT, WordsOfText, keys_memory, words_of
from search_service.languages import UNDETERMINED, analysis
from search_service.languages.base import Form
from search_service.languages.stopping import stops
from search_service.model import Match, Rung
from search_service.nodes import Word, WordPhrase
from search_service.schema import TEXT_FIELD


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its words and its marks."""

    words: WordsOfText
    """Their places count from the start of the text."""
    matches: tuple[Match, ...]


class Marker:
    """The words of one query, to mark any number of texts with; use it within one thread.

    `fields` are the fields of words that the text belongs to: `title:` marks no passage.
    """

    def __init__(self, query: Query, fields: tuple[str, ...] = (TEXT_FIELD,)) -> None:
        self._words: list[str] = []
        self._ladder = Ladder()
        self._patterns: list[tuple[int, Callable[[Form], Rung | None]]] = []
        self._readings: list[dict[str, Form]] = []
        self._asked: set[str] = set()
        self._single: set[int] = set()
        self._always: set[int] = set()
        self._phrases: list[tuple[WordPhrase, tuple[int, ...]]] = []
        self._memory: dict[tuple[str, tuple[str, ...]], dict[str, tuple[Met, ...]]] = {}
        self._lone_stops: dict[str, bool] = {}
        for node in dict.fromkeys(leaves(query)):
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
                    self._single.add(self._add_pattern(name(node), beginning(node.text)))
                case FuzzyTerm() if node.fieldname in fields:
                    test = roughly(node.text, node.maxdist)
                    self._single.add(self._add_pattern(name(node), test))

    def _add_word(self, word: Word) -> int:
        self._words.append(word.text)
        self._readings.append(dict(word.readings))
        for _, form in word.readings:
            self._asked |= keys_of(form)
        for form in word.synonyms:
            self._asked |= keys_of(form)
        self._ladder.add(len(self._words) - 1, word)
        return len(self._words) - 1

    def _add_pattern(self, text: str, test: Callable[[Form], Rung | None]) -> int:
        self._words.append(text)
        self._readings.append({})
        self._asked.add(ANY)  # a pattern is tried on every form
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
        words = words_of(analyser, text)
        surfaces, asked = words.surfaces, self._asked
        if not self._words or (len(text) <= SHORT and asked.isdisjoint(words.keys)):
            return Marked(words, ())
        keys = keys_memory(analyser)
        candidates = [
            place for place, surface in enumerate(surfaces) if not asked.isdisjoint(keys[surface])
        ]
        if not candidates:
            return Marked(words, ())
        memory = self._memory.setdefault((language, among), {})
        met: list[tuple[int, Met]] = []
        for place in candidates:
            surface = surfaces[place]
            found = memory.get(surface)
            if found is None:
                found = memory[surface] = self._meet(analyser.form(surface))
            for answer in found:
                met.append((place, answer))  # noqa: PERF401 -- most are empty
        marks = [*self._of_phrases(met), *self._of_words(met, language)]
        return Marked(words, _without_overlap(marks, text, words, offset))

    def _meet(self, form: Form) -> tuple[Met, ...]:
        found = self._ladder.met(form)
        for place, test in self._patterns:
            rung = test(form)
            if rung is not None:
                found[place] = Met(place, rung, stop=form.stop)
        return tuple(found.values())

    def _of_words(
        self,
        met: Iterable[tuple[int, Met]],
        language: str,
    ) -> Iterator[_Mark]:
        firm = {answer.word for _, answer in met if answer.rung is not Rung.SIMILAR}
        lone = self._only_stops(language)
        for place, answer in met:
            if answer.word not in self._single:
                continue
            if answer.rung is Rung.SIMILAR and answer.word in firm:
                continue  # where the word itself stands, its like is noise
            if answer.stop and not lone and answer.word not in self._always:
                continue
            yield _Mark(place, place, answer.rung, self._words[answer.word], answer.synonym)

    def _of_phrases(self, met: Sequence[tuple[int, Met]]) -> Iterator[_Mark]:
        if not self._phrases:
            return
        places: dict[int, dict[int, Met]] = {}
        for place, answer in met:
            if answer.rung is not Rung.SIMILAR:
                places.setdefault(answer.word, {})[place] = answer
        for phrase, words in self._phrases:
            written = name(phrase)
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
        """Whether the query has no word but stop words of this language: then they are marked.

        Of `doesnt` the same is true as of `doesn't`.
        """
        known = self._lone_stops.get(language)
        if known is None:
            forms = [readings.get(language) for readings in self._readings]
            known = all(form and stops(form.exact, form.folded, language) for form in forms)
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
    marks: Iterable[_Mark], text: str, words: WordsOfText, offset: int
) -> tuple[Match, ...]:
    """The marks in order, of overlapping ones the first and longest, of the best rung."""
    chosen: list[Match] = []
    end = 0
    for mark in sorted(marks, key=lambda mark: (mark.first, -mark.last, mark.rung)):
        # Pairs of letters overlap (京大 and 大学): of the second what is new is marked.
        start, stop = max(words.starts[mark.first], end), words.end(mark.last)
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

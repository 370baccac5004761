"""Words → query tree: what a person typed, read in every language that the index holds.

The language of a query is never guessed: at one or two words every identifier is wrong too
often. So each word carries a reading for each language, and where languages cut it differently
(`l'homme` is one word in English, two in French) the tree has both as alternatives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Protocol

from whoosh.query import (
    And,
    AndNot,
    DisjunctionMax,
    FuzzyTerm,
    Not,
    NumericRange,
    Or,
    Prefix,
    Query,
    Require,
    Term,
)

from search_service.errors import InvalidValue
from search_service.languages import analysis, datewords, get
from search_service.languages.base import Form
from search_service.model import PublicationDate, Rung
from search_service.nodes import EVERYTHING, NOTHING, Word, WordPhrase, Words
from search_service.query import syntax
from search_service.query.syntax import Sign
from search_service.schema import FACETS, TEXT_FIELD, TITLE_FIELD

MAX_LENGTH = 1000
"""Characters of a query."""

COMPOUND_LETTERS = 3
"""Words joined by a hyphen are words by themselves from so many letters."""

ROMANISED = ("en", "ru")
"""Languages in which names of others are typed, whatever the index holds."""

FACET_OF = {name: facet.name for facet in FACETS for name in (facet.parameter, facet.name)}
"""Query prefix -> facet: `lang:` and `language:` are the same."""
FIELDS = frozenset({TITLE_FIELD, "date", *FACET_OF})
"""What may stand before a colon."""


class Synonyms(Protocol):
    """The owner's further spellings of a word."""

    def of(self, word: str) -> tuple[Form, ...]:
        """Forms that are to be found for a word as well; none for most."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a query is to be read."""

    languages: tuple[str, ...]
    """Those that the index holds, the commonest first."""
    match: Rung = Rung.TRANSLIT
    """How far down the match ladder an unquoted word goes, SIMILAR not among them."""
    every: bool = False
    """`op=and`: all plain words are asked for."""
    synonyms: Synonyms | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a query asks for, by its words."""

    text: str
    """For people: as typed, without the punctuation around it."""
    query: Query
    typed: str = ""
    """As it stands in the normalised query, to be replaced there; empty for a group."""
    exact_phrase: bool = False
    """Whether it is a phrase in quotation marks, met only as it is written."""


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as the engine takes it, and what its reader should know."""

    text: str
    tree: Query
    parts: tuple[Part, ...] = ()
    """What it asks for, in order; the parts of the tree's `Words` node where it has one."""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet -> values, from `lang:az` and its like."""
    first_day: date | None = None
    last_day: date | None = None
    notes: tuple[str, ...] = ()
    """Codes of what was ignored or read differently: `quote_unbalanced` ..."""


def parse(text: str, options: Options) -> ParsedQuery:
    """Read a query. Raises `InvalidValue` for one of more than `MAX_LENGTH` characters, only."""
    if len(text) > MAX_LENGTH:
        raise InvalidValue(
            "q", text[:20] + "…", f"a query has at most {MAX_LENGTH} characters: shorten it"
        )
    tree, notes = syntax.read(text, FIELDS)
    return _Reader(options, notes).query(text, tree)


class _Reader:
    """One query on its way from syntax to tree."""

    def __init__(self, options: Options, notes: list[str]) -> None:
        self.options = options
        self.languages = options.languages or ("und",)
        self.notes = notes
        self.filters: dict[str, tuple[str, ...]] = {}
        self.first: date | None = None
        self.last: date | None = None

    # The whole query

    def query(self, text: str, tree: syntax.Sequence) -> ParsedQuery:
        while len(tree.items) == 1 and isinstance(tree.items[0][1], syntax.Sequence):
            if tree.items[0][0] is Sign.EXCLUDED:
                break
            tree = tree.items[0][1]
        items = [entry for entry in _flat(tree) if not self._is_filter(*entry)]
        parts = list(self._read(items))
        wanted = tuple(part for sign, part in parts if sign is not Sign.EXCLUDED)
        excluded = [part.query for sign, part in parts if sign is Sign.EXCLUDED]
        required = [part.query for sign, part in parts if sign is Sign.REQUIRED]
        if wanted:
            base = self._base([part.query for part in wanted], required)
        elif (
            excluded
            or not text.strip()
            or self.filters
            or self.first
            or self.last
            or any(isinstance(item, syntax.Everything) for _, item in items)
        ):
            base = EVERYTHING
        else:
            base = NOTHING
            self._note("no_words")
        if excluded:
            base = AndNot(base, _any(excluded))
        return ParsedQuery(
            text, base, wanted, self.filters, self.first, self.last, tuple(self.notes)
        )

    def _read(self, items: list[tuple[Sign, syntax.Item]]) -> Iterator[tuple[Sign, Part]]:
        """The parts of the items; each word of a day is also met by the day written otherwise."""
        days = self._days(items) if self.options.match is Rung.TRANSLIT else {}
        for place, (sign, item) in enumerate(items):
            for part in self.parts(item, TEXT_FIELD):
                others = days.get(place)
                query = DisjunctionMax([part.query, *others]) if others else part.query
                yield sign, replace(part, query=query)

    def _days(self, items: list[tuple[Sign, syntax.Item]]) -> dict[int, list[Query]]:
        """Places of the items that name a day -> how else that day is written.

        The words of one day share their nodes, so that an engine looks for them once.
        """
        found: dict[int, list[Query]] = {}
        text = ""
        spans: list[tuple[int, int]] = []
        for place, (sign, item) in enumerate(items):
            if sign is Sign.PLAIN and isinstance(item, syntax.Chunk):
                spans.append((place, len(text)))
                text += f"{item.text} "
            else:
                text += "\n"
        for day in datewords.dates_in(text):
            inside = [place for place, start in spans if day.start <= start < day.end]
            typed = text[day.start : day.end].casefold().split()
            others: list[Query] = [
                self._spelling(words)
                for words in datewords.spellings(day.day, day.month, day.year)
                if list(words) != typed
            ]
            found |= dict.fromkeys(inside, others)
        return found

    def _spelling(self, words: tuple[str, ...]) -> WordPhrase:
        """A day in other words; their cases are left to stems."""
        return WordPhrase(
            tuple(self._word(word, self.languages, TEXT_FIELD, Rung.STEM) for word in words),
            synonym=True,
        )

    def _base(self, wanted: list[Query], required: list[Query]) -> Query:
        if len(required) == len(wanted) > 1:
            return And(wanted)
        words = Words(tuple(wanted), self.options.every)
        if not required or len(wanted) == 1:
            return words
        return Require(words, required[0] if len(required) == 1 else And(required))

    # Filters: they speak of every hit, so they are the engine's business and no part of the tree

    def _is_filter(self, sign: Sign, item: syntax.Item) -> bool:
        """Take a filter out of the top of the query; whether it was one."""
        if sign is Sign.EXCLUDED:
            return False
        fields = list(_fields(item))
        if not fields or len({found.name for found in fields}) > 1:
            return False
        name = fields[0].name
        if name == "date" and len(fields) == 1:
            span = self._span(fields[0].value)
            if span is None:
                return False
            first, last = span
            self.first = max(filter(None, (self.first, first)), default=None)
            self.last = min(filter(None, (self.last, last)), default=None)
            return True
        if name in FACET_OF:
            values = [value for found in fields for value in _values(found.value)]
            known = self.filters.get(FACET_OF[name], ())
            self.filters[FACET_OF[name]] = tuple(dict.fromkeys((*known, *values)))
            return True
        return False

    def _span(self, value: syntax.Item) -> tuple[date | None, date | None] | None:
        """First and last day of `2020-11`, `[2020 TO *]`; None and a note if it is no date."""
        match value:
            case syntax.Range(low, high):
                bounds = (low, high)
            case syntax.Chunk(text) | syntax.Quoted(text):
                bounds = (text, text)
            case _:
                bounds = ("?", "?")
        try:
            first = PublicationDate(bounds[0]).first_day if bounds[0] else None
            last = PublicationDate(bounds[1]).last_day if bounds[1] else None
        except ValueError:
            self._note("date_not_understood")
            return None
        return first, last

    # Parts of the query

    def parts(self, item: syntax.Item, name: str) -> list[Part]:  # noqa: PLR0911
        """What one item asks for: nothing for `:)`, two parts for two unspaced words."""
        match item:
            case syntax.Chunk(text):
                match = self.options.match
                return [part for run in self._runs(text) for part in self._words(run, name, match)]
            case syntax.Quoted():
                return self._phrase(item, name)
            case syntax.Beginning() | syntax.Roughly():
                return self._pattern(item, name)
            case syntax.InField(field_name, value):
                return self._field(field_name, value)
            case syntax.Sequence():
                node = self._sequence(item, name)
                return [Part(_written(item), node)] if node is not None else []
            case syntax.Alternatives(branches):
                nodes = [self._sequence(branch, name) for branch in branches]
                found = [node for node in nodes if node is not None]
                return [Part(_written(item), _any(found))] if found else []
            case _:
                return []

    def _sequence(self, sequence: syntax.Sequence, name: str) -> Query | None:
        """A sequence inside the query, where all that is said is said of a passage."""
        groups: dict[Sign, list[Query]] = {sign: [] for sign in Sign}
        for sign, item in sequence.items:
            found = [part.query for part in self.parts(item, name)]
            # In `(lang:az letter)` the filter is no word that may be missing.
            asked = isinstance(item, syntax.InField) and item.name != TITLE_FIELD
            groups[Sign.REQUIRED if asked and sign is Sign.PLAIN else sign].extend(found)
        plain, required, excluded = groups.values()
        if self.options.every:
            required, plain = plain + required, []
        base: Query | None = None
        if required:
            base = required[0] if len(required) == 1 else And(required)
        if plain:
            base = Require(Or([*plain, *required]), base) if base else _any(plain)
        if excluded:
            return AndNot(base, _any(excluded)) if base else Not(_any(excluded))
        return base

    def _field(self, name: str, value: syntax.Item) -> list[Part]:
        if name == TITLE_FIELD:
            return [
                replace(part, text=f"{name}:{part.text}") for part in self.parts(value, TITLE_FIELD)
            ]
        if name == "date":
            span = self._span(value)
            if span is None:
                return self.parts(value, TEXT_FIELD)
            low, high = (day.toordinal() if day else None for day in span)
            return [Part(_written(syntax.InField(name, value)), NumericRange("date", low, high))]
        terms: list[Query] = [Term(FACET_OF[name], text) for text in _values(value)]
        return [Part(_written(syntax.InField(name, value)), _any(terms))] if terms else []

    # Words

    def _phrase(self, item: syntax.Quoted, name: str) -> list[Part]:
        exact = item.slop is None
        rung = Rung.EXACT if exact else self.options.match
        near = "" if exact else f"~{item.slop}"
        return [
            replace(part, text=f'"{part.text}"{near}', typed=_written(item), exact_phrase=exact)
            for part in self._words(item.text, name, rung, item.slop or 0)
        ]

    def _words(self, text: str, name: str, rung: Rung, slop: int = 0) -> list[Part]:
        """A word, or a phrase of words, in each way in which the languages cut the text."""
        cuts: dict[tuple[tuple[int, int], ...], list[str]] = {}
        for code in self.languages:
            spans = tuple((token.start, token.end) for token in get(code).tokenise(text))
            if spans:
                cuts.setdefault(spans, []).append(code)
        nodes: list[Query] = []
        for spans, codes in cuts.items():
            words = tuple(self._word(text[start:end], codes, name, rung) for start, end in spans)
            nodes.append(words[0] if len(words) == 1 else WordPhrase(words, slop))
        if not nodes:
            return []
        start = min(spans[0][0] for spans in cuts)
        end = max(spans[-1][1] for spans in cuts)
        node = nodes[0] if len(nodes) == 1 else DisjunctionMax(nodes)
        return [Part(text[start:end], node, text)]

    def _word(self, text: str, codes: Iterable[str], name: str, rung: Rung) -> Word:
        synonyms = self.options.synonyms if rung is Rung.TRANSLIT else None
        readings = [(code, analysis.analyser(code).form(text)) for code in codes]
        if rung is Rung.TRANSLIT and (keys := self._foreign_keys(text, readings)):
            code, form = readings[0]
            readings[0] = code, replace(form, translit=(*form.translit, *keys))
        return Word(
            name,
            text,
            tuple(readings),
            rung,
            similar=rung is Rung.TRANSLIT and name == TEXT_FIELD,
            synonyms=synonyms.of(text) if synonyms else (),
        )

    def _foreign_keys(self, text: str, readings: list[tuple[str, Form]]) -> list[str]:
        """Keys of a name as it is written in languages that the index need not hold.

        `Ganja` is English, and is asked of an index that has nothing but Azerbaijani.
        """
        if any(form.stop for _, form in readings):
            return []
        known = {key for _, form in readings for key in form.translit}
        foreign = [
            key
            for code in ROMANISED
            if code not in self.languages
            for key in analysis.analyser(code).form(text).translit
        ]
        return [key for key in dict.fromkeys(foreign) if key not in known]

    def _runs(self, text: str) -> list[str]:
        """A chunk, cut into what is asked for by itself.

        Words side by side with nothing in between are pairs of letters of a script without spaces:
        in quotation marks they are a phrase, but a bare `北京大学` asks for each, or no long
        question would be met. `time-sharing` asks for its words, as `time sharing` does, which
        writers use for the same; but `44-day`, `27-də` and `l'homme` are phrases: their parts say
        little alone.
        """
        tokens = get(self.languages[0]).tokenise(text)
        pairs = any(after.start <= before.end for before, after in pairwise(tokens))
        compound = "-" in text and all(
            len(token.surface) >= COMPOUND_LETTERS and token.surface.isalpha() for token in tokens
        )
        if len(tokens) > 1 and (pairs or compound):
            return [token.surface for token in tokens]
        return [text]

    def _pattern(self, item: syntax.Beginning | syntax.Roughly, name: str) -> list[Part]:
        """A prefix or a fuzzy word, folded as each language folds it.

        Of `qara-b*` the words before the last are asked for as well.
        """
        found: dict[tuple[str, ...], Query] = {}
        for code in self.languages:
            forms = analysis.analyser(code).forms(item.text)
            folded = tuple(form.folded for _, form in forms)
            if not folded or folded in found:
                continue
            before = [
                self._word(token.surface, self.languages, name, self.options.match)
                for token, _ in forms[:-1]
            ]
            last = (
                Prefix(name, folded[-1])
                if isinstance(item, syntax.Beginning)
                else FuzzyTerm(name, folded[-1], maxdist=item.edits, prefixlength=0)
            )
            found[folded] = And([*before, last]) if before else last
        return [Part(_written(item), _any(list(found.values())))] if found else []

    def _note(self, code: str) -> None:
        if code not in self.notes:
            self.notes.append(code)


def _flat(tree: syntax.Sequence) -> Iterable[tuple[Sign, syntax.Item]]:
    """The items of a sequence; `carpets (of Quba)` has three, as its parentheses say nothing."""
    for sign, item in tree.items:
        if sign is Sign.PLAIN and isinstance(item, syntax.Sequence):
            inner = tuple(_flat(item))
            if all(sign is Sign.PLAIN for sign, _ in inner):
                yield from inner
                continue
        yield sign, item


def _any(nodes: list[Query]) -> Query:
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def _fields(item: syntax.Item) -> Iterable[syntax.InField]:
    """The fields of an item that is one, or is `lang:az OR lang:tr`; nothing otherwise."""
    match item:
        case syntax.InField():
            yield item
        case syntax.Alternatives(branches):
            found = [list(_fields(branch)) for branch in branches]
            if all(found):
                for fields in found:
                    yield from fields
        case syntax.Sequence(((sign, only),)) if sign is not Sign.EXCLUDED:
            yield from _fields(only)


def _values(item: syntax.Item) -> list[str]:
    """The values in `lang:az`, `author:"Rachel Brooks"`, `lang:(az OR tr)`."""
    match item:
        case syntax.Chunk(text) | syntax.Quoted(text) | syntax.Roughly(text):
            return [text]
        case syntax.Beginning(text):
            return [f"{text}*"]
        case syntax.Sequence(items):
            return [value for _, inner in items for value in _values(inner)]
        case syntax.Alternatives(branches):
            return [value for branch in branches for value in _values(branch)]
        case _:
            return []


_SIGNS = {Sign.PLAIN: "", Sign.REQUIRED: "+", Sign.EXCLUDED: "-"}


def _written(item: syntax.Item) -> str:  # noqa: PLR0911 -- one a kind of item
    """An item as it may be typed."""
    match item:
        case syntax.Chunk(text):
            return text
        case syntax.Quoted(text, slop):
            return f'"{text}"' + ("" if slop is None else f"~{slop}")
        case syntax.Beginning(text):
            return f"{text}*"
        case syntax.Roughly(text, edits):
            return f"{text}~{edits}"
        case syntax.Range(low, high):
            return f"[{low or '*'} TO {high or '*'}]"
        case syntax.InField(name, value):
            return f"{name}:{_written(value)}"
        case syntax.Sequence(((Sign.PLAIN, only),)):
            return _written(only)
        case syntax.Sequence(items):
            return "(" + " ".join(_SIGNS[sign] + _written(inner) for sign, inner in items) + ")"
        case syntax.Alternatives(branches):
            return " OR ".join(_written(branch) for branch in branches)
        case _:
            return "*"

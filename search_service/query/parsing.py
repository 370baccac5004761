"""Words → query tree: what a person typed, read in every language that the index holds.

The language of a query is never guessed: at one or two words every identifier is wrong too
often. So each word carries a reading for each language (`words`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from whoosh.query import (
    And,
    AndNot,
    DisjunctionMax,
    Not,
    NumericRange,
    Or,
    Query,
    Require,
    Term,
)

from search_service.errors import InvalidValue
from search_service.model import PublicationDate, Rung
from search_service.nodes import EVERYTHING, NOTHING, Words
from search_service.query import syntax
from search_service.query.days import days
from search_service.query.parsed import Options, ParsedQuery, Part
from search_service.query.syntax import Sign
from search_service.query.words import WordReader, any_of
from search_service.query.written import fields_of, flat, values, written
from search_service.schema import FACETS, TEXT_FIELD, TITLE_FIELD

MAX_LENGTH = 1000
"""Characters of a query."""

FACET_OF = {name: facet.name for facet in FACETS for name in (facet.parameter, facet.name)}
"""Query prefix -> facet: `lang:` and `language:` are the same."""
FIELDS = frozenset({TITLE_FIELD, "date", *FACET_OF})
"""What may stand before a colon."""


def parse(text: str, options: Options) -> ParsedQuery:
    """Read a query. Raises `InvalidValue` for one of more than `MAX_LENGTH` characters, only."""
    if len(text) > MAX_LENGTH:
        raise InvalidValue(
            "q",
            text[:20] + "…",
            "a query has at most %(most)s characters: shorten it",
            most=MAX_LENGTH,
        )
    tree, notes = syntax.read(text, FIELDS)
    return _Reader(options, notes).query(text, tree)


class _Reader:
    """One query on its way from syntax to tree."""

    def __init__(self, options: Options, notes: list[str]) -> None:
        self.options = options
        self.words = WordReader(options)
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
        items = [entry for entry in flat(tree) if not self._is_filter(*entry)]
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
            base = AndNot(base, any_of(excluded))
        return ParsedQuery(
            text, base, wanted, self.filters, self.first, self.last, tuple(self.notes)
        )

    def _read(self, items: list[tuple[Sign, syntax.Item]]) -> Iterator[tuple[Sign, Part]]:
        """The parts of the items; each word of a day is also met by the day written otherwise."""
        others = days(self.words, items) if self.options.match is Rung.TRANSLIT else {}
        for place, (sign, item) in enumerate(items):
            for part in self.parts(item, TEXT_FIELD):
                day = others.get(place)
                query = DisjunctionMax([part.query, *day]) if day else part.query
                yield sign, replace(part, query=query)

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
        fields = list(fields_of(item))
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
            wanted = [value for found in fields for value in values(found.value)]
            known = self.filters.get(FACET_OF[name], ())
            self.filters[FACET_OF[name]] = tuple(dict.fromkeys((*known, *wanted)))
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

    def parts(self, item: syntax.Item, name: str) -> list[Part]:  # noqa: PLR0911 -- one a kind
        """What one item asks for: nothing for `:)`, two parts for two unspaced words."""
        match item:
            case syntax.Chunk(text):
                match = self.options.match
                runs = self.words.runs(text)
                return [part for run in runs for part in self.words.words(run, name, match)]
            case syntax.Quoted():
                return self.words.phrase(item, name)
            case syntax.Beginning() | syntax.Roughly():
                return self.words.pattern(item, name)
            case syntax.InField(field_name, value):
                return self._field(field_name, value)
            case syntax.Sequence():
                node = self._sequence(item, name)
                return [Part(written(item), node)] if node is not None else []
            case syntax.Alternatives(branches):
                nodes = [self._sequence(branch, name) for branch in branches]
                found = [node for node in nodes if node is not None]
                return [Part(written(item), any_of(found))] if found else []
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
            base = Require(Or([*plain, *required]), base) if base else any_of(plain)
        if excluded:
            return AndNot(base, any_of(excluded)) if base else Not(any_of(excluded))
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
            return [Part(written(syntax.InField(name, value)), NumericRange("date", low, high))]
        terms: list[Query] = [Term(FACET_OF[name], text) for text in values(value)]
        return [Part(written(syntax.InField(name, value)), any_of(terms))] if terms else []

    def _note(self, code: str) -> None:
        if code not in self.notes:
            self.notes.append(code)

"""The read side: a question → documents that were found, with snippets and what helps a reader.

A `Searcher` belongs to one generation of the index. It may be shared between threads.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from search_service.engines.base import Answer, Reader, Request
from search_service.errors import InvalidValue, NotFound, UnknownName
from search_service.highlight.documents import mark_document, mark_title
from search_service.making import maker
from search_service.model import Document, FacetValue, Match, Results, Rung, Suggestion
from search_service.nodes import NOTHING
from search_service.query import parsing
from search_service.query.parsed import Options, ParsedQuery
from search_service.searcher.alike import alike
from search_service.searcher.duplicates import Collapsed, collapse
from search_service.searcher.filters import FACET_NAMES, FilterValues, labels
from search_service.searcher.hits import Hits
from search_service.searcher.reports import looser_phrases, obstacles, word_reports
from search_service.searcher.suggest import Completer, Completion, spellings
from search_service.searcher.thesaurus import Thesaurus
from search_service.settings import Settings

MAX_WINDOW = 10_000
"""`offset + limit` may not go beyond it."""
MAX_LIMIT = 100
PASSAGES_SHOWN = 3
FACET_VALUES_SHOWN = 50


_facet_value = maker(FacetValue)


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for, as a page, the endpoint or the command line ask it."""

    q: str = ""
    """Empty: everything, for browsing."""
    op: Literal["or", "and"] = "or"
    limit: int = 10
    offset: int = 0
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet name -> values of which a hit has one."""
    first_day: date | None = None
    """Of publication."""
    last_day: date | None = None
    document: str | None = None
    """Only in this document."""
    sort: Literal["relevance", "date", "-date"] = "relevance"
    match: Rung = Rung.TRANSLIT
    group: Literal["document", "none"] = "document"
    facets: tuple[str, ...] = ()
    highlight: bool = True
    collapse: bool = True
    """Whether near-duplicate passages are grouped under the earliest."""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document opened to be read, with the marks of a question."""

    document: Document
    matches: tuple[tuple[int, Match], ...]
    """(ordinal of the passage, match), in reading order; those of `Match` are the document's."""
    title: tuple[Match, ...] = ()
    """Those of the title, in places of the title; a text that begins with it has them too."""


class Searcher:
    """Answers questions from one generation of an index.

    Args:
        reader: the generation, open.
        generation: its name, for answers.
        deadline: seconds that a question may take.
        thesaurus: the owner's synonyms; without it, words have none.
    """

    def __init__(
        self,
        reader: Reader,
        generation: str = "",
        deadline: float = 1.0,
        thesaurus: Thesaurus | None = None,
    ) -> None:
        self.reader = reader
        self.generation = generation
        self.deadline = deadline
        self.thesaurus = thesaurus
        held = sorted(reader.languages().items(), key=lambda entry: (-entry[1], entry[0]))
        self.languages = tuple(code for code, _ in held)
        """What the index holds, the commonest first."""
        self.filter_values = FilterValues(reader)
        self._completer = Completer(reader, self.languages)

    @classmethod
    def of(cls, reader: Reader, generation: str, settings: Settings) -> Searcher:
        """The searcher of a service: with its deadline and its owner's synonyms."""
        thesaurus = Thesaurus(settings.corpus, tuple(reader.languages()))
        return cls(reader, generation, settings.query_seconds, thesaurus)

    def parse(self, question: Question) -> ParsedQuery:
        """A question's words as a query tree. Raises `InvalidValue`."""
        if self.thesaurus is not None:
            self.thesaurus.refresh()
        return parsing.parse(question.q, self._options(question))

    def search(self, question: Question) -> Results:
        """Answer a question. Raises `InvalidValue`, `UnknownName` and `QueryTooCostly`."""
        began = time.perf_counter()
        _check(question)
        parsed = self.parse(question)
        request = self._request(question, parsed)
        if parsed.tree == NOTHING:
            return self._results(question, parsed, began, Answer((), 0, 0, 0))
        groups = question.collapse and question.document is None and question.sort == "relevance"
        page = collapse(self.reader, request) if groups else Collapsed(self.reader.search(request))
        answer = page.answer
        making = Hits(self.reader, parsed, highlight=question.highlight)
        found = (hit for hit in map(making.document, answer.found) if hit is not None)
        hits = page.named(self.reader, found)
        words = word_reports(self.reader, request, parsed, answer, hits)
        options = self._options(question)
        counts = [word.documents for word in words]
        looser = looser_phrases(self.reader, request, parsed, options, counts)
        other = spellings(
            self.reader, request, parsed, words, options, documents=answer.total_documents
        )
        similar = None
        if hits and not answer.total_documents:
            similar, values = alike(self.reader, request, question.facets)
            answer = replace(answer, facets=values)
        return replace(
            self._results(question, parsed, began, answer),
            hits=tuple(hits),
            facets=self._facets(answer, request, question.facets),
            suggestions=looser + other,
            words=words,
            obstacles=() if answer.total_documents else obstacles(self.reader, request),
            similar=similar,
            notes=(*parsed.notes, *self._notes(looser)),
            took_ms=_since(began),
        )

    def rank(self, question: Question) -> Answer:
        """What is found and in which order, without what helps a reader; else as `search`."""
        _check(question)
        parsed = self.parse(question)
        if parsed.tree == NOTHING:
            return Answer((), 0, 0, 0)
        return self.reader.search(self._request(question, parsed))

    def view(self, document_id: str, question: Question) -> DocumentView:
        """A document with the marks of a question. Raises `NotFound` and `InvalidValue`."""
        document = self.reader.document(document_id)
        if document is None:
            raise NotFound(f"there is no document {document_id}: search for it by its words")
        tree = self.parse(question).tree
        return DocumentView(
            document,
            tuple(mark_document(tree, document, self.reader)),
            mark_title(tree, document, self.reader),
        )

    def complete(self, typed: str, limit: int = 8) -> tuple[Completion, ...]:
        """Completions of what is being typed, titles first."""
        return self._completer.complete(typed, limit)

    def _notes(self, looser: tuple[Suggestion, ...]) -> Iterator[str]:
        if looser:
            yield "phrase_not_exact"
        if self.thesaurus is not None and self.thesaurus.problem:
            yield "synonyms_unreadable"

    def _options(self, question: Question) -> Options:
        every = question.op == "and"
        return Options(self.languages, question.match, every, self.thesaurus)

    def _request(self, question: Question, parsed: ParsedQuery) -> Request:
        """What the engine is asked: what the words say of a filter goes before its parameter."""
        filters = {
            name: self.filter_values.resolve(name, values)
            for name, values in {**question.filters, **parsed.filters}.items()
            if values
        }
        first = max(filter(None, (question.first_day, parsed.first_day)), default=None)
        last = min(filter(None, (question.last_day, parsed.last_day)), default=None)
        return Request(
            query=parsed.tree,
            filters=filters,
            first_day=first.toordinal() if first else None,
            last_day=last.toordinal() if last else None,
            document=question.document,
            group="document" if question.group == "document" else "passage",
            sort=question.sort,
            limit=question.limit,
            offset=question.offset,
            passages=PASSAGES_SHOWN if question.group == "document" else 1,
            facets=question.facets,
            deadline=time.monotonic() + self.deadline,
        )

    def _facets(
        self, answer: Answer, request: Request, names: Iterable[str]
    ) -> dict[str, tuple[FacetValue, ...]]:
        """Values with counts, the commonest first, years from the latest; chosen ones always."""
        facets = {}
        for name in names:
            chosen = request.filters.get(name, ())
            counts = dict.fromkeys(chosen, 0) | dict(answer.facets.get(name, {}))
            values = (
                _latest_first(counts)
                if name == "year"
                else sorted(sorted(counts), key=counts.__getitem__, reverse=True)
            )
            shown = values[:FACET_VALUES_SHOWN]
            shown += [value for value in values[FACET_VALUES_SHOWN:] if value in chosen]
            of_shown = map(counts.__getitem__, shown), map(chosen.__contains__, shown)
            facets[name] = tuple(map(_facet_value, shown, labels(name, shown), *of_shown))
        return facets

    def _results(
        self, question: Question, parsed: ParsedQuery, began: float, answer: Answer
    ) -> Results:
        return Results(
            query=question.q,
            hits=(),
            total_documents=answer.total_documents,
            total_passages=answer.total_passages,
            total_all_words=answer.total_all_words,
            exact_totals=True,
            limit=question.limit,
            offset=question.offset,
            generation=self.generation,
            took_ms=_since(began),
            notes=parsed.notes,
        )


def _latest_first(years: Iterable[str]) -> list[str]:
    """Years from the latest, then what is none."""
    known = sorted(filter(str.isdigit, years), key=int, reverse=True)
    return known + sorted(year for year in years if not year.isdigit())


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _check(question: Question) -> None:
    """Refuse numbers that no answer has."""
    if not 0 <= question.limit <= MAX_LIMIT:
        raise InvalidValue("limit", question.limit, f"use a number from 0 to {MAX_LIMIT}")
    if question.offset < 0 or question.offset + question.limit > MAX_WINDOW:
        raise InvalidValue(
            "offset", question.offset, f"offset and limit together reach at most {MAX_WINDOW}"
        )
    if question.match is Rung.SIMILAR:
        raise InvalidValue("match", "similar", "use exact, fold, stem or translit")
    for name in (*question.filters, *question.facets):
        if name not in FACET_NAMES:
            raise UnknownName("facet", name, FACET_NAMES)

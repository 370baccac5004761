"""A naive engine in memory: what an answer means, spelt out passage by passage.

It shares the forms (what `prepare` analysed) and the table of weights with the real engine, and
nothing else: no arrays, no postings, no segments. Slow on purpose where that is simpler.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Any

from whoosh import query as q
from whoosh.query import Query

from search_service.engines.base import Answer, Found, FoundPassage, Request
from search_service.engines.whoosh import weights
from search_service.engines.whoosh.prepared import (
    FORM_SEPARATOR,
    KEY_SEPARATOR,
    PART_SEPARATOR,
    Column,
    Prepared,
)
from search_service.engines.whoosh.weights import LEVEL_WEIGHTS, UNIT, Level
from search_service.languages.stopping import folded_stop_words, stops
from search_service.model import Rung
from search_service.nodes import EVERYTHING, Word, WordPhrase, Words
from search_service.schema import FACETS

PassageId = tuple[str, int]
"""Document id and ordinal."""


@dataclass(frozen=True)
class Row:
    """A form of the text."""

    folded: str
    exact: str
    language: str
    stems: frozenset[str]
    translit: frozenset[str]

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.folded, self.exact, self.language


@dataclass
class StoredPassage:
    text: list[Row | None]
    context: list[Row | None]
    language: str
    length: int


@dataclass
class StoredDocument:
    id: str
    title: list[Row | None]
    passages: list[StoredPassage]
    facets: Mapping[str, str | None]
    first_day: int
    last_day: int

    @property
    def length(self) -> int:
        return sum(passage.length for passage in self.passages)


def stored(prepared: Prepared) -> StoredDocument:
    """A document as the oracle keeps it."""
    header = prepared.header
    rows = [_row(key) for key in prepared.forms.split(FORM_SEPARATOR)] if prepared.forms else []

    words = iter([None if w == len(rows) else rows[w] for w in prepared.words.tolist()])
    table = prepared.passages
    texts = [list(islice(words, count)) for count in table[:, Column.WORDS].tolist()]
    contexts = [list(islice(words, count)) for count in table[:, Column.CONTEXT_WORDS].tolist()]
    passages = [
        StoredPassage(text, context, header["languages"][code], len(text))
        for text, context, code in zip(
            texts, contexts, table[:, Column.LANGUAGE].tolist(), strict=True
        )
    ]
    title = list(words)
    return StoredDocument(
        header["id"], title, passages, header["facets"], header["first_day"], header["last_day"]
    )


def _row(key: str) -> Row:
    folded, exact, language, stems, translit = key.split(PART_SEPARATOR)
    return Row(
        folded,
        exact,
        language,
        frozenset(filter(None, stems.split(KEY_SEPARATOR))),
        frozenset(filter(None, translit.split(KEY_SEPARATOR))),
    )


Keys = dict[tuple[str, str, str], tuple[set[str], set[str]]]
"""Rows that differ in keys alone are one row, with the keys of all."""


@dataclass
class Tally:
    """What a passage or document has of a word: weighted frequencies and its best form."""

    decided: int = 0
    total: int = 0
    best: int = 0

    def add(self, level: int, weight: int) -> None:
        self.total += weight
        self.decided += weight if level >= Level.TRANSLIT else 0
        self.best = max(self.best, LEVEL_WEIGHTS[level])

    def merge(self, other: Tally) -> None:
        self.decided += other.decided
        self.total += other.total
        self.best = max(self.best, other.best)


Scorer = Callable[[set[PassageId]], dict[str, float]]
"""From the passages that count, a score for each document that has any."""


@dataclass
class Evidence:
    passages: set[PassageId]
    """Those of which it may speak."""
    scorer: Scorer

    def within(self, passages: set[PassageId]) -> Evidence:
        return Evidence(self.passages & passages, self.scorer)

    def documents(self) -> dict[str, float]:
        return self.scorer(self.passages)


@dataclass
class Result:
    scores: dict[PassageId, float] = field(default_factory=dict)
    decided: set[PassageId] = field(default_factory=set)
    evidence: list[Evidence] = field(default_factory=list)

    def only(self, passages: set[PassageId]) -> Result:
        kept = {p: s for p, s in self.scores.items() if p in passages}
        return Result(kept, self.decided & passages, [e.within(set(kept)) for e in self.evidence])

    def sure(self) -> Result:
        return self.only(self.decided)


class Oracle:
    """All live documents, and the answer to a request."""

    def __init__(self, documents: Iterable[StoredDocument]) -> None:
        self.documents = {document.id: document for document in documents}
        self.passages = {
            (document.id, ordinal): passage
            for document in self.documents.values()
            for ordinal, passage in enumerate(document.passages)
        }
        self.keys: Keys = {}
        for passage in self.passages.values():
            self._learn(passage.text)
            self._learn(passage.context)
        for document in self.documents.values():
            self._learn(document.title)
        lengths = [passage.length for passage in self.passages.values()]
        self.average = sum(lengths) / len(lengths) if sum(lengths) else 1.0
        self.document_average = sum(lengths) / len(self.documents) if sum(lengths) else 1.0

    def _learn(self, rows: Iterable[Row | None]) -> None:
        for row in rows:
            if row is not None:
                stems, translit = self.keys.setdefault(row.identity, (set(), set()))
                stems |= row.stems
                translit |= row.translit

    def execute(self, request: Request) -> Answer:
        return _Run(self, request).answer()

    def forms_meeting(self, words: Iterable[Word]) -> set[str]:
        """The folded forms that meet any of these words by a level that decides."""
        run = _Run(self, Request(EVERYTHING))
        chosen = list(words)
        return {
            row[0]
            for row in self.keys
            if any(run.level(word, row) >= Level.TRANSLIT for word in chosen)
        }


class _Run:
    def __init__(self, oracle: Oracle, request: Request) -> None:
        self.oracle = oracle
        self.request = request
        self.grouped = request.group == "document"
        self.parts: list[tuple[Query, set[PassageId], bool]] | None = None

    # Leaves

    def level(self, word: Word, row: tuple[str, str, str]) -> int:
        folded, exact, _ = row
        stems, translit = self.oracle.keys[row]
        forms = [form for _, form in word.readings]
        if any(form.folded == folded for form in forms) and exact in {f.exact for f in forms}:
            return Level.EXACT
        if word.rung >= Rung.FOLD and any(form.folded == folded for form in forms):
            return Level.FOLD
        if word.rung >= Rung.STEM and any(stems & set(form.stems) for form in forms):
            return Level.STEM
        if word.rung >= Rung.TRANSLIT and (
            any(translit & set(form.translit) for form in forms)
            or any(s.folded == folded or stems & set(s.stems) for s in word.synonyms)
        ):
            return Level.TRANSLIT
        if word.similar:
            for letters in (6, 5, 4):
                for form in forms:
                    prefix = form.folded[:letters]
                    if len(prefix) == letters and prefix.isalpha() and folded.startswith(prefix):
                        return {6: Level.SIMILAR_6, 5: Level.SIMILAR_5, 4: Level.SIMILAR_4}[letters]
        return 0

    def least(self, word: Word) -> int:
        """The lowest level at which forms of the text tell something of a word."""
        pairs: Counter[int] = Counter()
        for passage in self.oracle.passages.values():
            pairs.update(self.level(word, row) for row in {r.identity for r in passage.text if r})

        def tells(level: int) -> float:
            met = sum(count for at, count in pairs.items() if at >= level)
            return math.log(1 + len(self.oracle.passages) / met) if met else 0.0

        least = int(Level.TRANSLIT)
        if word.fieldname != "text" or not tells(least):
            return 0
        while least > 1 and tells(least - 1) >= weights.SIMILAR_TELLS * tells(Level.TRANSLIT):
            least -= 1
        return least

    def stop(self, word: Query) -> bool:
        if not isinstance(word, Word):
            return False
        if not any(form.folded in folded_stop_words(code) for code, form in word.readings):
            return False
        for level in (Level.EXACT, Level.FOLD):
            rows = [
                row
                for passage in self.oracle.passages.values()
                for row in {row.identity for row in passage.text if row is not None}
                if self.level(word, row) == level
            ]
            if rows:
                return (
                    sum(1 if stops(exact, folded, code) else -1 for folded, exact, code in rows)
                    >= 0
                )
        return any(form.stop for _, form in word.readings)

    def tallies(
        self, field_name: str, level: Callable[[tuple[str, str, str]], int], *, wide: bool
    ) -> dict[PassageId, Tally]:
        found: dict[PassageId, Tally] = defaultdict(Tally)
        for passage_id, fields in self.fields(field_name, wide=wide):
            for rows, factor in fields:
                for row in rows:
                    met = 0 if row is None else level(row.identity)
                    if met:
                        found[passage_id].add(met, LEVEL_WEIGHTS[met] * factor)
        return found

    def fields(
        self, name: str, *, wide: bool
    ) -> Iterator[tuple[PassageId, list[tuple[list[Row | None], int]]]]:
        for passage_id, passage in self.oracle.passages.items():
            if name == "title":
                yield passage_id, [(self.oracle.documents[passage_id[0]].title, 1)]
            elif name == "context":
                yield passage_id, [(passage.context, 1)]
            elif wide:
                yield (
                    passage_id,
                    [(passage.text, 1), (passage.context, weights.CONTEXT_FACTOR)],
                )
            else:
                yield passage_id, [(passage.text, 1)]

    def scored(self, found: dict[PassageId, Tally], factor: float) -> Result:
        oracle = self.oracle
        decided = {p for p, tally in found.items() if tally.decided}
        score = self._bm25(
            len(oracle.passages),
            len(decided),
            len(found),
            factor,
            similar=any(t.total != t.decided for t in found.values()),
        )
        scores = {
            p: score(tally, oracle.passages[p].length / oracle.average)
            for p, tally in found.items()
        }
        evidence = Evidence(set(found), self._document_scorer(found, factor))
        return Result(scores, decided, [evidence])

    def _document_scorer(self, found: dict[PassageId, Tally], factor: float) -> Scorer:
        oracle = self.oracle
        whole = self._summed(found, set(found))
        score = self._bm25(
            len(oracle.documents),
            sum(1 for tally in whole.values() if tally.decided),
            len(whole),
            factor,
            similar=any(t.total != t.decided for t in found.values()),
        )

        def scorer(passages: set[PassageId]) -> dict[str, float]:
            return {
                d: score(tally, oracle.documents[d].length / oracle.document_average)
                for d, tally in self._summed(found, passages).items()
            }

        return scorer

    @staticmethod
    def _summed(found: dict[PassageId, Tally], passages: set[PassageId]) -> dict[str, Tally]:
        sums: dict[str, Tally] = defaultdict(Tally)
        for p in passages & set(found):
            sums[p[0]].merge(found[p])
        return sums

    @staticmethod
    def _bm25(
        count: int, decided: int, total: int, factor: float, *, similar: bool
    ) -> Callable[[Tally, float], float]:
        def idf(having: int) -> float:
            return math.log(1 + (count - having + 0.5) / (having + 0.5))

        def saturated(frequency: float, best: float, length: float) -> float:
            occurrences = frequency / best
            norm = weights.K1 * (1 - weights.B + weights.B * length)
            return best / UNIT * (weights.K1 + 1) * occurrences / (occurrences + norm)

        def score(tally: Tally, length: float) -> float:
            sure = idf(decided) * saturated(tally.decided, tally.best, length)
            if not similar:
                return factor * sure
            share = weights.SIMILAR_SHARE
            every = idf(total) * saturated(tally.total, tally.best, length)
            return factor * ((1 - share) * sure + share * every)

        return score

    def constant(self, passages: Iterable[PassageId], value: float) -> Result:
        found = set(passages)
        evidence = Evidence(found, lambda kept: {p[0]: value for p in kept})
        return Result(dict.fromkeys(found, value), set(found), [evidence])

    def phrase(
        self,
        field_name: str,
        words: Sequence[Callable[[tuple[str, str, str]], int]],
        slop: int,
        factor: float,
        *,
        wide: bool,
    ) -> Result:
        found: dict[PassageId, Tally] = defaultdict(Tally)
        for passage_id, fields in self.fields(field_name, wide=wide):
            for rows, weight in fields:
                count = self._phrase_count(rows, words, slop)
                if count:
                    found[passage_id].merge(
                        Tally(count * UNIT * weight, count * UNIT * weight, UNIT)
                    )
        return self.scored(found, factor)

    @staticmethod
    def _phrase_count(
        rows: Sequence[Row | None],
        words: Sequence[Callable[[tuple[str, str, str]], int]],
        slop: int,
    ) -> int:
        def at(word: Callable[[tuple[str, str, str]], int]) -> set[int]:
            return {i for i, row in enumerate(rows) if row is not None and word(row.identity)}

        ends = at(words[0])
        for word in words[1:]:
            ends = {i for i in at(word) if any(i - slop - 1 <= before < i for before in ends)}
        return len(ends)

    # Nodes

    def evaluate(self, node: Query, factor: float = 1.0) -> Result:  # noqa: C901 - a list of kinds
        factor *= getattr(node, "boost", 1.0)
        every = set(self.oracle.passages)
        match node:
            case Word():
                factor *= weights.STOP_FACTOR if self.stop(node) else 1.0
                least = self.least(node)

                def met(row: tuple[str, str, str]) -> int:
                    level = self.level(node, row)
                    return level if level >= least else 0

                return self.scored(self.tallies(node.fieldname, met, wide=True), factor)
            case WordPhrase():
                if not node.words:
                    return Result()
                words = [self._decisive(word) for word in node.words]
                return self.phrase(node.words[0].fieldname, words, node.slop, factor, wide=True)
            case q.Phrase():
                forms = [self._exact(text) for text in node.words]
                if not forms:
                    return Result()
                return self.phrase(node.fieldname, forms, node.slop - 1, factor, wide=False)
            case Words():
                return self.words(node, factor)
            case q.DateRange() | q.NumericRange():
                return self.constant(self.numbers(node), factor)
            case q.Prefix() | q.Wildcard() | q.FuzzyTerm() | q.TermRange():
                found = self.tallies(node.fieldname, self._pattern(node), wide=False)
                return (
                    self.constant(found, factor)
                    if node.constantscore
                    else self.scored(found, factor)
                )
            case q.Term() if node.fieldname in ("text", "context", "title"):
                return self.scored(
                    self.tallies(node.fieldname, self._exact(node.text), wide=False), factor
                )
            case q.Term():
                return self.constant(
                    (p for p in every if self.value(p, node.fieldname) == node.text), factor
                )
            case q.Every():
                return self.constant(every, factor)
            case q.ConstantScoreQuery():
                return self.constant(self.evaluate(node.child).decided, node.score * factor)
            case q.Not():
                return self.constant(every - self.evaluate(node.query).decided, 0.0)
            case q.And():
                return self.conjunction(node, factor)
            case q.Or():
                return self.disjunction(node, factor)
            case q.DisjunctionMax():
                return self.best(node, factor)
            case q.AndNot():
                found_a = self.evaluate(node.a, factor)
                return found_a.only(set(found_a.scores) - self.evaluate(node.b).decided)
            case q.Require():
                found_a = self.evaluate(node.a, factor).sure()
                return found_a.only(self.evaluate(node.b).decided)
            case q.AndMaybe():
                found_a = self.evaluate(node.a, factor)
                return self.add(found_a, self.evaluate(node.b, factor))
        return Result()

    def _decisive(self, word: Word) -> Callable[[tuple[str, str, str]], int]:
        return lambda row: self.level(word, row) >= Level.TRANSLIT

    @staticmethod
    def _exact(text: str) -> Callable[[tuple[str, str, str]], int]:
        return lambda row: Level.EXACT if row[1] == text else 0

    @staticmethod
    def _pattern(node: Query) -> Callable[[tuple[str, str, str]], int]:
        def matches(folded: str) -> bool:
            match node:
                case q.Prefix():
                    return folded.startswith(node.text)
                case q.Wildcard():
                    parts = {"*": ".*", "?": "."}
                    pattern = "".join(parts.get(c) or re.escape(c) for c in node.text)
                    return re.fullmatch(pattern, folded) is not None
                case q.FuzzyTerm():
                    return folded.startswith(node.text[: node.prefixlength]) and (
                        levenshtein(folded, node.text) <= node.maxdist
                    )
                case q.TermRange():
                    low, high = node.start or "", node.end
                    return (folded > low if node.startexcl and low else folded >= low) and (
                        high is None or (folded < high if node.endexcl else folded <= high)
                    )
            raise AssertionError(node)

        return lambda row: Level.EXACT if matches(row[0]) else 0

    def numbers(self, node: Any) -> set[PassageId]:
        found = set()
        for passage_id in self.oracle.passages:
            document = self.oracle.documents[passage_id[0]]
            if isinstance(node, q.DateRange):
                start = node.startdate.toordinal() if node.startdate else None
                end = node.enddate.toordinal() if node.enddate else None
            else:
                start, end = node.start, node.end
            if node.fieldname == "date":
                low, high = document.first_day, document.last_day
            else:
                year = document.facets["year"]
                low = high = int(year) if year and year.isdecimal() else 0
            after = start is None or (high > start if node.startexcl else high >= start)
            before = end is None or (low < end if node.endexcl else low <= end)
            if low and after and before:
                found.add(passage_id)
        return found

    def value(self, passage_id: PassageId, name: str) -> str | None:
        if name == "document":
            return passage_id[0]
        if name == "language":
            return self.oracle.passages[passage_id].language
        return self.oracle.documents[passage_id[0]].facets[name]

    def conjunction(self, node: Any, factor: float) -> Result:
        positive = [c for c in node.subqueries if not isinstance(c, q.Not)]
        negative = [c for c in node.subqueries if isinstance(c, q.Not)]
        if not positive and not negative:
            return Result()
        result = self.constant(self.oracle.passages, 0.0)
        for child in positive:
            found = self.evaluate(child, factor).sure()
            shared = set(result.scores) & set(found.scores)
            result = self.add(result.only(shared), found.only(shared))
        for child in negative:
            result = result.only(set(result.scores) - self.evaluate(child.query).decided)
        return result

    @staticmethod
    def add(result: Result, other: Result) -> Result:
        """The passages of the first with the scores of both."""
        other = other.only(set(result.scores))
        scores = {p: s + other.scores.get(p, 0.0) for p, s in result.scores.items()}
        return Result(scores, result.decided, result.evidence + other.evidence)

    def disjunction(self, node: Any, factor: float) -> Result:
        children = [self.evaluate(child, factor) for child in node.subqueries]
        result = self.union(children)
        if node.minmatch > 1:
            result = result.only(
                {
                    p
                    for p in result.scores
                    if sum(p in child.decided for child in children) >= node.minmatch
                }
            )
        return result

    @staticmethod
    def union(children: Sequence[Result]) -> Result:
        scores: dict[PassageId, float] = defaultdict(float)
        for child in children:
            for p, s in child.scores.items():
                scores[p] += s
        decided = set().union(*(child.decided for child in children))
        return Result(dict(scores), decided, [e for child in children for e in child.evidence])

    def best(self, node: Any, factor: float) -> Result:
        children = [self.evaluate(child, factor) for child in node.subqueries]
        union = self.union(children)

        def combined(values: list[float]) -> float:
            top = max([0.0, *values])
            tiebreak: float = node.tiebreak
            return top + tiebreak * (sum(values) - top)

        scores = {
            p: combined([c.scores[p] for c in children if p in c.scores]) for p in union.scores
        }

        def scorer(passages: set[PassageId]) -> dict[str, float]:
            per_child = [
                _total(e.within(passages).documents() for e in child.evidence) for child in children
            ]
            documents = set().union(*per_child)
            return {d: combined([s[d] for s in per_child if d in s]) for d in documents}

        return Result(scores, union.decided, [Evidence(set(scores), scorer)])

    def words(self, node: Words, factor: float) -> Result:  # noqa: C901 - one rule after another
        first = self.parts is None
        if first:
            self.parts = []
        stops = [self.stop(part) for part in node.parts]
        share = weights.SURFACE_SHARE
        surfaces = [
            replace(part, rung=min(part.rung, Rung.FOLD), similar=False, synonyms=())
            if isinstance(part, Word) and part.fieldname == "text" and not stop
            else None
            for part, stop in zip(node.parts, stops, strict=True)
        ]
        found = [
            self.evaluate(part, factor * (1 - share) if surface else factor)
            for part, surface in zip(node.parts, surfaces, strict=True)
        ]
        if all(stops):
            stops = [False] * len(stops)
        if first:
            self.parts = [
                (part, result.decided, stop)
                for part, result, stop in zip(node.parts, found, stops, strict=True)
            ]
        asked = [result for result, stop in zip(found, stops, strict=True) if not stop]
        result = self.union(asked)
        for extra in (r for r, stop in zip(found, stops, strict=True) if stop):
            result = self.add(result, extra)
        for surface in filter(None, surfaces):
            result = self.add(result, self.evaluate(surface, factor * share))
        count = len(self.oracle.passages)
        present = [r for r in asked if r.decided]
        idfs = [
            math.log(1 + (count - len(r.decided) + 0.5) / (len(r.decided) + 0.5)) for r in present
        ]
        shares = [value / sum(idfs) for value in idfs]

        def has_passage(p: PassageId) -> Callable[[Result], bool]:
            return lambda r: p in r.decided

        def has_document(d: str) -> Callable[[Result], bool]:
            return lambda r: any(p[0] == d for p in r.decided)

        def factor_of(has: Callable[[Result], bool]) -> float:
            if len(present) < 2:
                return 1.0
            had = sum(share for r, share in zip(present, shares, strict=True) if has(r))
            return 1 - weights.COVERAGE + weights.COVERAGE * had

        scores = {p: s * factor_of(has_passage(p)) for p, s in result.scores.items()}

        def scorer(passages: set[PassageId]) -> dict[str, float]:
            total = _total(e.within(passages).documents() for e in result.evidence)
            return {d: s * factor_of(has_document(d)) for d, s in total.items()}

        combined = Result(scores, result.decided, [Evidence(set(scores), scorer)])
        if node.every:
            combined = combined.sure()
            combined = combined.only(
                {p for p in combined.scores if all(self._has(r.decided, p) for r in asked)}
            )
        return combined

    def _has(self, decided: set[PassageId], passage_id: PassageId) -> bool:
        if self.grouped:
            return any(p[0] == passage_id[0] for p in decided)
        return passage_id in decided

    # The answer

    def passes(self, passage_id: PassageId, ignoring: str | None = None) -> bool:
        request = self.request
        document = self.oracle.documents[passage_id[0]]
        if request.document is not None and document.id != request.document:
            return False
        if request.first_day is not None or request.last_day is not None:
            if not document.first_day:
                return False
            if request.first_day is not None and document.last_day < request.first_day:
                return False
            if request.last_day is not None and document.first_day > request.last_day:
                return False
        return all(
            name == ignoring or self.value(passage_id, name) in values
            for name, values in request.filters.items()
        )

    def answer(self) -> Answer:
        request = self.request
        matched = self.evaluate(request.query)
        hits = matched.only({p for p in matched.scores if self.passes(p)})
        units: dict[tuple[str, int], list[PassageId]] = defaultdict(list)
        for p in sorted(hits.scores):
            units[(p[0], -1) if self.grouped else p].append(p)
        whole = _total(e.documents() for e in hits.evidence)
        scores = {
            unit: max(hits.scores[p] for p in passages)
            + (weights.DOCUMENT_SHARE * whole.get(unit[0], 0.0) if self.grouped else 0.0)
            for unit, passages in units.items()
        }
        if request.sort == "relevance":
            self._draw_near(units, scores, hits)
            order = sorted(scores, key=lambda unit: (-scores[unit], unit))
        else:
            sign = 1 if request.sort == "date" else -1
            sure = {unit for unit in units if any(p in hits.decided for p in units[unit])}
            days = {unit: self.oracle.documents[unit[0]].first_day for unit in sure}
            order = sorted(sure, key=lambda unit: (not days[unit], sign * days[unit], unit))
        page = order[request.offset : request.offset + request.limit]
        asked = [(i, has) for i, (_, has, stop) in enumerate(self.parts or []) if not stop]
        decided_units = {p[0] if self.grouped else p for p in hits.decided}
        return Answer(
            tuple(self._found(units[unit], scores[unit], hits, asked) for unit in page),
            len({p[0] for p in hits.decided}),
            len(hits.decided),
            sum(
                all(
                    any(p[0] == unit for p in has) if self.grouped else unit in has
                    for _, has in asked
                )
                for unit in decided_units
            ),
            {name: self._facet(name, matched.decided) for name in request.facets},
            tuple(len({p[0] for p in has if self.passes(p)}) for _, has, _ in self.parts or []),
        )

    def _draw_near(
        self,
        units: Mapping[tuple[str, int], list[PassageId]],
        scores: dict[tuple[str, int], float],
        hits: Result,
    ) -> None:
        """Add what nearness adds to the best candidates, and to their best passages."""
        words = [
            (part, has)
            for part, has, stop in self.parts or []
            if isinstance(part, Word) and part.fieldname == "text" and not stop and has
        ]
        best = sorted(scores, key=lambda unit: (-scores[unit], unit))[: weights.PROXIMITY_DEPTH]
        count = len(self.oracle.passages)
        for unit in best:
            added = [0.0]
            for p in self._ranked(units[unit], hits)[: weights.PROXIMITY_PASSAGES]:
                bonus = 0.0
                for (left, left_has), (right, right_has) in pairwise(words):
                    rarest = max(len(left_has), len(right_has))
                    idf = math.log(1 + (count - rarest + 0.5) / (rarest + 0.5))
                    nearest = self._nearest(p, left, right)
                    if nearest <= weights.PROXIMITY_WINDOW:
                        bonus += weights.PROXIMITY * idf / nearest
                hits.scores[p] += bonus
                added.append(bonus)
            scores[unit] += max(added)

    def _nearest(self, passage_id: PassageId, left: Word, right: Word) -> float:
        rows = self.oracle.passages[passage_id].text
        at = [
            [i for i, r in enumerate(rows) if r and self._decisive(word)(r.identity)]
            for word in (left, right)
        ]
        gaps = [b - a if a < b else a - b + 1 for a in at[0] for b in at[1] if a != b]
        return min(gaps, default=math.inf)

    @staticmethod
    def _ranked(passages: list[PassageId], hits: Result) -> list[PassageId]:
        return sorted(passages, key=lambda p: (p not in hits.decided, -hits.scores[p], p[1]))

    def _found(
        self,
        passages: list[PassageId],
        score: float,
        hits: Result,
        asked: list[tuple[int, set[PassageId]]],
    ) -> Found:
        ranked = self._ranked(passages, hits)
        shown = sorted(ranked[: self.request.passages])
        return Found(
            passages[0][0],
            score,
            tuple(FoundPassage(p[1], hits.scores[p], p not in hits.decided) for p in shown),
            sum(p in hits.decided for p in passages) or len(passages),
            tuple(i for i, has in asked if not self._has(has, passages[0])),
        )

    def _facet(self, name: str, matched: set[PassageId]) -> dict[str, int]:
        assert any(facet.name == name for facet in FACETS)
        pairs = {(p[0], self.value(p, name)) for p in matched if self.passes(p, ignoring=name)}
        return dict(Counter(value for _, value in pairs if value is not None))


def _total(scores: Iterable[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for each in scores:
        for document, score in each.items():
            total[document] += score
    return total


def levenshtein(a: str, b: str) -> int:
    """The textbook's table."""
    previous = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (left != right)))
        previous = row
    return previous[-1]

"""The leaves of a query tree: words, forms, phrases, patterns and conditions."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from whoosh import query as q
from whoosh.query import Query

from search_service.engines.base import Request
from search_service.engines.whoosh import weights
from search_service.engines.whoosh.weights import LEVEL_WEIGHTS, UNIT, Level
from search_service.languages.stopping import folded_stop_words, stops
from search_service.model import Rung
from search_service.nodes import Word
from tests.engines.oracle.corpus import Archive, Identity, PassageId, Row
from tests.engines.oracle.results import Evidence, Result, Scorer, Tally


class Leaves:
    """What the leaves of one request's query find."""

    def __init__(self, archive: Archive, request: Request) -> None:
        self.archive = archive
        self.request = request
        self.grouped = request.group == "document"
        self.parts: list[tuple[Query, set[PassageId], bool]] | None = None

    def level(self, word: Word, row: Identity) -> int:
        folded, exact, _ = row
        stems, translit = self.archive.keys[row]
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
        for passage in self.archive.passages.values():
            pairs.update(self.level(word, row) for row in {r.identity for r in passage.text if r})

        def tells(level: int) -> float:
            met = sum(count for at, count in pairs.items() if at >= level)
            return math.log(1 + len(self.archive.passages) / met) if met else 0.0

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
                for passage in self.archive.passages.values()
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
        self, field_name: str, level: Callable[[Identity], int], *, wide: bool
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
        for passage_id, passage in self.archive.passages.items():
            if name == "title":
                yield passage_id, [(self.archive.documents[passage_id[0]].title, 1)]
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
        archive = self.archive
        decided = {p for p, tally in found.items() if tally.decided}
        score = self._bm25(
            len(archive.passages),
            len(decided),
            len(found),
            factor,
            similar=any(t.total != t.decided for t in found.values()),
        )
        scores = {
            p: score(tally, archive.passages[p].length / archive.average)
            for p, tally in found.items()
        }
        evidence = Evidence(set(found), self._document_scorer(found, factor))
        return Result(scores, decided, [evidence])

    def _document_scorer(self, found: dict[PassageId, Tally], factor: float) -> Scorer:
        archive = self.archive
        whole = self._summed(found, set(found))
        score = self._bm25(
            len(archive.documents),
            sum(1 for tally in whole.values() if tally.decided),
            len(whole),
            factor,
            similar=any(t.total != t.decided for t in found.values()),
        )

        def scorer(passages: set[PassageId]) -> dict[str, float]:
            return {
                d: score(tally, archive.documents[d].length / archive.document_average)
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
        words: Sequence[Callable[[Identity], int]],
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
        words: Sequence[Callable[[Identity], int]],
        slop: int,
    ) -> int:
        def at(word: Callable[[Identity], int]) -> set[int]:
            return {i for i, row in enumerate(rows) if row is not None and word(row.identity)}

        ends = at(words[0])
        for word in words[1:]:
            ends = {i for i in at(word) if any(i - slop - 1 <= before < i for before in ends)}
        return len(ends)

    def decisive(self, word: Word) -> Callable[[Identity], int]:
        return lambda row: self.level(word, row) >= Level.TRANSLIT

    @staticmethod
    def exactly(text: str) -> Callable[[Identity], int]:
        return lambda row: Level.EXACT if row[1] == text else 0

    @staticmethod
    def pattern(node: Query) -> Callable[[Identity], int]:
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
        for passage_id in self.archive.passages:
            document = self.archive.documents[passage_id[0]]
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
            return self.archive.passages[passage_id].language
        return self.archive.documents[passage_id[0]].facets[name]


def levenshtein(a: str, b: str) -> int:
    """The textbook's table."""
    previous = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (left != right)))
        previous = row
    return previous[-1]

"""Small random corpora and query trees, for comparing engines.

Words are built of few letters, so that prefixes, folded forms, stems and translit keys are shared
by many; passages are short, so that ties, empty passages and stop words all come up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q
from whoosh.query import Query

from search_service.engines.base import Request
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.writing.builder import SegmentBuilder
from search_service.engines.whoosh.writing.prepared import Column, Prepared, form_hash, pack, unpack
from search_service.languages.base import Form
from search_service.languages.formkeys import form_key
from search_service.languages.separators import FORM_SEPARATOR
from search_service.model import Rung
from search_service.nodes import Word, WordPhrase, Words

LANGUAGES = ("az", "en", "ru")
_MARKS = str.maketrans("aeo", "áéó")
_FACETS = ("language", "year", "source", "folder", "author")
_FIRST_DAY = date(2019, 12, 1).toordinal()


def word_form(folded: str, variant: int, language: str) -> Form:
    """A form; `variant` 0 is written as it is folded, 1 and 2 with marks."""
    exact = (folded, folded.translate(_MARKS), folded.replace("a", "á"))[variant]
    stems = (f"{language}:{folded[:5]}",) if len(folded) > 4 else (f"{language}:{folded}",)
    translit = (folded.replace("o", "a").replace("e", "a"),) if len(folded) > 3 else ()
    return Form(exact, folded, stems, translit, folded in ("abo", "ba"))


class Corpus:
    """Random documents over a random vocabulary."""

    def __init__(self, rng: random.Random, documents: int) -> None:
        self.rng = rng
        self.choose_words()
        self.prepared = [unpack(pack(self._document(i))) for i in range(documents)]

    def choose_words(self) -> None:
        """Choose the vocabulary, and how frequent each word is."""
        rng = self.rng
        letters = "abeo"
        self.folded = ["abo", "ba", "7071", "70712"]
        self.folded += [
            "".join(rng.choices(letters, k=rng.choice((2, 3, 4, 5, 6, 7, 8)))) for _ in range(60)
        ]
        self.folded += [word + rng.choice(letters) for word in self.folded[4:30]]
        self.weights = [1 / (i + 1) for i in range(len(self.folded))]
        rng.shuffle(self.folded)

    def form(self) -> tuple[Form, str]:
        """A form as it may stand in a text, and its language."""
        language = self.rng.choice(LANGUAGES)
        folded = self.rng.choices(self.folded, self.weights)[0]
        return word_form(folded, self.rng.choice((0, 0, 1, 2)), language), language

    def _document(self, number: int) -> Prepared:
        rng = self.rng
        passages = rng.choice((1, 1, 2, 3, 5))
        texts = [rng.choice((0, 3, 8, 15, 40)) for _ in range(passages)]
        texts[0] = texts[0] or 300 * (rng.random() < 0.05)
        contexts = [rng.choice((0, 0, 3)) for _ in range(passages)]
        keys: dict[str, int] = {}

        def words(count: int) -> list[int]:
            found = []
            for _ in range(count):
                form, language = self.form()
                found.append(keys.setdefault(form_key(form, language), len(keys)))
            return found

        text = [word for count in texts for word in words(count)]
        context = [word for count in contexts for word in words(count)]
        context = [-1 if rng.random() < 0.1 else word for word in context]
        title = words(rng.choice((0, 1, 3)))
        first = rng.choice((0, _FIRST_DAY + rng.randrange(60)))
        languages = sorted(set(rng.choices(LANGUAGES, k=2)))
        return prepared_words(
            header={
                # Ids are not in the order of documents, so that ties show what breaks them.
                "id": f"d{rng.randrange(10**6)}-{number}",
                "path": f"{number}.txt",
                "key": "",
                "facets": {
                    "year": str(date.fromordinal(first).year) if first else "undated",
                    "source": rng.choice((None, "one", "two")),
                    "author": None,
                    "folder": rng.choice(("", "a", "b")),
                    "format": rng.choice(("text", "pdf")),
                },
                "first_day": first,
                "last_day": first and first + rng.choice((0, 0, 30)),
                "languages": languages,
                "anchors": [str(i) for i in range(passages)],
            },
            forms=list(keys),
            words=np.array([*text, *context, *title], np.int64),
            text_counts=np.array(texts),
            context_counts=np.array(contexts),
            languages=np.array([rng.randrange(len(languages)) for _ in texts]),
        )


def prepared_words(
    header: dict[str, Any],
    forms: Sequence[str],
    words: NDArray[np.integer],
    text_counts: NDArray[np.integer],
    context_counts: NDArray[np.integer],
    languages: NDArray[np.integer],
) -> Prepared:
    """A document that has words and no text; a word of -1 is a gap."""
    table = np.zeros((len(text_counts), len(Column)), np.int32)
    table[:, Column.LEAD_IN_START] = table[:, Column.LEAD_IN_END] = -1
    table[:, Column.LANGUAGE] = languages
    table[:, Column.WORDS] = text_counts
    table[:, Column.CONTEXT_WORDS] = context_counts
    return Prepared(
        header=header,
        text=b"",
        summary=b"{}",
        structure=b"{}",
        forms=FORM_SEPARATOR.join(forms).encode(),
        hashes=np.array([form_hash(key) for key in forms], np.uint64),
        words=np.where(words < 0, len(forms), words).astype(np.uint32),
        passages=table,
        signatures=np.zeros(len(table), np.uint64),
        headings=np.zeros(0, np.int32),
    )


def segments(
    folder: Path, prepared: list[Prepared], cuts: list[int], deleted: set[str]
) -> list[Segment]:
    """The documents cut into segments at the given places, some of them deleted."""
    found = []
    for number, (low, high) in enumerate(zip([0, *cuts], [*cuts, len(prepared)], strict=True)):
        name = f"s{len(list(folder.iterdir()))}-{number}"
        builder = SegmentBuilder(folder, name)
        for document in prepared[low:high]:
            builder.add(document)
        builder.close()
        bits = np.array([d.header["id"] in deleted for d in prepared[low:high]], bool)
        found.append(Segment(folder, name, bits))
    return found


class Trees:
    """Random query trees of every kind of node."""

    def __init__(self, corpus: Corpus, rng: random.Random) -> None:
        self.corpus = corpus
        self.rng = rng

    def word(self) -> Word:
        """A word as several languages read it."""
        rng = self.rng
        folded = rng.choice(self.corpus.folded)
        if rng.random() < 0.05:
            folded = "zzz"
        readings = tuple(
            (language, word_form(folded, rng.choice((0, 1)), language))
            for language in rng.sample(LANGUAGES, rng.choice((1, 2, 3)))
        )
        synonyms = tuple(self.corpus.form()[0] for _ in range(rng.choice((0, 0, 0, 1))))
        return Word(
            rng.choice(("text", "text", "text", "text", "context", "title")),
            folded,
            readings,
            rng.choice((Rung.EXACT, Rung.FOLD, Rung.STEM, Rung.TRANSLIT)),
            rng.random() < 0.5,
            synonyms,
            self.boost(),
        )

    def boost(self) -> float:
        """Mostly none."""
        return self.rng.choice((1.0, 1.0, 1.0, 2.0, 0.5))

    def text(self) -> str:
        """The exact form of some word."""
        return self.corpus.form()[0].exact

    def leaf(self) -> Query:  # noqa: C901 - a list of kinds
        """A node without children."""
        rng = self.rng
        field = rng.choice(("text", "text", "text", "context", "title"))
        boost = self.boost()
        folded = rng.choice(self.corpus.folded)
        constant = rng.random() < 0.5
        match rng.randrange(17):
            case 0 | 1 | 2 | 3 | 4:
                return self.word()
            case 5 | 6:
                return q.Term(field, self.text(), boost=boost)
            case 7:
                words = [self.word() for _ in range(rng.choice((1, 2, 2, 3)))]
                same = tuple(
                    Word("text", w.text, w.readings, w.rung, w.similar, w.synonyms) for w in words
                )
                return WordPhrase(same, rng.choice((0, 1, 3)), boost)
            case 8:
                texts = [self.text() for _ in range(rng.choice((1, 2, 2, 3)))]
                return q.Phrase(field, texts, slop=rng.choice((1, 2, 4)), boost=boost)
            case 9:
                return q.Prefix(field, folded[: rng.choice((1, 2, 3))], boost, constant)
            case 10:
                pattern = "".join(rng.choice((c, c, c, "?", "*")) for c in folded)
                return q.Wildcard(field, pattern, boost, constant)
            case 11:
                return q.FuzzyTerm(
                    field, folded, boost, rng.choice((1, 2)), rng.choice((0, 1)), constant
                )
            case 12:
                ends = sorted(rng.sample(self.corpus.folded, 2))
                return q.TermRange(
                    field,
                    rng.choice((None, ends[0])),
                    rng.choice((None, ends[1])),
                    rng.random() < 0.5,
                    rng.random() < 0.5,
                    boost,
                    constant,
                )
            case 13:
                return rng.choice(
                    (
                        q.Term("language", rng.choice(LANGUAGES), boost=boost),
                        q.Term("source", "one", boost=boost),
                        q.Term("folder", rng.choice(("", "a")), boost=boost),
                        q.Term("document", rng.choice(self.corpus.prepared).header["id"]),
                    )
                )
            case 14:
                return self._range(boost)
            case 15:
                return q.Every(boost=boost)  # type: ignore[no-untyped-call]
            case _:
                return q.NullQuery
        raise AssertionError

    def _range(self, boost: float) -> Query:
        rng = self.rng
        first = _FIRST_DAY + rng.randrange(60)
        last = first + rng.randrange(30)
        start, end = rng.choice(((first, last), (None, last), (first, None)))
        exclusive = rng.random() < 0.5, rng.random() < 0.5
        match rng.randrange(3):
            case 0:
                return q.NumericRange("date", start, end, *exclusive, boost)
            case 1:
                return q.NumericRange("year", 2019, rng.choice((2019, 2020)), *exclusive, boost)
        days = [datetime.fromordinal(day) if day else None for day in (start, end)]
        return q.DateRange("date", days[0], days[1], *exclusive, boost)

    def tree(self, depth: int) -> Query:  # noqa: C901 - a list of kinds
        """A tree of at most this depth."""
        rng = self.rng
        if depth == 0 or rng.random() < 0.2:
            return self.leaf()

        def children() -> list[Query]:
            return [self.tree(depth - 1) for _ in range(rng.choice((1, 2, 2, 3)))]

        boost = self.boost()
        match rng.randrange(11):
            case 0 | 1:
                return q.And(children(), boost=boost)
            case 2:
                return q.Or(children(), boost=boost)
            case 3:
                return q.Or(children(), boost=boost, minmatch=2)
            case 4:
                return q.Not(self.tree(depth - 1))
            case 5:
                return q.AndNot(*children_of(self, 2, depth))
            case 6:
                return q.AndMaybe(*children_of(self, 2, depth))
            case 7:
                return q.Require(*children_of(self, 2, depth))
            case 8:
                return q.DisjunctionMax(children(), boost=boost, tiebreak=rng.choice((0.0, 0.25)))
            case 9:
                return q.ConstantScoreQuery(self.tree(depth - 1), 1.5)
            case _:
                return self.words()

    def words(self) -> Words:
        """Plain words, as people type them."""
        rng = self.rng
        parts: list[Query] = [self.word() for _ in range(rng.choice((1, 2, 2, 3, 5)))]
        if rng.random() < 0.3:
            parts.append(self.leaf())
        return Words(tuple(parts), rng.random() < 0.4)

    def request(self) -> Request:
        """A tree with filters, order and page."""
        rng = self.rng
        filters: dict[str, tuple[str, ...]] = {}
        if rng.random() < 0.3:
            filters["language"] = tuple(rng.sample((*LANGUAGES, "xx"), 2))
        if rng.random() < 0.3:
            filters[rng.choice(("source", "folder"))] = ("one", "a")
        first = _FIRST_DAY + rng.randrange(60) if rng.random() < 0.15 else None
        last = _FIRST_DAY + rng.randrange(60) if rng.random() < 0.15 else None
        return Request(
            self.words() if rng.random() < 0.4 else self.tree(rng.choice((0, 1, 2, 3))),
            filters,
            first,
            last,
            rng.choice(self.corpus.prepared).header["id"] if rng.random() < 0.05 else None,
            rng.choice(("document", "passage")),
            rng.choice(("relevance", "relevance", "relevance", "date", "-date")),
            rng.choice((1, 5, 10, 100)),
            rng.choice((0, 0, 0, 3)),
            rng.choice((1, 3)),
            tuple(
                rng.sample(("language", "year", "source", "folder", "author"), rng.choice((0, 2)))
            ),
        )


def children_of(trees: Trees, count: int, depth: int) -> list[Query]:
    """That many smaller trees."""
    return [trees.tree(depth - 1) for _ in range(count)]

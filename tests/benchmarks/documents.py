"""A benchmark's corpus as documents of the service, and as prepared documents of bare words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from search_service.engines.whoosh.engine import WhooshEngine
from search_service.engines.whoosh.prepared import (
    FORM_SEPARATOR,
    Column,
    Prepared,
    form_hash,
    form_key,
    pack,
)
from search_service.engines.whoosh.records import structure_record, summary_record
from search_service.languages.base import Form
from search_service.languages.identify import Identifier
from search_service.model import (
    Block,
    BlockKind,
    Document,
    Metadata,
    Passage,
    PublicationDate,
    Sourced,
)
from tests.benchmarks.corpus import FIRST_DAY, LANGUAGES, Corpus

_SENTENCE = 15
"""Words of a sentence."""
_WHERE = "made up"


def document_id(number: int) -> str:
    """Ids sort as numbers do, so that ties are broken as in the other engines."""
    return f"{number:08d}"


def document(corpus: Corpus, number: int) -> Document:
    """A document as the service has it, its passages as sentences."""
    low, high = corpus.bounds[number : number + 2]
    language = LANGUAGES[corpus.languages[number]]
    texts = [_sentences(corpus.tokens(passage)) for passage in range(low, high)]
    passages = []
    start = 0
    for ordinal, text in enumerate(texts):
        signature = int(corpus.signatures[low + ordinal])
        end = start + len(text)
        passages.append(
            Passage(ordinal, start, end, language, anchor=f"p{ordinal}", signature=signature)
        )
        start = end + 2
    day = PublicationDate(_date(int(corpus.days[number])))
    return Document(
        id=document_id(number),
        path=f"{number % 97}/{number}.txt",
        key="",
        format="text",
        text="\n\n".join(texts),
        metadata=Metadata(
            title=Sourced(texts[0][:40], _WHERE),
            date=Sourced(day, _WHERE),
            source=Sourced(f"source {number % 7}", _WHERE),
        ),
        blocks=tuple(Block(p.start, p.end, BlockKind.PARAGRAPH) for p in passages),
        passages=tuple(passages),
        languages=(language,),
    )


class Analysing:
    """Prepares documents with everything the service does to words: languages, forms, rungs."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._engine = WhooshEngine()
        self._identifier = Identifier()

    def __call__(self, number: int) -> bytes:
        found = document(self._corpus, number)
        texts = [found.text[p.start : p.end] for p in found.passages]
        # Made-up words are of no language: this costs what it costs, and what is declared counts.
        self._identifier.identify(texts, list(range(len(texts))), [None] * len(texts))
        return self._engine.prepare(found)


class Counting:
    """Prepares documents of words that are given: a word is its own form, and has no other."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._numbers: dict[str, int] = {}
        self._keys: list[str] = []
        self._hashes: list[int] = []

    def __call__(self, number: int) -> bytes:
        corpus = self._corpus
        low, high = corpus.bounds[number : number + 2]
        texts = [corpus.text(passage).split() for passage in range(low, high)]
        words = [self._number(word) for words in texts for word in words]
        forms, local = np.unique(np.array(words, np.uint32), return_inverse=True)
        known = forms.tolist()
        table = np.zeros((len(texts), len(Column)), np.int32)
        table[:, Column.LEAD_IN_START] = table[:, Column.LEAD_IN_END] = -1
        table[:, Column.WORDS] = [len(words) for words in texts]
        day = int(corpus.days[number])
        described = document_summary(number)
        return pack(
            Prepared(
                header={
                    "id": described.id,
                    "path": described.path,
                    "key": "",
                    "facets": {
                        "year": _date(day)[:4],
                        "source": f"source {number % 7}",
                        "author": None,
                        "folder": "",
                        "format": "text",
                    },
                    "first_day": day,
                    "last_day": day,
                    "languages": [LANGUAGES[corpus.languages[number]]],
                    "anchors": [f"p{ordinal}" for ordinal in range(len(texts))],
                },
                text=b"",
                summary=summary_record(described),
                structure=structure_record(described),
                forms=FORM_SEPARATOR.join([self._keys[form] for form in known]),
                hashes=np.array([self._hashes[form] for form in known], np.uint64),
                words=local.astype(np.uint32),
                passages=table,
                signatures=corpus.signatures[low:high],
                headings=np.zeros(0, np.int32),
            )
        )

    def _number(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self._keys)
            key = form_key(Form(word, word, (), (), False), "en")
            self._keys.append(key)
            self._hashes.append(form_hash(key))
        return number


def document_summary(number: int) -> Document:
    """A document that is told by its id and path alone."""
    path = f"{number}.txt"
    return Document(document_id(number), path, "", "text", "", Metadata(), (), (), ())


def _sentences(words: list[str]) -> str:
    """Words as sentences, which begin with a capital and end with a full stop."""
    return " ".join(_sentence(words[n : n + _SENTENCE]) for n in range(0, len(words), _SENTENCE))


def _sentence(words: list[str]) -> str:
    text = " ".join(words)
    return text[:1].upper() + text[1:] + "."


def _date(day: int) -> str:
    return f"{2000 + (day - FIRST_DAY) // 365}-{1 + day % 12:02d}-{1 + day % 28:02d}"


def numbers(corpus: Corpus, parts: int) -> Iterator[range]:
    """The numbers of all documents in so many runs of about equal length."""
    edges = np.linspace(0, corpus.document_count, parts + 1).astype(int).tolist()
    for low, high in pairwise(edges):
        yield range(low, high)

"""A benchmark's corpus as documents of the service, and as prepared documents of bare words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from search_service.engines.whoosh.engine import WhooshEngine
from search_service.engines.whoosh.writing.prepared import pack
from search_service.engines.whoosh.writing.preparer import Preparer, Surfaces
from search_service.languages.base import Form
from search_service.languages.identify import Identifier
from search_service.languages.tokens import WORDS
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

_WHERE = "made up"
_WORDS = ("en", ())


def document_id(number: int) -> str:
    """Ids sort as numbers do, so that ties are broken as in the other engines."""
    return f"{number:08d}"


def document(corpus: Corpus, number: int, texts: Sequence[str]) -> Document:
    """A document of these passages, without a title."""
    low = corpus.bounds[number]
    language = LANGUAGES[corpus.languages[number]]
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
            title=Sourced("", _WHERE),
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
        passages = range(*self._corpus.bounds[number : number + 2])
        texts = list(map(self._corpus.sentences, passages))
        found = document(self._corpus, number, texts)
        # Made-up words are of no language: this costs what it costs, and what is declared counts.
        self._identifier.identify(texts, list(range(len(texts))), [None] * len(texts))
        return self._engine.prepare(found)


class Counting(Preparer):
    """Prepares documents of words that are given: a word is its own form, and has no other.

    Texts are left aside, as the other engines keep none. `keys` are what each word is met by
    besides, in front of the word itself.
    """

    def __init__(self, corpus: Corpus, keys: Sequence[str] = ()) -> None:
        super().__init__()
        self._corpus = corpus
        self._spaces = _Spaces(corpus.vocabulary, keys)

    def __call__(self, number: int) -> bytes:
        texts = [self._corpus.text(n) for n in range(*self._corpus.bounds[number : number + 2])]
        return pack(replace(self.analyse(document(self._corpus, number, texts)), text=b""))

    def reading(self, document: Document, language: str) -> Surfaces:
        """Words lie between spaces, whatever the language."""
        reading = self.readings.get(_WORDS)
        if reading is None:
            reading = self.readings[_WORDS] = Surfaces(self._spaces, self.forms)
        return reading


class _Spaces:
    """Words between spaces; found as the service finds them where that comes to the same."""

    code = "en"

    def __init__(self, vocabulary: Sequence[str], keys: Sequence[str]) -> None:
        self._keys = keys
        same = all(WORDS.surfaces(word) == [word] for word in vocabulary)
        self.surfaces: Callable[[str], list[str]] = WORDS.surfaces if same else str.split

    def form(self, surface: str) -> Form:
        keys = tuple(key + surface for key in self._keys)
        return Form(surface, surface, keys, keys, False)


def _date(day: int) -> str:
    return f"{2000 + (day - FIRST_DAY) // 365}-{1 + day % 12:02d}-{1 + day % 28:02d}"


def numbers(corpus: Corpus, parts: int) -> Iterator[range]:
    """The numbers of all documents in so many runs of about equal length."""
    edges = np.linspace(0, corpus.document_count, parts + 1).astype(int).tolist()
    for low, high in pairwise(edges):
        yield range(low, high)

"""Our engine over a benchmark's corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from search_service.engines.whoosh.builder import SegmentBuilder
from search_service.engines.whoosh.prepared import Prepared, form_key
from search_service.engines.whoosh.segment import Segment
from search_service.languages.base import Form
from tests.benchmarks.corpus import LANGUAGES, Corpus
from tests.engines.corpora import prepared_words


def form(word: str) -> Form:
    """A made-up word as a made-up language reads it: its stem is its first five letters."""
    return Form(word, word, (f"en:{word[:5]}",), (), False)


def document_id(number: int) -> str:
    """Ids sort as numbers do, so that ties are broken as in the other engines."""
    return f"{number:08d}"


def build(corpus: Corpus, folder: Path, segment_count: int = 1) -> list[Segment]:
    """The corpus in so many segments."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = np.array([form_key(form(word), "en") for word in corpus.vocabulary], object)
    bounds = np.searchsorted(corpus.documents, np.arange(corpus.document_count + 1))
    segments = []
    for number, numbers in enumerate(
        np.array_split(np.arange(corpus.document_count), segment_count)
    ):
        builder = SegmentBuilder(folder, f"s{number}")
        for document in numbers.tolist():
            builder.add(prepared(corpus, document, bounds[document : document + 2].tolist(), keys))
        builder.close()
        segments.append(Segment(folder, f"s{number}"))
    return segments


def prepared(
    corpus: Corpus,
    document: int,
    passages: list[int],
    keys: np.ndarray[tuple[int], np.dtype[np.object_]],
) -> Prepared:
    """One document, its words as numbers."""
    starts = corpus.starts[passages[0] : passages[1] + 1]
    count = passages[1] - passages[0]
    forms, local = np.unique(corpus.words[starts[0] : starts[-1]], return_inverse=True)
    language = LANGUAGES[corpus.languages[document]]
    day = int(corpus.days[document])
    return prepared_words(
        header={
            "id": document_id(document),
            "path": f"{document}.txt",
            "key": "",
            "facets": {
                "year": str(2000 + (day - 730_000) // 365),
                "source": f"source {document % 7}",
                "author": None,
                "folder": "",
                "format": "text",
            },
            "first_day": day,
            "last_day": day,
            "languages": [language],
            "anchors": [str(i) for i in range(count)],
        },
        forms=keys[forms].tolist(),
        words=local,
        text_counts=np.diff(starts),
        context_counts=np.zeros(count, np.int64),
        languages=np.zeros(count, np.int64),
    )

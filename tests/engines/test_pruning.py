"""What the compiled kernel leaves unread is never among the best: what random trees missed."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest
from whoosh import query as q

from search_service.engines.base import Request
from search_service.engines.whoosh.evaluation import whole
from search_service.engines.whoosh.evaluation.executor import Executor
from search_service.engines.whoosh.evaluation.flat import flatten
from search_service.engines.whoosh.evaluation.kernel import COMPILED, WholeKernel
from search_service.engines.whoosh.evaluation.leaves import Leaves
from search_service.engines.whoosh.writing.prepared import Prepared
from search_service.errors import InvalidValue, QueryTooCostly
from search_service.languages.base import Form
from search_service.languages.formkeys import form_key
from search_service.model import Rung
from search_service.nodes import Word, Words
from tests.engines.corpora import Corpus, prepared_words, segments
from tests.engines.families import Families

STOPS = ("the", "of", "and")
PASSAGES = 6000
"""Several ranges of the kernel."""


def _form(word: str) -> Form:
    return Form(word, word, (f"en:{word}",), (), word in STOPS)


class Lifted(Corpus):
    """A late passage that has a similar form alone is the best by its stop words."""

    def choose_words(self) -> None:
        """None by chance."""

    def _document(self, number: int) -> Prepared:
        words = [f"filler{number % 50}"] * 150
        if number < 210:
            words = ["melodaruk"] * 20 + [*STOPS] * 6
        elif number in range(500, 560):
            words = ["melodarka"] + ["filler"] * 300
        elif number == PASSAGES - 3:
            words = ["melodaruk"] * 30 + [*STOPS] * 12
        keys: dict[str, int] = {}
        numbers = [keys.setdefault(form_key(_form(word), "en"), len(keys)) for word in words]
        facets = {"year": "undated", "source": None, "author": None, "folder": "", "format": "text"}
        return prepared_words(
            header={
                "id": f"d{number:05}",
                "path": f"{number}.txt",
                "key": "",
                "facets": facets,
                "first_day": 0,
                "last_day": 0,
                "languages": ["en"],
                "anchors": ["0"],
            },
            forms=list(keys),
            words=np.array(numbers, np.int64),
            text_counts=np.array([len(words)]),
            context_counts=np.array([0]),
            languages=np.array([0]),
        )


@pytest.mark.skipif(not COMPILED, reason="there is no compiled kernel here")
def test_what_is_worth_too_much_to_be_bounded_is_read(tmp_path: Path) -> None:
    rng = random.Random(5)
    corpus = Families(rng, 1500)
    opened = segments(tmp_path, corpus.prepared, [], set())
    kernels = [Executor(opened, kernel) for kernel in ("numpy", "compiled")]
    for _ in range(40):
        words = rng.choices(corpus.folded, corpus.weights, k=3)
        boosted = [q.Term("text", word, boost=5e306) for word in words[:2]]
        prefix = q.Prefix("text", words[2][:3], constantscore=False)
        request = Request(q.Or([*boosted, prefix]), limit=3)
        expected, got = (kernel.execute(request) for kernel in kernels)
        assert all(math.isfinite(hit.score) for hit in expected.found)
        assert got == expected


@pytest.mark.skipif(not COMPILED, reason="there is no compiled kernel here")
def test_a_phrase_alone_looks_at_the_deadline(tmp_path: Path) -> None:
    corpus = Families(random.Random(6), 300)
    executor = Executor(segments(tmp_path, corpus.prepared, [], set()), "compiled")
    leaves = Leaves(executor.snapshot, True)
    for query in (q.Phrase("text", corpus.folded[:3]), q.Term("text", corpus.folded[0])):
        flat = flatten(leaves, query)
        kernel = executor.snapshot.kernel
        assert flat
        assert isinstance(kernel, WholeKernel)
        for group in ("passage", "document"):
            request = Request(query, group=group, deadline=1e-9)
            with pytest.raises(QueryTooCostly):
                whole.answer(executor.snapshot, kernel, flat, request)


@pytest.mark.parametrize("kernel", ["numpy", "compiled"] if COMPILED else ["numpy"])
def test_a_page_that_can_not_be_is_refused(tmp_path: Path, kernel: str) -> None:
    corpus = Families(random.Random(7), 20)
    executor = Executor(segments(tmp_path, corpus.prepared, [], set()), kernel)
    asked = q.Term("text", corpus.folded[0])
    for name, request in (
        ("passages", Request(asked, passages=0)),
        ("passages", Request(asked, passages=1001)),
        ("limit", Request(asked, limit=-1)),
        ("offset", Request(asked, offset=2**31)),
    ):
        with pytest.raises(InvalidValue, match=name):
            executor.execute(request)


@pytest.mark.skipif(not COMPILED, reason="there is no compiled kernel here")
def test_stop_words_lift_what_is_only_similar(tmp_path: Path) -> None:
    corpus = Lifted(random.Random(1), PASSAGES)
    opened = segments(tmp_path, corpus.prepared, [], set())
    parts = tuple(
        Word("text", word, (("en", _form(word)),), Rung.TRANSLIT, True)
        for word in ("melodarka", *STOPS)
    )
    request = Request(Words(parts, False), group="passage", limit=2)
    expected, got = (Executor(opened, kernel).execute(request) for kernel in ("numpy", "compiled"))
    assert expected.found[0].document_id == f"d{PASSAGES - 3:05}"
    assert got == expected

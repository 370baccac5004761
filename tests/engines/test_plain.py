"""Plain disjunctions in NumPy: what is left out as too little to be among the best never is."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from whoosh import query as q

from search_service.engines.base import Request
from search_service.engines.whoosh.evaluation import plain
from search_service.engines.whoosh.evaluation.executor import Executor
from search_service.engines.whoosh.evaluation.kernel import WordsKernel
from search_service.engines.whoosh.evaluation.matches import Units
from tests.engines.corpora import segments
from tests.engines.families import Families, OneLanguage


@pytest.mark.parametrize("kind", [Families, OneLanguage])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pruning_changes_nothing(
    seed: int, kind: type[Families], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    corpus = kind(rng, 600)
    deleted = {d.header["id"] for d in corpus.prepared if seed == 2 and rng.random() < 0.1}
    executor = Executor(segments(tmp_path, corpus.prepared, [200] * (seed > 1), deleted), "numpy")
    requests = [_request(rng, corpus) for _ in range(150)]
    pruned: list[int] = []
    real = plain._Plain._candidates

    def candidates(asked: plain._Plain, count: int) -> Units | None:
        found = real(asked, count)
        pruned.append(found is not None)
        return found

    monkeypatch.setattr(plain._Plain, "_candidates", candidates)
    answers = [executor.execute(request) for request in requests]
    assert sum(pruned) >= 20, "the queries do not try it"
    monkeypatch.setattr(plain._Plain, "_candidates", lambda *_: None)
    for request, answer in zip(requests, answers, strict=True):
        assert executor.execute(request) == answer


def _request(rng: random.Random, corpus: Families) -> Request:
    """Rare words and frequent ones; now and then one that takes away."""
    frequent = corpus.folded[: rng.choice((1, 2, 3))]
    words = rng.sample(corpus.folded[3:], rng.choice((1, 2, 4))) + frequent
    rng.shuffle(words)
    terms = [q.Term("text", word) for word in words]
    if rng.random() < 0.3:
        place = rng.choice((0, words.index(frequent[0])))
        terms[place] = q.Term("text", words[place], boost=rng.choice((-1.0, -20.0, 0.0, 2.0)))
    request = Request(q.Or(terms), group="passage", limit=rng.choice((1, 3, 10)))
    return replace(request, first_day=20_000) if rng.random() < 0.1 else request


def test_words_read_together_are_given_up_in_between(tmp_path: Path) -> None:
    corpus = OneLanguage(random.Random(4), 30)
    snapshot = Executor(segments(tmp_path, corpus.prepared, [], set()), "numpy").snapshot
    kernel = snapshot.kernel
    assert isinstance(kernel, WordsKernel)
    plans = [snapshot.planner.form(word, (("text", 1),)) for word in corpus.folded[:3]]
    for steps in range(4):
        checks = iter([None] * steps)
        with pytest.raises(StopIteration):
            kernel.gather_words(plans, [1.0] * 3, [None, 1.0, None], checks.__next__)
    assert kernel.gather_words(plans, [1.0] * 3, [None, 1.0, None], lambda: None)

"""The executor against the oracle, and against the errors that Whoosh's own matchers make."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as q
from whoosh.query import Query

from search_service.engines.base import Answer, Request
from search_service.engines.whoosh.evaluation.executor import Executor
from search_service.engines.whoosh.planning.expansions import near_lines
from search_service.errors import InvalidValue, QueryTooCostly
from tests.engines.corpora import Corpus, Trees, segments
from tests.engines.fuzz_executor import available_kernels, check, differences
from tests.engines.oracle import Oracle, levenshtein, stored


@pytest.mark.parametrize("seed", range(10))
def test_random_trees_answer_as_the_oracle_does(seed: int, tmp_path: Path) -> None:
    assert check(random.Random(seed), tmp_path, 30) == 0


def test_no_cut_and_no_deleted_document_changes_a_bit(tmp_path: Path) -> None:
    rng = random.Random(8)
    corpus = Corpus(rng, 12)
    other = Corpus(rng, 6)
    dead = {document.header["id"] for document in other.prepared}
    whole = segments(tmp_path, corpus.prepared, [], set())
    mixed = [*other.prepared[:3], *corpus.prepared, *other.prepared[3:]]
    cut = segments(tmp_path, mixed, [2, 7, 11], dead)
    for kernel in available_kernels():
        one, many = Executor(whole, kernel), Executor(cut, kernel)
        for _ in range(60):
            request = Trees(corpus, rng).request()
            assert one.execute(request) == many.execute(request)


@pytest.fixture(scope="module", params=available_kernels())
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Corpus, Executor, Oracle]:
    corpus = Corpus(random.Random(4), 60)
    opened = segments(tmp_path_factory.mktemp("world"), corpus.prepared, [30], set())
    return corpus, Executor(opened, request.param), Oracle(map(stored, corpus.prepared))


def both(world: tuple[Corpus, Executor, Oracle], query: Query, **more: object) -> Answer:
    """The executor's answer, which is the oracle's."""
    _, executor, oracle = world
    request = Request(query, group="passage", **more)  # type: ignore[arg-type]
    answer = executor.execute(request)
    assert differences(oracle.execute(request), answer) == []
    return answer


def terms(world: tuple[Corpus, Executor, Oracle], count: int) -> list[q.Term]:
    """Frequent words of the corpus."""
    corpus = world[0]
    frequent = sorted(zip(corpus.weights, corpus.folded, strict=True), reverse=True)
    return [q.Term("text", folded) for _, folded in frequent[:count]]


def scores(answer: Answer) -> dict[tuple[str, int], float]:
    return {(f.document_id, f.passages[0].ordinal): f.score for f in answer.found}


# Whoosh: Union.replace() becomes AndMaybe, whose skip_to loses the score of the optional side.
@pytest.mark.parametrize("limit", [10, 1000])
def test_a_union_inside_an_intersection_keeps_its_scores(
    world: tuple[Corpus, Executor, Oracle], limit: int
) -> None:
    x, y, z = terms(world, 3)
    answer = both(world, q.And([x, q.Or([y, z])]), limit=limit)
    both(world, q.And([x, q.AndMaybe(y, z)]), limit=limit)
    alone = [scores(both(world, term, limit=1000)) for term in (x, y, z)]
    for place, score in scores(answer).items():
        assert score == pytest.approx(sum(part.get(place, 0.0) for part in alone))


# Whoosh: DisjunctionMax takes the maximum of both sides without comparing where they stand.
def test_the_best_of_alternatives_is_of_the_same_passage(
    world: tuple[Corpus, Executor, Oracle],
) -> None:
    x, y, _ = terms(world, 3)
    answer = both(world, q.DisjunctionMax([x, y]), limit=1000)
    left, right = (scores(both(world, term, limit=1000)) for term in (x, y))
    assert scores(answer) == {
        place: max(left.get(place, 0.0), right.get(place, 0.0)) for place in {*left, *right}
    }


# Whoosh: AndNotMatcher lets through a prohibited document where the second list begins later.
def test_no_prohibited_passage_comes_through(world: tuple[Corpus, Executor, Oracle]) -> None:
    for x in terms(world, 5):
        for y in terms(world, 12):
            allowed = scores(both(world, q.AndNot(x, y), limit=1000))
            assert not allowed.keys() & scores(both(world, y, limit=1000)).keys()


# Whoosh: an inverted matcher adds 1 to the score.
def test_a_negation_adds_nothing_to_the_score(world: tuple[Corpus, Executor, Oracle]) -> None:
    x, y, _ = terms(world, 3)
    plain = scores(both(world, x, limit=1000))
    for place, score in scores(both(world, q.And([x, q.Not(y)]), limit=1000)).items():
        assert score == plain[place]


# Whoosh: Require is inverted, or fails on an assertion.
def test_a_requirement_restricts_and_does_not_score(
    world: tuple[Corpus, Executor, Oracle],
) -> None:
    x, y, _ = terms(world, 3)
    left, right = (scores(both(world, term, limit=1000)) for term in (x, y))
    required = scores(both(world, q.Require(x, y), limit=10))
    assert required
    everything = scores(both(world, q.Require(x, y), limit=1000))
    assert everything == {place: s for place, s in left.items() if place in right}


# Whoosh: a scaled Or counts its terms anew after matchers were replaced.
def test_a_scaled_union_is_refused(world: tuple[Corpus, Executor, Oracle]) -> None:
    with pytest.raises(InvalidValue, match="scale"):
        world[1].execute(Request(q.Or(terms(world, 2), scale=0.9)))


# Whoosh: the length of a limited search's results runs the query again, and pages are clamped.
def test_totals_do_not_depend_on_the_page(world: tuple[Corpus, Executor, Oracle]) -> None:
    x, y, _ = terms(world, 3)
    pages = [both(world, q.Or([x, y]), limit=5, offset=n) for n in (0, 5, 10_000)]
    assert len({page.total_passages for page in pages}) == 1
    assert not pages[-1].found


def test_a_form_is_looked_for_only_where_it_is_asked(
    world: tuple[Corpus, Executor, Oracle],
) -> None:
    for name in ("text", "context", "title"):
        both(world, q.Term(name, terms(world, 1)[0].text), limit=1000)


def test_expansions_are_bounded(
    world: tuple[Corpus, Executor, Oracle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_service.engines.whoosh.planning.expansions.MAX_FORMS", 3)
    with pytest.raises(QueryTooCostly, match="more letters"):
        world[1].execute(Request(q.Prefix("text", "a")))
    monkeypatch.setattr("search_service.engines.whoosh.planning.expansions.MAX_BYTES", 3)
    with pytest.raises(QueryTooCostly, match="begin it with a letter"):
        world[1].execute(Request(q.Wildcard("text", "*a*")))


words = st.text(alphabet="abcşж", max_size=7)


@given(st.lists(words, max_size=20), words, st.integers(0, 2))
def test_words_within_edits_are_those_of_the_textbook(
    lines: list[str], word: str, edits: int
) -> None:
    found = near_lines("".join(line + "\n" for line in lines), word, edits).tolist()
    assert found == [i for i, line in enumerate(lines) if levenshtein(line, word) <= edits]

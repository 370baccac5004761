"""Both planners make the same plans, and find what is near to a word."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from whoosh.query import FuzzyTerm, Prefix, TermRange, Wildcard

from search_service.engines.whoosh.planning import expansions
from search_service.engines.whoosh.planning.plan import SOURCES, Plan, Sources
from search_service.engines.whoosh.planning.planner import COMPILED, PLANNERS, Planner, open_planner
from search_service.engines.whoosh.snapshot import Snapshot
from search_service.engines.whoosh.store.segment import Segment
from search_service.languages.base import Form
from search_service.languages.formkeys import form_key
from search_service.model import Rung
from search_service.nodes import Word
from tests.engines.corpora import Corpus, Trees, prepared_words, segments
from tests.engines.oracle import levenshtein

LETTERS = "abcəщ𐍈"
"""Of one to four bytes."""


def planners(opened: list[Segment]) -> list[Planner]:
    snapshot = Snapshot(opened)
    return [open_planner(snapshot, name) for name in PLANNERS if COMPILED or name == "numpy"]


def assert_same(plans: list[Plan]) -> None:
    first, *others = plans
    for other in others:
        assert np.array_equal(first.table(), other.table())
        assert np.array_equal(first.row_levels(), other.row_levels())
        assert (first.postings, first.single, first.of_documents, first.least) == (
            other.postings,
            other.single,
            other.of_documents,
            other.least,
        )


def some_sources(rng: random.Random) -> Sources:
    name = rng.choice(("text", "context", "title"))
    return rng.choice((SOURCES[name], ((name, 1),)))


def some_word(rng: random.Random, forms: list[Form]) -> Word:
    return Word(
        "text",
        "",
        tuple((rng.choice(("az", "en")), rng.choice(forms)) for _ in range(rng.choice((1, 2, 60)))),
        rng.choice((Rung.EXACT, Rung.FOLD, Rung.STEM, Rung.TRANSLIT)),
        rng.random() < 0.5,
        tuple(rng.sample(forms, rng.choice((0, 0, 2)))),
    )


@pytest.mark.skipif(not COMPILED, reason="there is one planner without a compiler")
@pytest.mark.parametrize("seed", range(6))
def test_both_planners_make_the_same_plans(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    corpus = Corpus(rng, rng.choice((1, 12, 40)))
    count = len(corpus.prepared)
    cuts = sorted(rng.choices(range(1, count + 1), k=rng.choice((0, 1, 3))))
    opened = segments(tmp_path, corpus.prepared, cuts, set())
    both = planners(opened)
    trees = Trees(corpus, rng)
    for _ in range(200):
        sources = some_sources(rng)
        word = trees.word()
        plans = [planner.word(word, sources, word.similar) for planner in both]
        assert_same(plans)
        least = rng.randrange(9)
        rows = [sorted(planner.rows(plans[0], least)) for planner in both]
        assert rows[0] == rows[1]
        form = rng.choice((trees.text(), "zzz", ""))
        assert_same([planner.form(form, sources) for planner in both])
        ranges = []
        for segment in opened:
            edges = sorted(rng.choices(range(len(segment.vocabulary) + 1), k=rng.choice((0, 2, 6))))
            ranges.append(np.array(edges, np.int64).reshape(-1, 2))
        assert_same([planner.ranges(ranges, sources) for planner in both])


def of_words(folder: Path, rng: random.Random, count: int) -> tuple[list[Segment], list[Form]]:
    """Segments of words with letters of all lengths in UTF-8, many of them alike."""
    words = {"".join(rng.choices(LETTERS, k=rng.randrange(1, 9))) for _ in range(count)}
    words |= {word + rng.choice(LETTERS) for word in words} | {"2020", "2020a", "b" * 63, "b" * 80}
    forms = [
        Form(
            word if rng.random() < 0.7 else word.upper(),
            word,
            (f"en:{word[:2]}", f"en:{word[-2:]}"),
            (word[1:3],) * (len(word) > 3),
            stop=False,
        )
        for word in sorted(words)
    ]
    prepared = []
    for number in range(2):
        chosen = [form for form in forms if rng.random() < 0.7]
        prepared.append(
            prepared_words(
                header={
                    "id": str(number),
                    "path": f"{number}.txt",
                    "key": "",
                    "facets": dict.fromkeys(("source", "author"))
                    | {"year": "undated", "folder": "", "format": "text"},
                    "first_day": 0,
                    "last_day": 0,
                    "languages": ["en"],
                    "anchors": ["0"],
                },
                forms=[form_key(form, "en") for form in chosen],
                words=np.arange(len(chosen)),
                text_counts=np.array([len(chosen)]),
                context_counts=np.array([0]),
                languages=np.array([0]),
            )
        )
    return segments(folder, prepared, [1], set()), forms


@pytest.mark.parametrize(("seed", "count"), [(1, 20), (2, 300), (3, 4000)])
def test_letters_of_every_length_are_planned_alike(seed: int, count: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    opened, forms = of_words(tmp_path, rng, count)
    both = planners(opened)
    for _ in range(60):
        word = some_word(rng, forms)
        assert_same([planner.word(word, SOURCES["text"], word.similar) for planner in both])
        form = rng.choice(forms)
        text = rng.choice((form.exact, form.folded, form.folded[:2], "", "\U0010ffff"))
        assert_same([planner.form(text, SOURCES["text"]) for planner in both])


@pytest.mark.parametrize("count", [20, 4000])
def test_what_is_near_is_what_levenshtein_says(count: int, tmp_path: Path) -> None:
    rng = random.Random(count)
    opened, forms = of_words(tmp_path, rng, count)
    folded = [segment.vocabulary.folded for segment in opened]
    texts = [[strings[i].decode() for i in range(len(strings))] for strings in folded]
    both = planners(opened)
    for _ in range(100 if count < 100 else 6):
        word = rng.choice((rng.choice(forms).folded[:63], "".join(rng.choices(LETTERS, k=6)), ""))
        edits = rng.randrange(3)
        segment = rng.randrange(2)
        low, high = sorted(rng.choices(range(len(texts[segment]) + 1), k=2))
        low, high = rng.choice(((low, high), (0, len(texts[segment]))))
        near = [i for i in range(low, high) if levenshtein(word, texts[segment][i]) <= edits]
        for planner in both:
            assert planner.within_edits(segment, low, high, word, edits).tolist() == near


def test_both_planners_expand_patterns_alike(tmp_path: Path) -> None:
    rng = random.Random(9)
    opened, forms = of_words(tmp_path, rng, 1000)
    both = planners(opened)
    for _ in range(40):
        text = rng.choice(forms).folded[:63]
        ends = sorted((text, rng.choice(forms).folded))
        for node in (
            Prefix("text", text[: rng.randrange(4)]),
            Wildcard("text", f"{text[:1]}*{text[-1]}?"),
            TermRange("text", ends[0], ends[1], rng.random() < 0.5, rng.random() < 0.5),
            FuzzyTerm("text", text, maxdist=rng.randrange(3), prefixlength=rng.randrange(3)),
        ):
            plans = []
            for planner in both:
                ranges = [
                    expansions.expand(planner, number, segment.vocabulary, node)
                    for number, segment in enumerate(opened)
                ]
                plans.append(planner.ranges(ranges, SOURCES["text"]))
            assert_same(plans)


@pytest.mark.skipif(not COMPILED, reason="needs the compiled planner")
def test_a_plan_of_many_rows_takes_no_more_room_than_it_has(tmp_path: Path) -> None:
    """Address space counts, touched or not: it is what a limit is set to."""
    opened, _ = of_words(tmp_path, random.Random(2), 4000)
    planner = open_planner(Snapshot(opened), "compiled")
    rows = [np.array([[row, row + 1] for row in range(0, len(s.vocabulary), 2)]) for s in opened]
    tracemalloc.start()
    try:
        for _ in range(20):
            planner.ranges(rows, SOURCES["text"])
        assert tracemalloc.get_traced_memory()[1] < 2 * 10**6
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(not COMPILED, reason="needs the compiled planner")
def test_what_is_no_word_is_refused(tmp_path: Path) -> None:
    opened, forms = of_words(tmp_path, random.Random(1), 20)
    planner = open_planner(Snapshot(opened), "compiled")
    sources: Sources = (("text", 1),)
    for wrong in (Word("text", "", ((),)), Word("text", "", (("en", None),))):  # type: ignore[arg-type]
        with pytest.raises((TypeError, AttributeError)):
            planner.word(wrong, sources, True)
    with pytest.raises(TypeError, match="field and factor"):
        planner.form(forms[0].exact, (("body", 1),))
    with pytest.raises(UnicodeEncodeError):
        planner.form("\ud800", sources)
    with pytest.raises(ValueError, match="outside"):
        planner.ranges([np.array([[0, 1 << 20]]), np.zeros((0, 2), np.int64)], sources)
    with pytest.raises(TypeError, match="no such segment"):
        planner.bound(2, b"")
    with pytest.raises(TypeError, match="63 letters"):
        planner.within_edits(0, 0, 1, "a" * 64, 1)

"""The compiled loops of marking and Python's find the same words, and mark and show the same."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.highlight.marking import Marker
from search_service.highlight.plain_texts import PlainTexts
from search_service.highlight.snippets import snippet
from search_service.highlight.texts import COMPILED, KINDS, Asked, Texts, open_texts
from search_service.languages import analysis, codes, get
from search_service.languages.casing import lower, lower_turkic, plain
from search_service.languages.folding import fold
from search_service.query.parsed import Options
from search_service.query.parsing import parse
from tests.small_archive import PAPERS, reader

pytestmark = pytest.mark.skipif(not COMPILED, reason="needs the compiled loops")
if COMPILED:
    from search_service.highlight import _marking
    from search_service.highlight.compiled_texts import ALPHABET, CompiledTexts, _joins, _rules

_CODE = st.sampled_from(codes())
_PIECES = [
    *"abcIİıəÄßéйёΣςәҒ٣²_ʼʻ'’`-–/#+.!?…。．:;([\"»」と1\n\t \u00ad\u200c\u0301\u0307\u064b",
    *[
        "  ",
        ". ",
        "? ",
        ".[12] ",
        ".¹ ",
        "\n\n",
        "C#",
        "C++",
        "e.g. ",
        "prof. ",
        "1. ",
        "A. ",
        "z. ",
    ],
    *[
        "loom",
        "Looms",
        "weaver's",
        "Qarabağ",
        "qarabağın",
        "Карабах",
        "l'homme",
        "oʻtdi",
        "北京大学",
    ],
    *["։ ", "ա: ", "ω; ", "ა. ", "हिन्दी", "العَرَبِيّة", "\U0001d7d8", "\U00020000"],
]
_TEXT = st.lists(
    st.one_of(st.sampled_from(_PIECES), st.characters(codec="utf-8")), max_size=60
).map("".join)
_QUERIES = (
    "loom qarabağ",
    '"weaver\'s loom" e',
    '"A loom"~3 карабах',
    "lo* c#",
    "loom~1",
    "北京大学 prof",
    "it the",
)


def every_texts() -> list[Texts]:
    return [open_texts(name) for name in KINDS]


@settings(deadline=None)
@given(_CODE, _TEXT)
def test_the_same_words_and_sentences(code: str, text: str) -> None:
    analyser = analysis.analyser(code)
    tokens = analyser.language.tokenise(text)
    for texts in every_texts():
        words = texts.words(analyser, text, None)
        assert list(words.starts) == [token.start for token in tokens]
        assert list(words.ends) == [token.end for token in tokens]
        assert [place for place, _ in words.candidates] == list(range(len(tokens)))
    rules = _rules(code)
    assert rules is not None
    found = _marking.sentences(ALPHABET, text, *rules)
    assert found == (analyser.language.sentences(text) or [(0, len(text))])


@settings(deadline=None)
@given(_CODE, _TEXT)
def test_letter_by_letter_folding_is_folding_or_not_known(code: str, text: str) -> None:
    for surface in get(code).surfaces(text):
        folded = ALPHABET.folded(surface)
        assert folded in {None, fold(get(code).lower(plain(surface)))}
        if surface.isascii() and surface.isalnum():
            assert folded is not None


@settings(deadline=None)
@given(_CODE, _TEXT, st.sampled_from(_QUERIES), st.sampled_from([None, 3, 10]))
def test_the_same_is_marked_and_shown(code: str, text: str, query: str, words: int | None) -> None:
    tree = parse(query, Options(("en", "az", "ru", "und"))).tree
    shown = [
        snippet(Marker(tree, texts=texts), text, code, 7, words=words) for texts in every_texts()
    ]
    assert shown[0] == shown[1]


@settings(deadline=None)
@given(_CODE, _TEXT, st.data())
def test_no_word_that_is_wanted_is_left_out(code: str, text: str, data: st.DataObject) -> None:
    analyser = analysis.analyser(code)
    folded = [analyser.form(surface).folded for surface in analyser.surfaces(text)]
    some = st.lists(st.sampled_from(folded), max_size=3) if folded else st.just([])
    asked = Asked(
        tuple(data.draw(some)),
        tuple(form[:4] for form in data.draw(some) if len(form) >= 4),
        tuple(form[:2] for form in data.draw(some)),
    )
    wanted = {
        place
        for place, form in enumerate(folded)
        if form in asked.forms or form.startswith(asked.beginnings + asked.prefixes)
    }
    for texts in every_texts():
        found = texts.words(analyser, text, texts.wanted(asked)).candidates
        assert wanted <= {place for place, _ in found}
        if isinstance(texts, PlainTexts):
            assert len(found) == len(wanted)


def test_most_words_are_left_out() -> None:
    texts = CompiledTexts()
    text = "Two weavers spin the wool, Qarabağ xalçası; ковёр ткут зимой. " * 20
    wanted = texts.wanted(Asked(("wool", "ковер"), ("qara",), ("tk",)))
    found = texts.words(analysis.analyser("en"), text, wanted).candidates
    assert [surface for _, surface in found[:3]] == ["wool", "Qarabağ", "ковёр"]
    assert len(found) == 60


def test_every_language_reads_by_compiled_rules_but_those_with_their_own() -> None:
    assert {code for code in codes() if _joins(code) is None} == {"fr", "uz"}
    assert all(_rules(code) for code in codes())
    assert {get(code).lower for code in codes()} == {lower, lower_turkic}
    assert {get(code).fold for code in codes()} == {fold}


def test_what_no_form_of_the_index_meets_need_not_be_read(tmp_path: Path) -> None:
    opened = reader(tmp_path, PAPERS)
    words = sorted({form for letter in "abcdelmrtwqx" for form, _, _ in opened.forms(letter, 50)})
    dice = random.Random(1)
    languages = tuple(opened.languages())
    for _ in range(60):
        query = " ".join(word[: dice.choice((4, 5, 99))] for word in dice.sample(words, 3))
        typed = dice.choice((query, f'"{query}"~2', f"{words[0]}* {query}"))
        tree = parse(typed, Options(languages)).tree
        every, few = Marker(tree), Marker(tree, vocabulary=opened)
        for document in opened.summaries():
            for passage, text in opened.passages(document.id, range(9)):
                marks = [
                    marker.mark(text, passage.language, document.languages).marks
                    for marker in (every, few)
                ]
                assert marks[0] == marks[1], (query, text)
    opened.close()


@pytest.mark.parametrize(
    "marks",
    [
        [(0, 9, 0, 0, False)],
        [(2, 3, 0, 0, False), (1, 2, 0, 0, False)],
        [(1, 2, 5, 0, False)],
        [(1, 2, 0, -1, False)],
    ],
)
def test_marks_outside_of_the_text_are_refused(marks: list[Any]) -> None:
    with pytest.raises(ValueError, match="marks lie in the text"):
        _marking.show(ALPHABET, "a loom", b"", b"", marks, 0, frozenset(), False)

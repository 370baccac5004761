"""Words, chunks and phrases: what is asked of each, in each language."""

from __future__ import annotations

import pytest
from whoosh.query import (
    DisjunctionMax,
    Every,
    NullQuery,
)

from search_service.languages.analysis import analyser
from search_service.model import Rung
from search_service.nodes import Word, WordPhrase, Words
from search_service.query.parsed import Options
from search_service.query.parsing import parse
from tests.query.reading import only, read, words


def test_plain_words_are_any_of_them() -> None:
    tree = read("carpet weavers of Quba").tree
    assert isinstance(tree, Words)
    assert not tree.every
    assert words(tree) == ["carpet", "weavers", "of", "Quba"]


def test_op_and_asks_for_every_word() -> None:
    tree = read("carpet weavers", every=True).tree
    assert isinstance(tree, Words)
    assert tree.every


def test_each_word_is_read_in_every_language() -> None:
    word = only("QIZIL")
    assert isinstance(word, Word)
    forms = {code: form.exact for code, form in word.readings}
    assert forms == {"en": "qizil", "az": "qızıl", "ru": "qizil", "und": "qizil"}


@pytest.mark.parametrize(
    ("typed", "written"), [("Ganja", "Gəncə"), ("Baku", "Bakı"), ("Карабаха", "Qarabağ")]
)
def test_a_name_is_read_as_english_and_russian_whatever_the_index_holds(
    typed: str, written: str
) -> None:
    word = parse(typed, Options(("az",))).parts[0].query
    assert isinstance(word, Word)
    [(language, form)] = word.readings
    assert language == "az"
    assert set(form.translit) & set(analyser("az").form(written).translit)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("how does it work?", ["how", "does", "it", "work"]),
        ("C++", ["C++"]),
        ('"unbalanced quote', ["unbalanced", "quote"]),
        ("(unbalanced", ["unbalanced"]),
        ("unbalanced)", ["unbalanced"]),
        ("flute AND", ["flute"]),
        ("OR flute", ["flute"]),
        ("NOT", ["NOT"]),
        ("AND OR", ["AND", "OR"]),
        ("foo:bar", ["foo", "bar"]),
        ("10:30", ["10", "30"]),
        ("lang:", ["lang"]),
        ("tar - kamança", ["tar", "kamança"]),
        ("git --help", ["git", "help"]),
        ("a* flute", ["a", "flute"]),
        ("date:yesterday", ["yesterday"]),
    ],
)
def test_what_people_type_is_words(typed: str, found: list[str]) -> None:
    assert words(read(typed).tree) == found


@pytest.mark.parametrize("typed", [":)", "+", "?!", "()", '""', "- -"])
def test_no_word_is_no_query(typed: str) -> None:
    parsed = read(typed)
    assert parsed.tree == NullQuery
    assert "no_words" in parsed.notes


@pytest.mark.parametrize("typed", ["", "  ", "*", "lang:az"])
def test_nothing_asked_is_everything(typed: str) -> None:
    assert isinstance(read(typed).tree, Every)


def test_quotes_are_exact_and_all_kinds_are_the_same() -> None:
    trees = {
        str(only(quoted))
        for quoted in ('"snow leopard"', "“snow leopard”", "«snow leopard»", "„snow leopard“")
    }
    assert trees == {'"snow leopard"'}
    phrase = only('"snow leopard"')
    assert isinstance(phrase, WordPhrase)
    assert {word.rung for word in phrase.words} == {Rung.EXACT}
    assert not any(word.similar for word in phrase.words)


def test_unquoted_words_go_down_to_match() -> None:
    word = only("leopard", match=Rung.STEM)
    assert isinstance(word, Word)
    assert word.rung is Rung.STEM
    assert not word.similar
    assert only("leopard").similar  # type: ignore[attr-defined]


def test_near_words_may_be_any_form() -> None:
    near = only('"leopard snow"~5')
    assert isinstance(near, WordPhrase)
    assert near.slop == 5
    assert {word.rung for word in near.words} == {Rung.TRANSLIT}


def test_a_chunk_of_two_words_is_a_phrase() -> None:
    for chunk in ("44-day", "44–day", "44\u201164"):
        assert isinstance(only(chunk), WordPhrase)


@pytest.mark.parametrize("chunk", ["time-sharing", "core.pager", "weaver/dyer"])
def test_a_chunk_of_whole_words_asks_for_each(chunk: str) -> None:
    assert [type(part.query) for part in read(chunk).parts] == [Word, Word]
    assert isinstance(only(f'"{chunk}"'), WordPhrase)


def test_apostrophes_are_the_same_even_in_exact() -> None:
    straight, curly = only('"father\'s"'), only("“father’s”")
    assert isinstance(straight, Word)
    assert isinstance(curly, Word)
    assert straight.readings == curly.readings


def test_languages_that_cut_a_chunk_differently_are_alternatives() -> None:
    tree = parse("l'homme", Options(("en", "fr"))).parts[0].query
    assert isinstance(tree, DisjunctionMax)
    word, phrase = tree.children()
    assert isinstance(word, Word)
    assert isinstance(phrase, WordPhrase)
    assert [code for code, _ in word.readings] == ["en"]


def test_words_without_spaces_are_asked_for_one_by_one() -> None:
    assert len(read("北京大学").parts) == 3
    assert isinstance(only('"北京大学"'), WordPhrase)


def test_a_day_is_also_found_written_otherwise() -> None:
    parsed = read("27 sentyabr 2020 xalça")
    *day, carpet = parsed.parts
    assert [part.text for part in day] == ["27", "sentyabr", "2020"]
    assert isinstance(carpet.query, Word)
    first = list(day[0].query.children())[1:]
    for part in day:
        own, *others = part.query.children()
        assert isinstance(own, Word)
        assert all(isinstance(phrase, WordPhrase) and phrase.synonym for phrase in others)
        assert all(one is other for one, other in zip(others, first, strict=True))
    written = [words(phrase) for phrase in first]
    assert ["27", "september", "2020"] in written
    assert ["27", "sentyabr", "2020"] not in written
    assert isinstance(read("27 sentyabr", match=Rung.STEM).parts[0].query, Word)

"""What a query means; the property that whatever is typed is a query."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.query import (
    And,
    AndNot,
    DisjunctionMax,
    Every,
    FuzzyTerm,
    Not,
    NullQuery,
    NumericRange,
    Or,
    Prefix,
    Query,
    Require,
    Term,
)

from search_service.errors import InvalidValue
from search_service.languages.analysis import analyser
from search_service.model import Rung
from search_service.nodes import Word, WordPhrase, Words
from search_service.query.parsed import Options, ParsedQuery
from search_service.query.parsing import parse

LANGUAGES = ("en", "az", "ru", "und")


def read(text: str, **options: object) -> ParsedQuery:
    return parse(text, Options(LANGUAGES, **options))  # type: ignore[arg-type]


def words(query: Query) -> list[str]:
    """The words of a node, in order."""
    match query:
        case Word(text=text):
            return [text]
        case WordPhrase(words=found):
            return [word.text for word in found]
        case Words(parts=parts):
            return [text for part in parts for text in words(part)]
        case _:
            return [text for child in query.children() for text in words(child)]


def only(text: str, **options: object) -> Query:
    """The one part of a query."""
    (part,) = read(text, **options).parts
    return part.query


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


def test_operators() -> None:
    both = read("tar AND saz").tree
    assert isinstance(both, And)
    either = only("tar OR saz")
    assert isinstance(either, Or)
    mixed = only("tar AND saz OR ney")
    assert isinstance(mixed, Or)
    assert [type(child) for child in mixed.children()] == [And, Word]
    without = read("tar -saz").tree
    assert isinstance(without, AndNot)
    assert words(without.a) == ["tar"]
    assert words(without.b) == ["saz"]
    assert str(read("tar NOT saz").tree) == str(without)
    required = read("tar +saz").tree
    assert isinstance(required, Require)
    assert words(required.a) == ["tar", "saz"]
    assert words(required.b) == ["saz"]


def test_operators_are_upper_case_only() -> None:
    assert words(read("salt and pepper or not").tree) == ["salt", "and", "pepper", "or", "not"]


def test_only_negative_is_everything_but() -> None:
    tree = read("-saz").tree
    assert isinstance(tree, AndNot)
    assert isinstance(tree.a, Every)
    nested = only("tar OR (-saz)")
    assert [type(child) for child in nested.children()] == [Word, Not]


def test_parentheses() -> None:
    tree = read("(tar OR saz) AND (mugham -radio)").tree
    assert isinstance(tree, And)
    first, second = tree.children()
    assert isinstance(first, Or)
    assert isinstance(second, AndNot)


def test_prefix_and_fuzzy_are_folded() -> None:
    prefix = only("QARA*")
    assert isinstance(prefix, Prefix)
    assert prefix.text == "qara"
    fuzzy = only("Xocalı~9")
    assert isinstance(fuzzy, FuzzyTerm)
    assert (fuzzy.text, fuzzy.maxdist) == ("xocali", 2)
    assert isinstance(only("tar~2"), FuzzyTerm)
    assert isinstance(only("xo~2"), Word)


def test_title() -> None:
    phrase = only('title:"Silk Road"')
    assert isinstance(phrase, WordPhrase)
    assert {word.fieldname for word in phrase.words} == {"title"}


def test_filters_are_taken_out() -> None:
    parsed = read('carpet lang:az (lang:tr) author:"Leyla Quliyeva" date:2020-11')
    assert words(parsed.tree) == ["carpet"]
    assert parsed.filters == {"language": ("az", "tr"), "author": ("Leyla Quliyeva",)}
    assert (parsed.first_day, parsed.last_day) == (date(2020, 11, 1), date(2020, 11, 30))


def test_filters_inside_are_nodes() -> None:
    tree = only("(lang:az carpet) OR date:2020")
    first, second = tree.children()
    assert isinstance(first, Require)
    assert first.b == Term("language", "az")
    assert isinstance(second, NumericRange)
    excluded = read("carpet -lang:az").tree
    assert isinstance(excluded, AndNot)
    assert excluded.b == Term("language", "az")


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("date:2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("date:2020-11-08", date(2020, 11, 8), date(2020, 11, 8)),
        ("date:[2020-11-01 TO 2020-11-30]", date(2020, 11, 1), date(2020, 11, 30)),
        ("date:[2020 TO *]", date(2020, 1, 1), None),
        ("date:[* TO 2020-02]", None, date(2020, 2, 29)),
        ("date:[2019 TO 2022] date:[2021 TO *]", date(2021, 1, 1), date(2022, 12, 31)),
    ],
)
def test_dates_of_publication(typed: str, first: date | None, last: date | None) -> None:
    parsed = read(typed)
    assert (parsed.first_day, parsed.last_day) == (first, last)
    assert isinstance(parsed.tree, Every)


@pytest.mark.parametrize(
    "typed", ["date:2020-13", "date:[x TO y]", "date:31.12.2020", "date:(a b)"]
)
def test_a_date_that_is_none_is_said_so(typed: str) -> None:
    parsed = read(typed)
    assert "date_not_understood" in parsed.notes
    assert parsed.first_day is None


def test_too_long_is_refused_with_the_cure() -> None:
    with pytest.raises(InvalidValue, match="at most 1000 characters: shorten it") as caught:
        read("a" * 1001)
    assert caught.value.parameter == "q"
    assert len(str(caught.value)) < 200


def test_limits() -> None:
    many = read("ab " * 300)
    assert len(many.parts) == 256
    assert "clauses_limited" in many.notes
    deep = read("(" * 499 + "a" + ")" * 499)
    assert words(deep.tree) == ["a"]
    assert "nesting_limited" in deep.notes
    assert words(read("(" * 400 + "a" + ")" * 400 + " b").tree) == ["a", "b"]


SYNTAX = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *[
                    '"',
                    "(",
                    ")",
                    "-",
                    "+",
                    "*",
                    "~2",
                    "AND",
                    "OR",
                    "NOT",
                    "lang:",
                    "date:",
                    "title:",
                ],
                *["[2020", "“", "«", "’", "–", "az", "Qarabağ", "l'homme", "汉语", ":", "8 may"],
            ]
        ),
        st.sampled_from([" ", "\u00a0", "[2020 TO 2021]"]),
        st.text(max_size=5),
    ),
    max_size=60,
).map("".join)


@settings(deadline=None)
@given(SYNTAX.filter(lambda text: len(text) <= 1000))
def test_whatever_is_typed_is_a_query(text: str) -> None:
    parsed = read(text)
    assert str(parsed.tree)
    assert len(set(parsed.notes)) == len(parsed.notes)


@pytest.mark.parametrize(
    "unit",
    [
        "(",
        '"',
        "a",
        "a:",
        "date:[",
        "NOT ",
        "~",
        "a~",
        "*a",
        "a*",
        "-",
        "+-",
        "a-",
        '"a',
        "OR (",
        "«",
    ],
)
def test_time_is_linear_in_the_length(unit: str) -> None:
    def best(text: str) -> float:
        times = []
        for _ in range(3):
            began = process_time()
            read(text)
            times.append(process_time() - began)
        return min(times)

    read(unit)
    short, long = best((unit * 125)[:125]), best((unit * 1000)[:1000])
    assert long < 30 * short + 0.02, "quadratic time would be sixty-four times"


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


PAGE = (Path(__file__).parent.parent / "docs" / "query-language.md").read_text("utf-8")


def test_every_example_of_the_page_is_understood() -> None:
    table = PAGE.split("| typed | finds |")[1].split("\n\n")[0]
    examples = [
        typed
        for row in table.splitlines()[2:]
        for typed in re.findall(r"`([^`]+)`", row.split(" | ")[0])
        if not typed.endswith(":")
    ]
    assert len(examples) > 20
    for typed in examples:
        parsed = read(typed)
        assert parsed.notes == (), typed
        assert parsed.parts or parsed.filters or parsed.first_day or "*" in typed, typed


def test_every_note_is_on_the_page() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE.split("| code |")[1], re.MULTILINE))
    folder = Path(__file__).parent.parent / "search_service"
    source = "".join(
        (folder / f"{name}.py").read_text("utf-8")
        for name in ("query/parsing", "query/syntax", "searcher/searching")
    )
    noted = set(re.findall(r'_note\((?:self\.)?(?:notes, )?"(\w+)"\)', source))
    noted |= set(re.findall(r'yield "(\w+)"', source))
    assert told == noted

"""Marks stand exactly on the words that answer, and snippets are safe and short."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.highlight.documents import mark_document
from search_service.highlight.marking import Marker
from search_service.highlight.snippets import render, snippet
from search_service.model import Block, BlockKind, Document, Match, Metadata, Passage, Rung, Sourced
from search_service.query.parsed import Options
from search_service.query.parsing import parse

LANGUAGES = ("en", "az", "ru", "tr", "und")


def marker(query: str, **options: object) -> Marker:
    return Marker(parse(query, Options(LANGUAGES, **options)).tree)  # type: ignore[arg-type]


def matches(
    asked: Marker, text: str, language: str, among: tuple[str, ...] = ()
) -> tuple[Match, ...]:
    return asked.matches(asked.mark(text, language, among))


def marks(query: str, text: str, language: str = "en", **options: object) -> list[tuple[str, str]]:
    """(form, rung) of each mark."""
    found = matches(marker(query, **options), text, language)
    for match in found:
        assert text[match.start : match.end] == match.form
    return [(match.form, match.rung.name.lower()) for match in found]


@pytest.mark.parametrize("query", ["QARABAĞ", "qarabağ", "Qarabağ"])
def test_case_is_the_language_s(query: str) -> None:
    text = "Qarabağ atı, QARABAĞ xalçası və qarabağ."
    assert marks(query, text, "az") == [
        ("Qarabağ", "exact"),
        ("QARABAĞ", "exact"),
        ("qarabağ", "exact"),
    ]


def test_each_mark_says_by_which_rung() -> None:
    assert marks("QARABAG", "Qarabağ", "az") == [("Qarabağ", "fold")]
    assert marks("weaver", "Two weavers.") == [("weavers", "stem")]
    assert marks("weavers", "Weavers weave.") == [("Weavers", "exact")]
    assert marks("weaving", "A weaver weavable.") == [
        ("weaver", "similar"),
        ("weavable", "similar"),
    ]


def test_similar_words_are_marked_only_where_the_word_is_not() -> None:
    assert ("Leopold", "similar") in marks("leopard", "Leopold lives here.")
    assert marks("leopard", "Leopold saw a leopard.") == [("leopard", "exact")]


def test_match_limits_the_rung() -> None:
    text = "Weavers, weaver's, weaver"
    assert [form for form, _ in marks("weaver", text, match=Rung.EXACT)] == ["weaver"]


def test_a_phrase_is_marked_where_it_stands_and_as_one() -> None:
    text = "A snow leopard; snow without one, a leopard without it. Snow leopard!"
    assert marks('"snow leopard"', text) == [("snow leopard", "exact"), ("Snow leopard", "exact")]


def test_either_apostrophe_finds_both() -> None:
    text = "It was a father’s will, my father's will."
    for quoted in ('"father\'s will"', "“father’s will”"):
        assert [form for form, _ in marks(quoted, text)] == ["father’s will", "father's will"]


def test_near_words_are_marked_one_by_one() -> None:
    text = "The railway from Baku to Tbilisi, built by many hands. Baku again."
    assert marks('"railway Baku"~2', text) == [("railway", "exact"), ("Baku", "exact")]
    assert marks('"railway Tbilisi"~2', text) == []
    assert marks('"Baku railway"~5', text) == []


def test_a_repeated_first_word_does_not_hide_the_phrase() -> None:
    assert marks('"new new line"', "new new new line") == [("new new line", "exact")]


def test_excluded_words_are_not_marked() -> None:
    assert marks("carpet -wool", "wool carpet") == [("carpet", "exact")]


def test_stop_words_are_marked_only_when_asked_for() -> None:
    text = "How does it work? It works."
    assert marks("how does the loom work", text) == [("work", "exact"), ("works", "stem")]
    assert marks("it", text) == [("it", "exact"), ("It", "exact")]
    assert marks('"it" loom', text) == [("it", "exact"), ("It", "exact")]
    assert marks("doesnt", "It doesn't end.") == [("doesn't", "fold")]
    assert marks("ucun", "Hamı üçün.", "az") == [("üçün", "fold")]


def test_prefix_and_fuzzy() -> None:
    assert marks("carp*", "carpets, carp, scarp") == [("carpets", "exact"), ("carp", "exact")]
    assert marks("qəmış*", "qamışlıq", "az") == []
    assert marks("loom~1", "loop, looms, lamp") == [("loop", "similar"), ("looms", "similar")]


def test_title_words_mark_no_passage() -> None:
    assert marks("title:carpet", "carpet") == []


def test_overlapping_pairs_of_letters_are_marked_once_each() -> None:
    found = matches(marker("北京大学"), "在北京大学学习", "und")
    assert "".join(match.form for match in found) == "北京大学"
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_unknown_language_is_read_as_the_document_s() -> None:
    found = matches(marker("xalça"), "Xalçalar", "und", ("az",))
    assert [(match.form, match.rung) for match in found] == [("Xalçalar", Rung.STEM)]


def test_html_is_escaped_between_and_inside_marks() -> None:
    shown = snippet(marker("loom"), "<b>Loom</b> & <script>alert('loom')</script>", "en")
    assert shown.html == (
        "&lt;b&gt;<mark>Loom</mark>&lt;/b&gt; &amp; "
        "&lt;script&gt;alert(&#x27;<mark>loom</mark>&#x27;)&lt;/script&gt;"
    )


def test_lower_rungs_have_a_class() -> None:
    assert snippet(marker("loom"), "looms", "en").html == '<mark class="stem">looms</mark>'
    match = Match(0, 1, Rung.TRANSLIT, "a", "b", synonym=True)
    assert render("a", [match]) == '<mark class="synonym">a</mark>'


LONG = " ".join(
    [
        "The mountains rise in the north and run down to the sea in long green ridges.",
        "Sheep are driven up to the summer meadows in May and come down again in September.",
        "In the villages women spin the wool by hand and dye it with madder and walnut.",
        "A carpet of the old kind takes two weavers most of a winter at the loom.",
        "The pattern is kept in the head and handed from mother to daughter.",
        "Traders took the best of them by rail to Batumi and on by ship.",
    ]
)


def test_a_snippet_is_cut_at_sentences_where_the_marks_are() -> None:
    shown = snippet(marker("loom pattern"), LONG, "en", offset=1000)
    text = unescape(re.sub("<.*?>", "", shown.html))
    assert text.startswith("…")
    assert text.endswith("…")
    assert LONG[shown.start - 1000 : shown.end - 1000] == text.strip("… ")
    assert text.strip("… ")[0].isupper()
    assert text.strip("… ")[-1] == "."
    assert {match.form for match in shown.matches} == {"loom", "pattern"}
    assert len(text.split()) <= 60
    for match in shown.matches:
        assert LONG[match.start - 1000 : match.end - 1000] == match.form


def test_a_long_sentence_is_cut_around_its_marks() -> None:
    text = "one " * 100 + "carpet " + "two " * 100
    shown = snippet(marker("carpet"), text.strip(), "en")
    assert "<mark>carpet</mark>" in shown.html
    assert len(shown.html.split()) <= 61


def test_without_marks_the_beginning_is_shown() -> None:
    shown = snippet(marker("absent"), LONG, "en")
    assert shown.html.startswith("The mountains")
    assert shown.html.endswith("…")


WORDS = st.lists(
    st.sampled_from(
        ["loom", "Looms", "weaver's", "<b>", "&", "wool.", "Qarabağ", "汉语", "—", "İ"]
    ),
    max_size=120,
).map(" ".join)


@settings(deadline=None)
@given(WORDS, st.sampled_from(LANGUAGES), st.integers(0, 10**6))
def test_html_without_marks_is_the_text(text: str, language: str, offset: int) -> None:
    asked = marker('loom "weaver\'s wool" qarabağ 汉语')
    shown = snippet(asked, text, language, offset)
    piece = text[shown.start - offset : shown.end - offset]
    html = shown.html.removeprefix("… ").removesuffix("…").rstrip(" ")
    assert unescape(re.sub(r"</?mark[^>]*>", "", html)) == piece
    assert not re.search(r"<(?!/?mark)", html)
    last = shown.start
    for match in shown.matches:
        assert last <= match.start < match.end <= shown.end
        assert text[match.start - offset : match.end - offset] == match.form
        last = match.end
    assert len(re.findall("<mark", html)) == len(shown.matches)
    assert len(asked.mark(piece, language).words.starts) <= 60


def test_a_document_has_the_marks_of_its_passages() -> None:
    text = "A loom.\n\nНа станке loom."
    passages = (Passage(0, 0, 7, "en", "a"), Passage(1, 9, 24, "ru", "b"))
    document = Document("d", "d.txt", "", "text", text, Metadata(), (), passages, ("en", "ru"))
    found = list(mark_document(parse("loom", Options(LANGUAGES)).tree, document))
    assert [(ordinal, text[match.start : match.end]) for ordinal, match in found] == [
        (0, "loom"),
        (1, "loom"),
    ]


def test_the_marks_of_headings_belong_to_the_passage_below() -> None:
    text = "Looms\n\nWood.\n\nLoom rooms\n\nA loom."
    blocks = (
        Block(0, 5, BlockKind.HEADING, 1),
        Block(7, 12, BlockKind.PARAGRAPH),
        Block(14, 24, BlockKind.HEADING, 2),
        Block(26, 33, BlockKind.PARAGRAPH),
    )
    passages = (Passage(0, 7, 12, "en", "a"), Passage(1, 26, 33, "en", "b"))
    known = Metadata(title=Sourced("Looms", "first line"))
    document = Document("d", "d.txt", "", "text", text, known, blocks, passages, ("en",))

    def marks(words: str) -> list[tuple[int, str]]:
        found = mark_document(parse(words, Options(LANGUAGES)).tree, document)
        return [(ordinal, text[match.start : match.end]) for ordinal, match in found]

    assert marks("loom") == [(0, "Looms"), (1, "Loom"), (1, "loom")]
    assert marks("title:loom") == [(0, "Looms")]


def test_a_day_written_otherwise_is_marked_as_such() -> None:
    shown = snippet(marker("27 sentyabr 2020"), "It began on September 27, 2020.", "en")
    assert shown.html == 'It began on <mark class="synonym">September 27, 2020</mark>.'
    assert shown.matches[0].synonym

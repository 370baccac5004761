"""Words, case and folding: laws that hold for any text, and the words that made them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.languages import analysis, codes, get
from search_service.languages.casing import lower, lower_turkic, plain
from search_service.languages.folding import fold

_LETTERS = "abcçdeəfgğhxıijkqlmnoöprsştuüvyzABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ"
_ANY = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(_LETTERS + " '’ʻ-_–/\u00ad\u200c\u0301\u0307Йёїґ北京がاىهßﬁς+#٣"),
    ),
    max_size=40,
)
_CODE = st.sampled_from(codes())


@settings(deadline=None)  # a grammar is spelt out when it is first used
@given(_CODE, _ANY)
def test_tokens_are_slices_in_order(code: str, text: str) -> None:
    forms = analysis.analyser(code).forms(text)
    for token, form in forms:
        assert text[token.start : token.end] == token.surface
        assert form.exact
        assert form.folded
        assert form.stems
    starts = [token.start for token, _ in forms]
    assert starts == sorted(starts)


@settings(deadline=None)  # a grammar is spelt out when it is first used
@given(_CODE, _ANY)
def test_the_fast_path_reads_the_same_words(code: str, text: str) -> None:
    analyser = analysis.analyser(code)
    fast = [analyser.form(surface) for surface in analyser.surfaces(text)]
    assert fast == [form for _, form in analyser.forms(text)]


@settings(deadline=None)
@given(_CODE, _ANY)
def test_an_outline_is_the_form_without_its_keys(code: str, text: str) -> None:
    for analyser in (
        analysis.analyser(code),
        analysis.undetermined((code,)),
        analysis.undetermined((code, "az", "ru")),
    ):
        for surface in analyser.surfaces(text):
            form, outline = analyser.form(surface), analyser.outline(surface)
            assert outline == replace(form, stems=(), translit=())


@given(_ANY)
def test_folding_twice_is_folding_once(text: str) -> None:
    for surface in get("und").surfaces(text):
        folded = fold(lower(plain(surface)))
        assert fold(folded) == folded


@given(st.text(st.sampled_from(_LETTERS), min_size=1, max_size=12))
def test_case_makes_no_difference(word: str) -> None:
    upper = word.replace("i", "İ").replace("ı", "I").upper()
    assert lower_turkic(upper) == lower_turkic(word)
    assert fold(lower_turkic(upper)) == fold(lower_turkic(word))


@settings(deadline=None)  # a grammar is spelt out when it is first used
@given(_CODE, _ANY)
def test_a_form_is_found_by_itself(code: str, text: str) -> None:
    analyser = analysis.analyser(code)
    for surface in analyser.surfaces(text):
        form = analyser.form(surface)
        again = analyser.form(form.exact)
        assert (again.exact, again.folded, again.stems) == (form.exact, form.folded, form.stems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("44-day 44 – Day 27-də a_b c/d", "44 day 44 Day 27 də a b c d"),
        ("father's don’t Bakı'nın 'quoted'", "father's don’t Bakı'nın quoted"),
        ("C++ and C# but C+ a#b", "C++ and C# but C a b"),
        ("北京大学 2020年", "北京 京大 大学 2020 年"),
        ("dağ\u00adlar", "dağ\u00adlar"),
    ],
)
def test_words(text: str, words: str) -> None:
    assert [token.surface for token in get("und").tokenise(text)] == words.split()


def test_elision_separates_where_the_language_elides() -> None:
    assert get("fr").surfaces("l'homme qu'il") == ["l", "homme", "qu", "il"]
    assert get("it").surfaces("dell'acqua") == ["dell", "acqua"]
    assert get("en").surfaces("l'homme") == ["l'homme"]
    assert get("uz").surfaces("togʻ oʻtdi") == ["tog'", "o'tdi"]


@pytest.mark.parametrize(
    ("code", "surface", "exact", "folded"),
    [
        ("az", "QIZIL", "qızıl", "qizil"),
        ("az", "İncə", "incə", "ince"),
        ("az", "Xәzәr", "xəzər", "xezer"),
        ("en", "İNCƏ", "incə", "ince"),
        ("en", "Father’s", "father's", "fathers"),
        ("de", "Straße", "straße", "strasse"),
        ("ru", "Ёлкой", "ёлкой", "елкой"),
        ("el", "Ήχος", "ήχος", "ηχοσ"),
        ("ar", "مُوسِيقَى", "مُوسِيقَى", "موسيقي"),
        ("he", "שָׁלוֹם", "שָׁלוֹם", "שלום"),
        ("fa", "۲۰۲۰", "۲۰۲۰", "2020"),
        ("und", "ｊａｚｚ", "ｊａｚｚ", "jazz"),
        ("und", "e\u0301te\u0301", "été", "ete"),
        ("und", "dağ\u00adlar", "dağlar", "daglar"),
        ("hi", "गाड़ी", "गाड़ी", "गाडी"),
    ],
)
def test_forms(code: str, surface: str, exact: str, folded: str) -> None:
    form = analysis.analyser(code).form(surface)
    assert (form.exact, form.folded) == (exact, folded)


def test_words_of_no_known_language_have_the_stems_of_all() -> None:
    form = analysis.undetermined(("az", "en")).form("carpets")
    assert "en:carpet" in form.stems
    assert any(stem.startswith("az:") for stem in form.stems)


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "_REMEMBERED", 10)
    analyser = analysis.Analyser(get("en"))
    for number in range(100):
        assert analyser.form(f"word{number}").exact == f"word{number}"
    assert analyser.remembered <= 10

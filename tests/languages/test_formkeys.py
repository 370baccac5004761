"""The compiled reader of words and the analysers in Python give the same keys."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.languages import analysis, codes, formkeys, get
from search_service.languages.analysis import Analyser
from search_service.languages.base import Form
from search_service.languages.formkeys import form_key, keys_of
from search_service.languages.stop_words import words as split

CORPUS = Path(__file__).parents[2] / "corpus"
_LETTERS = "aəeıioöuüaeiou" + "bcçdfgğhxjkqlmnprsştvyz" * 2
_TURKIC = st.text(st.sampled_from(_LETTERS), min_size=1, max_size=16)
_ENDING = st.sampled_from(
    sorted(split("lar lər ımız dan dən nın da ya acaq əcək mış dir ıb lıq ın ün mak iyor ları"))
)
_CYRILLIC = st.text(st.sampled_from("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ"), max_size=12)
_ENGLISH = st.lists(
    st.sampled_from(
        sorted(split("kh gh zh sh tsch sch tch dzh dj ch y ye yu u ou k ii mm a e o r l 's"))
    )
).map("".join)
_ANY = st.text(
    st.characters(codec="utf-8") | st.sampled_from("İIıiΣσςӘәßÁá'’ʼ`C+#1²½ʃ\u0301\u00adǅ"),
    min_size=1,
    max_size=9,
)
_WORD = (
    _TURKIC
    | st.lists(_TURKIC | _ENDING, min_size=1, max_size=4).map("".join)
    | _CYRILLIC
    | _ENGLISH
    | _ANY
    | st.text("aİ", min_size=95, max_size=99)
)
needs_compiled = pytest.mark.skipif(not formkeys.COMPILED, reason="no compiler at installation")


def read(reads: Analyser, words: list[str]) -> list[str]:
    """What Python reads; a word of nothing that is seen has no form."""
    return keys_of(reads, compiled=False)(words)


@needs_compiled
@settings(deadline=None, max_examples=300)  # a grammar is spelt out when it is first used
@given(st.sampled_from(["az", "tr", "en", "ru", *codes()]), st.lists(_WORD, max_size=9))
def test_both_kinds_give_the_same_keys(code: str, words: list[str]) -> None:
    seen = [word for word in words if analysis.analyser(code).language.surfaces(word) == [word]]
    assert keys_of(Analyser(get(code)), compiled=True)(seen) == read(Analyser(get(code)), seen)


@needs_compiled
@pytest.mark.parametrize("code", ["az", "tr", "en", "ru", "uk", "de"])
def test_words_of_documents_are_read_alike(code: str) -> None:
    text = "\n".join(path.read_text("utf-8", "ignore") for path in CORPUS.rglob("*.[tmrch]*"))
    words = sorted(set(re.findall(r"[^\W\d_](?:[\w'’]*\w)?", text)))
    words += [word.upper() for word in words] + ["".join(p) for p in product("aşky", repeat=4)]
    assert keys_of(Analyser(get(code)), compiled=True)(words) == read(Analyser(get(code)), words)


@needs_compiled
def test_no_word_of_latin_or_russian_letters_is_left_to_python() -> None:
    class Refusing(Analyser):
        def __init__(self, code: str) -> None:
            super().__init__(get(code))

            def refuse(surface: str) -> Form:
                raise AssertionError(surface)

            self.form = refuse

    words = {"az": "Qarabağ’ın Bakıdan İNCƏ", "en": "Khojaly's C++ don't", "ru": "Шушой Ёлка"}
    for code, text in words.items():
        keys_of(Refusing(code), compiled=True)(text.split())


def test_words_of_several_languages_are_read_in_python() -> None:
    reads = analysis.undetermined(("az", "en"))
    assert keys_of(reads)(["carpets"]) == [form_key(reads.form("carpets"), "und")]


def test_control_characters_are_refused() -> None:
    with pytest.raises(ValueError, match="control characters"):
        form_key(Form("a\x1f", "a", (), (), False), "en")

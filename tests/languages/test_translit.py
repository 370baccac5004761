"""Names meet across scripts and romanisations; other words do not."""

from __future__ import annotations

from itertools import combinations

import pytest

from search_service.languages.analysis import analyser
from tests.collisions import collisions


def _keys(word: str) -> set[str]:
    code, surface = word.split(":")
    return set(analyser(code).form(surface).translit)


@pytest.mark.parametrize(
    "names",
    [
        "az:Qarabağ en:Karabakh en:Garabagh en:Qarabagh ru:Карабах tr:Karabağ az:Karabakh",
        "az:Xocalı en:Khojaly ru:Ходжалы",
        "az:Əliyev en:Aliyev ru:Алиев",
        "az:Şuşa en:Shusha ru:Шуша",
        "az:Azərbaycan en:Azerbaijan ru:Азербайджан",
        "az:Heydər en:Heydar ru:Гейдар",
        "az:Gəncə en:Ganja ru:Гянджа",
        "az:Bakı en:Baku ru:Баку az:Бакы tr:Bakü",
        "az:Ağdam en:Aghdam en:Agdam ru:Агдам",
        "az:Füzuli en:Fuzuli ru:Физули",
        "az:Məmmədov en:Mammadov en:Mamedov ru:Мамедов",
        "az:Vaqif en:Vagif ru:Вагиф",
    ],
)
def test_a_name_meets_its_spellings(names: str) -> None:
    first, *others = names.split()
    for other in others:
        assert _keys(first) & _keys(other), other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("az:Qarabağda", "en:Karabakh's"),
        ("az:Bakıya", "ru:Баку"),
        ("az:Qarabağ’ın", "en:Karabakh"),
        ("az:Gəncədən", "ru:Гянджи"),
        ("az:Şuşada", "ru:Шуше"),
        ("ru:Чехова", "en:Chekhov"),
        ("uk:Харкова", "en:Kharkov"),
    ],
)
def test_cases_do_not_part_them(one: str, other: str) -> None:
    assert _keys(one) & _keys(other)


@pytest.mark.parametrize(
    "words",
    [
        "en:cold en:gold en:hold en:bold",
        "en:plan en:plane en:plain",
        "en:house en:goose en:cause",
        "az:qatar az:gedər az:xəbər",
        "az:dağlar az:tağlar az:bağlar",
        "az:kitab az:qutab",
    ],
)
def test_other_words_stay_apart(words: str) -> None:
    for one, other in combinations(words.split(), 2):
        assert not _keys(one) & _keys(other), (one, other)


@pytest.mark.parametrize("word", ["en:the", "en:with", "az:üçün", "en:2020", "en:c++", "zh:北京"])
def test_short_and_common_words_have_no_key(word: str) -> None:
    assert not _keys(word)


def test_collisions_are_counted() -> None:
    form = analyser("az").form
    found = collisions([form(word) for word in ("həll", "hall", "hallar", "qarabağ", "qarabağda")])
    assert found == {"həll": ["hall"], "hall": ["həll"]}

"""Days in texts, and the words by which a day is written otherwise."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.languages.datewords import dates_in, spellings


@pytest.mark.parametrize(
    ("text", "written", "day", "month", "year"),
    [
        ("konsert 27 sentyabr günü", "27 sentyabr", 27, 9, None),
        ("sentyabrın 27-də", "sentyabrın 27", 27, 9, None),
        ("2019-cu il iyunun 5-i", "2019-cu il iyunun 5", 5, 6, 2019),
        ("2019-cu ilin 5 iyununda", "2019-cu ilin 5 iyununda", 5, 6, 2019),
        ("5 İYUN", "5 İYUN", 5, 6, None),
        ("on September 27th, 2020.", "September 27th, 2020", 27, 9, 2020),
        ("the 1st of May", "1st of May", 1, 5, None),
        ("27 сентября 2020 года", "27 сентября 2020", 27, 9, 2020),
        ("12 Ağustos'ta", "12 Ağustos'ta", 12, 8, None),
        ("Eylül'ün 27'sinde", "Eylül'ün 27", 27, 9, None),
        ("27.09.2020", "27.09.2020", 27, 9, 2020),
        ("2020-09-27", "2020-09-27", 27, 9, 2020),
    ],
)
def test_days_are_read(text: str, written: str, day: int, month: int, year: int | None) -> None:
    (found,) = dates_in(text)
    assert text[found.start : found.end] == written
    assert (found.day, found.month, found.year) == (day, month, year)


@pytest.mark.parametrize("text", ["31 iyun", "29.02.2019", "version 1.2.3", "September 2020", "27"])
def test_what_is_no_day_is_not(text: str) -> None:
    assert dates_in(text) == []


@given(st.dates(date(1000, 1, 1)), st.booleans())
def test_every_spelling_is_read_as_its_day(day: date, with_year: bool) -> None:
    year = day.year if with_year else None
    for words in spellings(day.day, day.month, year):
        if not all(word.isdecimal() for word in words):  # 27 09 2020 has its stops in the text
            (found,) = dates_in(" ".join(words).replace(" c", "-c"))
            assert (found.day, found.month) == (day.day, day.month), words
            assert found.year == year, words


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    found = dates_in(text)
    assert all(one.end <= other.start for one, other in pairwise(found))

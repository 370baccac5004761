"""Conditions on language, source, author and date of publication."""

from __future__ import annotations

from datetime import date

import pytest
from whoosh.query import (
    AndNot,
    Every,
    NumericRange,
    Require,
    Term,
)

from tests.query.reading import only, read, words


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

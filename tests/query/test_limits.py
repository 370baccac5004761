"""Whatever is typed is a query, is read in linear time, or is refused with a cure."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.errors import InvalidValue
from tests.query.reading import read, words


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

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search_service.languages import identify, ngrams, wordtable
from search_service.languages.tokens import Words
from search_service.languages.wordtable import open_table, sums_of

LETTERS = st.one_of(
    st.sampled_from("aZçəıİß12٣_ .,-'’ʼ`´‘ʻʹ′＇#+C\u0301\u00ad\u200d½²ªⅷ北京한글ไカ𠀀𝒳𝟙अा"),
    st.characters(),
)
TEXTS = st.lists(st.text(LETTERS, max_size=40), max_size=6)
RULES: dict[str, tuple[Callable[[str], list[str]], Callable[[], Any] | None]] = {
    "joins": (Words().surfaces, None),
    "does not": (Words(joins=False).surfaces, None),
    "elides": (Words(before="l|d").surfaces, None),
    "letters": (identify._WORD.findall, identify._rule),
    "spaces": (str.split, None),
}
needs_compiled = pytest.mark.skipif(not wordtable.COMPILED, reason="no compiler at installation")


@needs_compiled
@pytest.mark.parametrize("rule", RULES)
@given(texts=TEXTS)
@example(
    texts=[
        "C# C++ aC# C#a C+++ C++a C#_ _C# x\u0301C#",
        "don't ʼa' o'ʼb a'1 a’’b",
        "北京a 京",
        "x_y",
    ]
)
def test_both_kinds_find_the_same_words(rule: str, texts: list[str]) -> None:
    surfaces, made = RULES[rule]
    plain = open_table(surfaces, made, compiled=False)
    compiled = open_table(surfaces, made, compiled=True)
    known: list[str] = []
    for text in (*texts, *texts):
        fresh: tuple[list[str], list[str]] = ([], [])
        one, other = plain.read(text, fresh[0]), compiled.read(text, fresh[1])
        assert one.tolist() == other.tolist()
        assert fresh[0] == fresh[1]
        known += fresh[0]
        assert [known[number] for number in one] == surfaces(text)
    assert len(plain) == len(compiled) == len(known)


def test_a_table_grows() -> None:
    table = open_table(Words().surfaces)
    words = [f"w{number}" for number in range(20_000)]
    fresh: list[str] = []
    assert table.read(" ".join(words), fresh).tolist() == list(range(20_000))
    assert fresh == words
    again: list[str] = []
    assert table.read("w19999 w0 w7", again).tolist() == [19_999, 0, 7]
    assert not again


@needs_compiled
def test_sums_are_equal_to_the_last_bit() -> None:
    rng = np.random.default_rng(5)
    rows = rng.normal(-3, 2, (500, 37)).astype(np.float32)
    for count in (0, 1, 2, 7, 8, 9, 200, 3000):
        numbers = rng.integers(0, len(rows), count).astype(np.uint32)
        assert (
            sums_of(rows, numbers, compiled=True) == sums_of(rows, numbers, compiled=False)
        ).all()
    with pytest.raises(ValueError, match="rows"):
        sums_of(rows, np.array([500], np.uint32), compiled=True)


@needs_compiled
@given(st.lists(st.text(LETTERS, max_size=30), min_size=1, max_size=9))
@example(words=["a", "", "Ǆ", "aΣ", "Σ", "I", "i\u0307stanbul'da", "x" * 40])
def test_letters_weigh_the_same(words: list[str]) -> None:
    words = [word.replace("\n", "").encode("utf-8", "ignore").decode() for word in words]
    normal = ngrams.normal(words)
    assert normal == [part for word in words for part in ngrams.normal([word])]
    table = ngrams.tables()["Latn"]
    compiled, plain = (table.scores(normal, compiled=kind) for kind in (True, False))
    assert compiled.tolist() == plain.tolist()

"""Near-duplicates: the same statement is known again, another one is not taken for it."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search_service.passages.near import (
    alike,
    alike_mask,
    alike_pairs,
    alike_pairs_without_compiler,
    signature,
)

TEXT = (
    "The train from the coast leaves at seven and reaches the mountains before noon. Travellers "
    "who sit on the left see the river all the way; those on the right see vineyards, orchards "
    "and, when the air is clear, the snow on the highest peaks. Tea is served after the bridge, "
    "with cherry jam, as it was a hundred years ago."
)
TRANSLATION = (
    "Sahildən gələn qatar saat yeddidə yola düşür və günortaya qədər dağlara çatır. Solda oturan "
    "sərnişinlər bütün yol boyu çayı, sağda oturanlar üzüm bağlarını, meyvə bağlarını və hava "
    "aydın olanda ən hündür zirvələrin qarını görürlər. Körpüdən sonra yüz il əvvəlki kimi albalı "
    "mürəbbəsi ilə çay verilir."
)


def test_small_changes_leave_a_statement_what_it_is() -> None:
    for other in (
        TEXT.upper(),
        TEXT.replace(",", " —"),
        TEXT.replace("a hundred years ago", "one hundred years ago"),
        TEXT + " The end.",
    ):
        assert alike(signature(TEXT), signature(other))


def test_a_translation_and_another_text_are_not_duplicates() -> None:
    assert not alike(signature(TEXT), signature(TRANSLATION))
    assert not alike(signature(TEXT), signature(" ".join(reversed(TEXT.split()))))


def test_a_quotation_inside_a_longer_text_is_no_duplicate() -> None:
    assert not alike(signature(TEXT), signature(TEXT + " " + TRANSLATION))


def test_short_statements_must_be_the_same() -> None:
    assert alike(signature("Dear town, you are free!"), signature("dear town — you are free"))
    assert not alike(signature("Dear town, you are free!"), signature("Dear town, we are back!"))


def test_text_without_words_is_like_nothing() -> None:
    assert signature("— … —") == 0
    assert not alike(0, 0)
    assert not alike(signature("town"), 0)


def test_unrelated_texts_are_hardly_ever_alike() -> None:
    chance = random.Random(3)
    words = [f"w{number}" for number in range(3000)]
    found = np.array(
        [signature(" ".join(chance.choices(words, k=60))) for _ in range(1500)], np.uint64
    )
    assert sum(int(alike_mask(int(one), found).sum()) for one in found) == len(found)


@given(st.text(max_size=200))
def test_a_signature_has_64_bits_and_is_like_itself(text: str) -> None:
    made = signature(text)
    assert 0 <= made < 1 << 64
    assert alike(made, made) == (made != 0)


_LONG = (TEXT, TEXT + " The end.", TRANSLATION)


@given(st.lists(st.sampled_from(range(12)), max_size=12), st.randoms(use_true_random=False))
def test_pairs_are_those_that_are_alike(kinds: list[int], chance: random.Random) -> None:
    bases = [0, signature("town"), signature("two towns by one river"), *map(signature, _LONG)]
    made = []
    for kind in kinds:
        one = bases[kind % len(bases)]
        if kind >= len(bases):
            one ^= sum(1 << bit for bit in chance.sample(range(60), chance.randrange(10)))
        made.append(one)
    assert alike_pairs(made) == alike_pairs_without_compiler(made)
    assert alike_pairs(made) == [
        (i, j)
        for i in range(len(made))
        for j in range(i + 1, len(made))
        if alike(made[i], made[j]) and alike(made[j], made[i])
    ]


def test_scripts_without_spaces_have_shingles_too() -> None:
    text = "白鹳每年春天回到同一个屋顶，修补旧巢，孩子们在树下等候，老人们在门前喝茶聊天。"
    assert alike(signature(text), signature(text.replace("。", "！")))
    assert not alike(signature(text), signature(text[::-1]))

"""Where documents are cut: borders, sizes, lists, headings, and that edits stay local."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.model import Block, BlockKind, Extract, Metadata, Passage
from search_service.passages.cutting import cut
from search_service.passages.units import words

H, P, L, Q, V, C, T = (
    BlockKind.HEADING,
    BlockKind.PARAGRAPH,
    BlockKind.ITEM,
    BlockKind.QUOTE,
    BlockKind.VERSE,
    BlockKind.CODE,
    BlockKind.TABLE,
)


def by_letters(
    texts: Sequence[str], blocks: Sequence[int], declared: Sequence[str | None]
) -> list[str]:
    """Azerbaijani if it has its letter, as an identifier that makes no mistakes in these tests."""
    return ["az" if "ə" in text else "en" for text in texts]


def extract(
    *parts: tuple[BlockKind, str] | tuple[BlockKind, str, int], gap: str = "\n\n"
) -> Extract:
    text = ""
    blocks = []
    for kind, words_, *level in parts:
        text += gap if text else ""
        blocks.append(Block(len(text), len(text) + len(words_), kind, level[0] if level else 0))
        text += words_
    return Extract(text, tuple(blocks), Metadata())


def shown(source: Extract) -> list[str]:
    return [source.text[p.start : p.end] for p in cut(source, by_letters)]


def sentence(number: int, length: int) -> str:
    return f"Sentence{number} " + " ".join(f"w{number}x{at}" for at in range(length - 2)) + " end."


def prose(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    return [sentence(seed * 1000 + at, chance.randint(5, 30)) for at in range(count)]


def test_a_heading_is_context_and_never_text() -> None:
    source = extract((H, "Birds", 1), (H, "Storks", 2), (P, "They come in March."), (H, "Owls", 2))
    first, last = cut(source, by_letters)
    path = [source.text[s:e] for s, e in first.headings]
    assert path == ["Birds", "Storks"]
    assert source.text[first.start : first.end] == "They come in March."
    assert source.text[last.start : last.end] == "Owls"
    assert [source.text[s:e] for s, e in last.headings] == ["Birds"]


def test_headings_without_any_text_are_passages_once() -> None:
    assert shown(extract((H, "A", 1), (H, "B", 2), (H, "C", 1), (H, "D", 1))) == ["B", "C", "D"]


def test_short_paragraphs_are_put_together_and_full_ones_are_not() -> None:
    source = extract(
        (P, sentence(1, 10)), (P, sentence(2, 10)), (P, sentence(3, 60)), (P, sentence(4, 60))
    )
    assert [words(text) for text in shown(source)] == [80, 60]


def test_sentences_that_are_items_are_passages_with_their_lead_in() -> None:
    source = extract(
        (P, "The weavers met. The museum told of its year:"),
        (L, "Forty carpets were washed in the spring.", 1),
        (L, "The loom from Quba is at work again.", 1),
        (P, "Come and see."),
    )
    passages = cut(source, by_letters)
    assert len(passages) == 4
    for item in passages[1:3]:
        assert item.lead_in is not None
        assert source.text[slice(*item.lead_in)] == "The museum told of its year:"
    assert passages[0].lead_in is passages[3].lead_in is None


def test_what_is_no_sentence_introduces_nothing() -> None:
    source = extract((P, "tar xf archive"), (L, "It takes the archive apart.", 1))
    assert [passage.lead_in for passage in cut(source, by_letters)] == [None, None]


def test_a_line_without_a_full_stop_stays_with_what_follows() -> None:
    source = extract(
        *(part for at in range(6) for part in ((P, f"The pot {at}"), (P, sentence(at, 60))))
    )
    texts = shown(source)
    assert len(texts) == 6
    assert all(text.startswith("The pot") for text in texts)


def test_a_quotation_introduces_only_by_a_colon() -> None:
    for quote, introduces in (("He came. More is told elsewhere.", False), ("He said:", True)):
        source = extract((Q, quote), (L, "The loom is at work again.", 1))
        assert [p.lead_in is not None for p in cut(source, by_letters)] == [False, introduces]


def test_fragments_of_a_list_are_put_together_and_cut_between_items() -> None:
    items = [f"item {at} of the shopping list" for at in range(60)]
    source = extract((P, "Buy:"), *((L, item, 1) for item in items))
    passages = cut(source, by_letters)
    assert all(40 <= words(text) <= 150 for text in shown(source))
    for passage in passages[1:]:
        assert source.text[passage.start :].startswith("item ")
        assert passage.lead_in == (0, 4)


def test_an_item_introduces_the_items_below_it() -> None:
    source = extract(
        (P, "The orchestra has these:"),
        (L, "strings:", 1),
        (L, "The tar is plucked with a plectrum.", 2),
        (L, "wind:", 1),
        (L, "The balaban is made of apricot wood.", 2),
    )
    lead_ins = [source.text[slice(*p.lead_in)] for p in cut(source, by_letters) if p.lead_in]
    assert lead_ins == ["strings:", "The orchestra has these:", "wind:"]


def test_a_line_that_introduces_stays_with_what_it_introduces() -> None:
    source = extract((P, sentence(1, 45)), (P, "She said:"), (Q, sentence(2, 45)))
    assert shown(source)[-1].startswith("She said:")


def test_the_lines_of_a_dialogue_stay_together() -> None:
    lines = [f"- Is it the train number {at}?" for at in range(5)]
    source = extract((P, sentence(1, 45)), *((P, line) for line in lines), (P, sentence(2, 45)))
    assert any(all(line in found for line in lines) for found in shown(source))


def test_a_change_of_language_starts_a_passage() -> None:
    source = extract((P, "It is late. Gecədir. Evə gedək. So they left."))
    assert shown(source) == ["It is late.", "Gecədir. Evə gedək.", "So they left."]


def test_a_page_starts_a_passage_but_a_sentence_is_kept_whole() -> None:
    text = "One. Two begins here and goes on. Three."
    source = Extract(text, (Block(0, len(text), P),), Metadata(), page_starts=(0, 10))
    assert [(text[p.start : p.end], p.page) for p in cut(source, by_letters)] == [
        ("One. Two begins here and goes on.", 1),
        ("Three.", 2),
    ]


def test_stanzas_are_kept() -> None:
    stanza = "\n".join(f"a line of verse with some nine words {at}" for at in range(10))
    source = extract((V, "\n\n".join([stanza.replace("verse", f"verse{n}") for n in range(3)])))
    assert shown(source) == source.text.split("\n\n")


@pytest.mark.parametrize("mark", [", ", " ", ""])
def test_a_monster_of_a_sentence_is_cut(mark: str) -> None:
    source = extract((P, mark.join(f"word{at}" for at in range(3000))))
    texts = shown(source)
    assert all(words(text) <= 260 for text in texts)
    assert "".join("".join(texts).split()) == "".join(source.text.split())


KINDS = st.sampled_from([H, P, L, Q, V, C, T])
TEXTS = st.text(alphabet="aəB. !?:\n…»”1。", max_size=60).filter(str.strip)


@given(st.lists(st.tuples(KINDS, TEXTS, st.integers(1, 3)), max_size=12), st.data())
@settings(max_examples=200, deadline=None)
def test_every_character_is_in_one_passage_or_in_a_heading_path(
    parts: list[tuple[BlockKind, str, int]], data: st.DataObject
) -> None:
    source = extract(*parts)
    starts = data.draw(st.lists(st.integers(1, max(1, len(source.text))), max_size=3, unique=True))
    source = Extract(source.text, source.blocks, Metadata(), page_starts=(0, *sorted(starts)))
    passages = cut(source, by_letters)
    seen = [0] * len(source.text)
    paths: set[tuple[int, int]] = set()
    for ordinal, passage in enumerate(passages):
        assert passage.ordinal == ordinal
        assert source.text[passage.start : passage.end].strip()
        for at in range(passage.start, passage.end):
            seen[at] += 1
        paths.update(passage.headings)
    for start, end in paths:
        for at in range(start, end):
            seen[at] += 1
    assert all(
        count == 1 for count, letter in zip(seen, source.text, strict=True) if letter.strip()
    )
    assert all(one.end <= other.start for one, other in pairwise(passages))
    assert len({passage.anchor for passage in passages}) == len(passages)


@given(st.lists(st.integers(1, 248), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_sentences_are_never_cut_if_they_fit(lengths: list[int]) -> None:
    text = " ".join(sentence(at, length + 2) for at, length in enumerate(lengths))
    source = Extract(text, (Block(0, len(text), P),), Metadata())
    for found in shown(source):
        assert found.startswith("Sentence")
        assert found.endswith("end.")
        assert words(found) <= 251


def _texts(paragraphs: list[list[str]]) -> list[str]:
    return shown(extract(*((P, " ".join(paragraph)) for paragraph in paragraphs)))


@pytest.mark.parametrize("shape", [(40, 12), (150, 3), (1, 500), (250, 1)])
def test_an_added_sentence_changes_hardly_any_other_passage(shape: tuple[int, int]) -> None:
    """Packed greedily, a tenth of the untouched passages changes."""
    count, length = shape
    chance = random.Random(7)
    paragraphs = [prose(number, length) for number in range(1, count + 1)]
    before = set(_texts(paragraphs))
    changed = 0
    tries = 8
    for attempt in range(tries):
        where = chance.randrange(count)
        edited = [list(paragraph) for paragraph in paragraphs]
        edited[where].insert(chance.randrange(length + 1), sentence(900_000 + attempt, 14))
        lost = before - set(_texts(edited))
        # One or two passages are at the place itself: they are touched, the others are not.
        changed += max(0, len(lost) - 2)
    assert changed / (tries * len(before)) < 0.01


def test_a_document_of_equal_sentences_is_cut_in_good_time() -> None:
    text = "Same. " * 30_000
    began = time.process_time()
    passages: tuple[Passage, ...] = cut(
        Extract(text, (Block(0, len(text), P),), Metadata()), by_letters
    )
    assert time.process_time() - began < 3
    assert len({passage.anchor for passage in passages}) == len(passages)


@pytest.mark.parametrize("word", ["o", "ab", "kol"])
def test_a_monster_of_short_words_is_cut_too(word: str) -> None:
    sizes = [words(text) for text in shown(extract((P, " ".join([word] * 900) + ".")))]
    assert sum(sizes) == 900
    assert max(sizes) <= 250

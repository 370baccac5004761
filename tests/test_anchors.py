"""Links to sentences: they survive edits elsewhere and other cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.model import Block, BlockKind, Document, Extract, Metadata, Passage
from search_service.passages import anchors, cutting
from search_service.passages.anchors import Resolved, resolve


def english(
    texts: Sequence[str], blocks: Sequence[int], declared: Sequence[str | None]
) -> list[str]:
    return ["en"] * len(texts)


def document(*paragraphs: str) -> Document:
    text = "\n\n".join(paragraphs)
    blocks = []
    at = 0
    for paragraph in paragraphs:
        blocks.append(Block(at, at + len(paragraph), BlockKind.PARAGRAPH))
        at += len(paragraph) + 2
    extract = Extract(text, tuple(blocks), Metadata())
    cut = cutting.cut(extract, english)
    return Document("d", "d.txt", "", "text", text, Metadata(), extract.blocks, cut, ("en",))


def line(number: int, words: int = 12) -> str:
    return " ".join(f"Word{number}x{at}" for at in range(words)) + "."


def shown(source: Document, found: Resolved | None) -> str:
    assert found is not None
    passage = source.passages[found.ordinal]
    return source.text[passage.start : passage.end]


def prose(count: int, first: int = 0) -> str:
    return " ".join(line(first + at) for at in range(count))


def test_a_name_is_short_and_has_no_letters_that_look_alike() -> None:
    name = anchors.name("The loom stands by the window.")
    assert len(name) == 8
    assert not set(name) & set("ilou")


@pytest.mark.parametrize(
    "other",
    ["The  weaver's loom\nstands.", "The weaver’s loom stands.", "The weaver\u00adʼs loom stands."],
)
def test_white_space_and_quotes_do_not_change_a_name(other: str) -> None:
    assert anchors.name(other) == anchors.name("The weaver's loom stands.")


def test_case_and_words_change_a_name() -> None:
    names = {anchors.name(text) for text in ("It rains.", "It rains!", "it rains.", "It pours.")}
    assert len(names) == 4


def test_every_passage_is_found_by_its_own_anchor() -> None:
    source = document(*(prose(20, 100 * at) for at in range(5)))
    assert len(source.passages) > 10
    for passage in source.passages:
        assert resolve(source, passage.anchor) == Resolved(passage.ordinal, exact=True)


def test_three_sentences_above_break_no_link() -> None:
    before = document(*(prose(20, 100 * at) for at in range(5)))
    after = document(prose(3, 900), *(prose(20, 100 * at) for at in range(5)))
    for passage in before.passages:
        first = before.text[passage.start : before.text.index(".", passage.start) + 1]
        assert first in shown(after, resolve(after, passage.anchor))


def test_a_sentence_that_no_longer_begins_a_passage_is_found_in_it() -> None:
    source = document(prose(4))
    second = anchors.name(line(1))
    assert resolve(source, second) == Resolved(0, exact=False)


def test_repeated_sentences_have_links_of_their_own() -> None:
    song = "Come, let us sing together."
    source = document(song, prose(10), song, prose(10, 50), song)
    names = [anchors.name(song) + end for end in ("", "-2", "-3")]
    found = [resolve(source, name) for name in names]
    places = [source.text.index(song), source.text.index(song, 40), source.text.rindex(song)]
    for place, where in zip(places, found, strict=True):
        assert where is not None
        passage = source.passages[where.ordinal]
        assert passage.start <= place < passage.end
    assert resolve(source, anchors.name(song) + "-7") == found[-1]


def test_what_is_gone_is_not_found() -> None:
    source = document(prose(4))
    for anchor in (anchors.name("It was another text."), "", "-", "x-y", "é" * 50):
        assert resolve(source, anchor) is None


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_any_other_cut_keeps_every_link(numbers: list[int], width: int) -> None:
    """Passages of another size, as another version would cut them, hold the same sentences."""
    source = document(" ".join(line(number) for number in numbers))
    recut: list[Passage] = []
    start = 0
    while start < len(source.text):
        end = source.text.find(". ", start + width)
        end = len(source.text) if end < 0 else end + 1
        recut.append(Passage(len(recut), start, end, "en", anchor=f"recut{len(recut)}"))
        start = end + 1
    moved = replace(source, passages=tuple(recut))
    for passage in source.passages:
        found = resolve(moved, passage.anchor)
        assert found is not None
        assert recut[found.ordinal].start <= passage.start < recut[found.ordinal].end

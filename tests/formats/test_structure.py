"""Paragraphs, items, verse and headings of text without markup."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from search_service.formats.builder import clean
from search_service.formats.structure import structure
from search_service.model import BlockKind

H, P, I, V = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.VERSE  # noqa: E741

WRAPPED = (
    "The train leaves Baku in the evening and follows the shore until the lights\n"
    "of the last platform are gone. Then the steppe begins, and for a long time\n"
    "there is nothing in the window but the moon."
)


def kinds(text: str) -> list[tuple[BlockKind, str]]:
    tidy, blocks = structure(text, titled=True)
    return [(block.kind, tidy[block.start : block.end]) for block in blocks]


def test_a_hard_wrapped_paragraph_is_one_block_with_its_line_ends() -> None:
    assert kinds(f"{WRAPPED}\n\n{WRAPPED}") == [(P, WRAPPED), (P, WRAPPED)]


def test_lines_wider_than_any_wrap_are_paragraphs_each() -> None:
    line = "A loom stands by the window, and the weaver counts the knots aloud. " * 3
    assert kinds(f"{line}\n{line}") == [(P, line.strip()), (P, line.strip())]


def test_a_tab_begins_a_paragraph() -> None:
    line = "The caravan rested at the well until the heat had gone out of the sand, " * 3
    assert [kind for kind, _ in kinds(f"\t{line}\n\t{line}\n\t{line}")] == [P, P, P]
    assert [kind for kind, _ in kinds(f"\t{WRAPPED}\n\t{WRAPPED}")] == [P, P]


def test_items_have_their_depth_and_keep_their_wrapped_lines() -> None:
    text = (
        "Bring:\n\n- a rope that is long enough to reach from the ledge down to the\n"
        "  stream;\n- food:\n    • bread\n    • cheese\n2) a lamp\n(3) a map"
    )
    tidy, blocks = structure(text, titled=True)
    assert [(b.kind, b.level) for b in blocks] == [
        (P, 0), (I, 1), (I, 1), (I, 2), (I, 2), (I, 1), (I, 1),
    ]  # fmt: skip
    assert tidy[blocks[1].start : blocks[1].end].endswith("stream;")


def test_verse_is_neither_headings_nor_paragraphs() -> None:
    poem = "Apples red and apples green,\nthe sweetest I have ever seen,\nhang above the water."
    assert kinds(f"{poem}\n\n{poem}") == [(V, poem), (V, poem)]


def test_a_paragraph_under_the_text_of_an_item_belongs_to_it() -> None:
    text = (
        "1. Wash the wool.\n\n   Turn it twice.\n\n2. Dry it.\n\n    Then the weaver came.\n\nGood."
    )
    item = "1. Wash the wool.\n\n   Turn it twice."
    after = [(P, "Then the weaver came."), (P, "Good.")]
    assert kinds(text) == [(I, item), (I, "2. Dry it."), *after]


def test_a_poem_alone_is_verse_though_its_lines_are_as_long_as_each_other() -> None:
    poem = (
        "The river goes down to the sea at dawn,\nThe sea goes up to the sky at night,\n"
        "The moon has put its slippers on,\nAnd nobody knows who was right."
    )
    assert kinds(f"{poem}\n\n{poem}") == [(V, poem), (V, poem)]


def test_indented_lines_that_are_sentences_are_paragraphs_however_short() -> None:
    for line in ("The old bridge was built.", "It took them seven summers and a winter to build."):
        assert kinds(f"\t{line}\n\t{line}\n\t{line}\n\t{line}") == [(P, line)] * 4


def test_dialogue_with_dashes_is_no_list() -> None:
    text = "— Where does the road go?\n\n— To the pass, and over it."
    assert [kind for kind, _ in kinds(text)] == [P, P]


def test_an_answer_is_no_part_of_a_question_that_fills_its_line() -> None:
    asked = "— Does the road that goes up behind the mill lead to the pass, or only to the wood?"
    assert kinds(f"{asked}\n— To the pass.") == [(P, asked), (P, "— To the pass.")]
    (one,) = kinds(f"{asked}\n— asked the boy with the lamp.")
    assert one[0] is P


def test_headings_are_underlined_in_capitals_or_numbered_chapters() -> None:
    text = f"Looms\n=====\n\n{WRAPPED}\n\nTHE RED OF MADDER\n\n{WRAPPED}\n\nII fəsil\n\n{WRAPPED}"
    assert kinds(text) == [
        (H, "Looms"), (P, WRAPPED), (H, "THE RED OF MADDER"), (P, WRAPPED), (H, "II fəsil"),
        (P, WRAPPED),
    ]  # fmt: skip


def test_short_lines_with_a_full_stop_or_an_exclamation_are_no_headings() -> None:
    text = f"THE SEALS ARE BACK!\n\n{WRAPPED}\n\nDear river, hello.\n\n{WRAPPED}"
    assert H not in [kind for kind, _ in kinds(text)]


def test_rows_of_cells_are_a_table() -> None:
    text = "green\t3\nblack\t7"
    assert kinds(text) == [(BlockKind.TABLE, text)]
    drawn = "+-----+---+\n| tea | 3 |\n+-----+---+"
    assert kinds(drawn) == [(BlockKind.TABLE, drawn)]


@given(st.text(alphabet="aB. \t\n-•1=>|ə", max_size=300))
def test_blocks_cover_all_but_white_space(text: str) -> None:
    tidy, blocks = structure(text)
    assert len(tidy.split("\n")) == len(text.split("\n"))
    at = 0
    for block in blocks:
        assert at <= block.start < block.end <= len(tidy)
        assert not tidy[at : block.start].strip()
        at = block.end
    assert not tidy[at:].strip()


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_time_grows_with_length_alone() -> None:
    """Sixteen times the text may take sixty times as long, for noise: quadratic would be 256."""
    samples = [
        "x" * 2_000,
        "a b " * 500,
        "- a\n" * 500,
        "  " * 1_000,
        "\n" * 2_000,
        "=" * 2_000,
        "((((1. " * 300,
        "- " * 1_000,
        "AB\n\n" * 500,
        "> " * 1_000,
        "\t|" * 1_000,
    ]
    for sample in samples:
        # Processor time, the best of several: others use this machine too.
        once = min(seconds(sample) for _ in range(5))
        many = min(seconds(sample * 16) for _ in range(3))
        assert many < 60 * max(once, 0.001), sample[:10]


def seconds(text: str) -> float:
    begin = time.process_time()
    structure(text)
    return time.process_time() - begin

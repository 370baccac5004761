"""Printed lines become paragraphs: running heads, hyphens, columns, indents."""

from __future__ import annotations

from search_service.formats.builder import Builder
from search_service.formats.layout import HYPHEN, PrintedLine, add_pages
from search_service.model import BlockKind, Extract, Metadata
from search_service.passages.cutting import cut

WIDTH = 300.0


def printed(*texts: str, left: float = 50, top: float = 700, size: float = 10) -> list[PrintedLine]:
    """Lines below each other, all but a last one as wide as the column."""
    lines = []
    for number, text in enumerate(texts):
        right = left + (WIDTH if len(text) > 30 else len(text) * 5)
        lines.append(PrintedLine(text, left, right, top - 14 * number, size))
    return lines


def read(*pages: list[PrintedLine]) -> Extract:
    builder = Builder()
    add_pages(builder, pages)
    return builder.extract(Metadata())


def texts(extract: Extract) -> list[str]:
    return [extract.text[block.start : block.end] for block in extract.blocks]


BODY = (
    "The river runs slowly here between the reeds and",
    "the old mill, and nobody has ever counted all the",
    "herons that stand in it.",
)
WHOLE = " ".join(BODY)


def test_lines_become_paragraphs() -> None:
    lines = printed(*BODY, "Another day the miller came down to the bank and", "sat there.")
    assert texts(read(lines)) == [
        WHOLE,
        "Another day the miller came down to the bank and sat there.",
    ]


def test_running_heads_and_page_numbers_go() -> None:
    pages = [
        [
            *printed(f"The Mill · chapter {number}" if number % 2 else "By the river", top=760),
            *printed(*BODY),
            *printed(str(number + 9), top=30),
        ]
        for number in range(1, 7)
    ]
    extract = read(*pages)
    assert texts(extract) == [WHOLE] * 6
    assert [extract.text[at:].startswith(WHOLE) for at in extract.page_starts] == [True] * 6


def test_what_stands_at_the_edge_of_one_page_stays() -> None:
    extract = read(printed("A line of its own.", *BODY), printed("Another one here.", *BODY))
    assert "A line of its own." in extract.text


def test_a_page_without_text_begins_where_the_next_text_does() -> None:
    extract = read(printed(*BODY), [], printed(*BODY))
    assert extract.page_starts == (0, len(WHOLE) + 2, len(WHOLE) + 2)


def test_hyphens_at_line_ends_go_and_those_of_words_stay() -> None:
    extract = read(
        printed(
            f"A well-known heron, and with it twenty more, stan{HYPHEN}",
            f"ding by the mill, and one that is really well{HYPHEN}",
            f"known, hatched in the spring of the year 2020{HYPHEN}",
            "ci il or so, in the nest of an old Anglo-",
            "Saxon heron.",
        )
    )
    assert extract.text == (
        "A well-known heron, and with it twenty more, standing by the mill, and one that is really"
        " well-known, hatched in the spring of the year 2020-ci il or so, in the nest of an old"
        " Anglo-Saxon heron."
    )


def test_a_word_broken_over_two_pages_is_whole_on_the_first() -> None:
    extract = read(
        printed(*BODY[:2], f"herons that stand in the shadow of the bro{HYPHEN}"),
        printed("ken wheel, where the water is deep and green all", "the year."),
    )
    first, second = (extract.text[at:] for at in extract.page_starts)
    assert first.startswith(BODY[0])
    assert "in the shadow of the broken wheel" in first
    assert second.startswith("wheel, where")


def test_a_sentence_goes_on_over_the_page() -> None:
    extract = read(
        printed(*BODY[:2]), printed(BODY[2], "Then it leaves."), printed("It ends", "here.")
    )
    assert texts(extract)[0].startswith(WHOLE)
    assert [extract.text[at:].split()[0] for at in extract.page_starts] == ["The", "herons", "It"]
    passages = cut(extract, lambda texts, blocks, declared: ["en"] * len(texts))
    assert extract.text[passages[0].start : passages[0].end] == WHOLE
    assert [p.page for p in passages] == [1, 2, 3]
    heading = printed("The Mill", size=14)
    for first, then in ((printed(*BODY), BODY[2]), (printed(BODY[1]), "Then"), (heading, "then")):
        assert len(texts(read(first, printed(then)))) == 2


def test_two_columns_do_not_run_into_each_other() -> None:
    left = printed(
        *BODY[:2], "herons. Nobody ever will count them all, they say.", *BODY[:2], "end."
    )
    right = printed("The mill was built when my grandfather was young,", "and burnt.", left=400)
    assert texts(read([*left, *right])) == [
        f"{BODY[0]} {BODY[1]} {left[2].text} {BODY[0]} {BODY[1]} end.",
        "The mill was built when my grandfather was young, and burnt.",
    ]


def test_larger_lines_are_headings_by_size() -> None:
    extract = read(
        [
            *printed("The Mill", size=20, top=760),
            *printed("A river", size=14, top=730),
            *printed(*BODY),
        ]
    )
    assert [(block.kind, block.level) for block in extract.blocks] == [
        (BlockKind.HEADING, 1),
        (BlockKind.HEADING, 2),
        (BlockKind.PARAGRAPH, 0),
    ]


def test_bullets_are_items() -> None:
    extract = read(
        printed("• a rope that reaches from the ledge to the stream,", "and back;", "• bread.")
    )
    assert [block.kind for block in extract.blocks] == [BlockKind.ITEM] * 2

"""A document as HTML says its text, once and in order, whatever its blocks, passages and marks."""

from __future__ import annotations

import re

import html5lib
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from search_service.model import Block, BlockKind, Document, Match, Metadata, Passage, Rung, Sourced
from search_service.web.rendering import Labels, Rendering

UNHURRIED = examples(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A laden machine is no defect."""

LABELS = Labels(lambda n: f"passage {n}", lambda n: f"page {n}", lambda n: f"/original#page={n}")


def _document(parts: list[tuple[BlockKind, int, str]], cuts: set[int], title: str = "") -> Document:
    """A document of these blocks; passages are cut at block borders and at `cuts`."""
    text, blocks, passages = "", [], []
    for kind, level, words in parts:
        start = len(text)
        text += words + "\n\n"
        blocks.append(Block(start, start + len(words), kind, level))
        if kind is BlockKind.HEADING:
            continue
        inside = sorted({start, *(c for c in cuts if start < c < start + len(words))})
        ends = [*inside[1:], start + len(words)]
        passages += [
            Passage(0, low, high, ("en", "az", "ar")[low % 3], f"a{low}")
            for low, high in zip(inside, ends, strict=True)
        ]
    numbered = tuple(
        Passage(n, p.start, p.end, p.language, p.anchor) for n, p in enumerate(passages)
    )
    return Document(
        id="d",
        path="d.txt",
        key="",
        format="text",
        text=text,
        metadata=Metadata(title=Sourced(title, "test") if title else None),
        blocks=tuple(blocks),
        passages=numbered,
        languages=("en",),
        page_starts=(0, len(text) // 2),
    )


_WORDS = st.text("ab <>&\"'İşж\n", min_size=1, max_size=40).filter(str.strip)
_PARTS = st.lists(
    st.tuples(st.sampled_from(BlockKind), st.integers(0, 4), _WORDS), min_size=1, max_size=8
)


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)


@UNHURRIED
@given(_PARTS, st.sets(st.integers(0, 200)), st.lists(st.integers(0, 200), max_size=6))
def test_every_letter_once_and_in_order(
    parts: list[tuple[BlockKind, int, str]], cuts: set[int], marks: list[int]
) -> None:
    document = _document(parts, cuts)
    size = len(document.text)
    matches = [
        Match(start, min(size, start + 3), Rung(start % 5), "", "")
        for start in sorted({m - m % 4 for m in marks if m - m % 4 + 3 <= size})
    ]
    target = len(document.passages) - 1 if document.passages else None
    rendering = Rendering(document, matches, LABELS, target)
    tree = html5lib.parseFragment(rendering.html(), namespaceHTMLElements=False)
    for element in list(tree.iter()):
        if element.get("class") == "page":
            for child in list(element):
                element.remove(child)
            element.text = ""
    assert _letters("".join(tree.itertext())) == _letters(document.text)
    assert html5lib.HTMLParser(strict=True).parseFragment(rendering.html()) is not None
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    anchors = {f"p-{passage.anchor}" for passage in document.passages}
    assert anchors <= set(ids)


@UNHURRIED
@given(_PARTS)
def test_headings_leave_no_level_out(parts: list[tuple[BlockKind, int, str]]) -> None:
    html = Rendering(_document(parts, set()), [], LABELS).html()
    before = 1
    for level in map(int, re.findall(r"<h([1-6])", html)):
        assert 2 <= level <= before + 1
        before = level


def test_a_match_is_marked_by_its_rung_and_numbered() -> None:
    document = _document([(BlockKind.PARAGRAPH, 0, "old bridges and a bridge")], set())
    matches = [
        Match(4, 11, Rung.STEM, "bridges", "bridge"),
        Match(18, 24, Rung.EXACT, "bridge", "bridge"),
    ]
    html = Rendering(document, matches, LABELS).html()
    assert '<mark id="m1" class="stem">bridges</mark>' in html
    assert '<mark id="m2">bridge</mark>' in html


def test_another_language_is_named_and_turned() -> None:
    document = _document([(BlockKind.PARAGRAPH, 0, "xx"), (BlockKind.QUOTE, 0, "الشاي")], set())
    arabic = Passage(1, document.blocks[1].start, document.blocks[1].end, "ar", "q")
    document = Document(
        **{
            **{name: getattr(document, name) for name in Document.__slots__},
            "passages": (document.passages[0], arabic),
        }
    )
    html = Rendering(document, [], LABELS).html()
    assert '<blockquote><p lang="ar" dir="rtl">' in html


def test_a_title_that_begins_the_text_is_not_said_twice() -> None:
    parts = [(BlockKind.HEADING, 1, "On tea"), (BlockKind.PARAGRAPH, 0, "It is hot.")]
    rendering = Rendering(_document(parts, set(), "On  tea"), [], LABELS)
    assert rendering.title() == "On tea"
    assert "On tea" not in rendering.html()
    assert rendering.outline() == []


def test_an_outline_leaves_out_what_leads_to_a_page() -> None:
    parts = [
        (BlockKind.HEADING, 1, "2 Wool . . . . . . . . 14"),
        (BlockKind.HEADING, 1, "And so ..."),
    ]
    outline = Rendering(
        _document([*parts, (BlockKind.PARAGRAPH, 0, "x")], set()), [], LABELS
    ).outline()
    assert [each.text for each in outline] == ["2 Wool", "And so ..."]

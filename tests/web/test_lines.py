"""Lines of what is shown: those of verse and lists stay, those of a wrapped file do not."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from search_service.model import Block, BlockKind
from search_service.web.lines import set_lines

ITEM = '<i class="item"></i>'


def _set(text: str, *kinds: BlockKind, start: int = 40, html: str = "") -> str:
    """The text with blocks of these kinds, which the empty lines part."""
    blocks, at = [], start
    for part, kind in zip(re.split(r"\n\n|(?<=;)\n", text), kinds, strict=True):
        at = start + text.index(part)
        blocks.append(Block(at, at + len(part), kind))
    return set_lines(html or text, text, start, blocks)


def test_verse_keeps_its_lines() -> None:
    poem = "One line,\nand another.\n\nA stanza."
    assert _set(poem, BlockKind.VERSE, BlockKind.VERSE) == "One line,\nand another.\nA stanza."


def test_a_wrapped_paragraph_is_set_anew() -> None:
    text = "A file that was\nwrapped.\n\nThe next\n  one."
    kinds = BlockKind.PARAGRAPH, BlockKind.PARAGRAPH
    assert _set(text, *kinds) == "A file that was wrapped.\nThe next   one."


def test_items_have_a_line_and_a_sign() -> None:
    kinds = BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ITEM
    assert _set("Take:\n\nsalt;\nbread.", *kinds) == f"Take:\n{ITEM}salt;\n{ITEM}bread."
    assert _set("Take:\n\n- salt;\n2. bread.", *kinds) == "Take:\n- salt;\n2. bread."


def test_marks_stay_where_they_are() -> None:
    marked = "salt <mark>and;\npepper</mark>"
    kinds = BlockKind.ITEM, BlockKind.ITEM
    shown = _set("salt and;\npepper", *kinds, html=marked)
    assert shown == f"{ITEM}salt <mark>and;\n{ITEM}pepper</mark>"
    cut = _set("salt and;\npepper", *kinds, html=f"… {marked}")
    assert cut == f"… salt <mark>and;\n{ITEM}pepper</mark>"


def test_one_line_is_left_as_it_is() -> None:
    assert _set("salt", BlockKind.ITEM) == "salt"


@pytest.mark.parametrize("address", ["/search?q=ulduz", "/search?q=الهيل"])
def test_snippets_have_the_letters_of_the_passage(client: FlaskClient, address: str) -> None:
    shown = client.get(address).get_data(as_text=True)
    text = re.findall(r'<p class="text[^>]*>(.*?)</p>', shown, re.DOTALL)[0]
    hit = client.get(address.replace("/search", "/api/v1/search")).get_json()["hits"][0]
    assert text.count("\n") == hit["passages"][0]["snippet"].count("\n") > 1
    assert text.replace(ITEM, "") == hit["passages"][0]["snippet"]


def test_lines_are_seen_and_copied(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=الهيل")
    text = page.locator(".passage .text").first
    lines = text.evaluate("e => e.innerText").split("\n")
    assert len(lines) == 3
    assert not any(line.startswith("–") for line in lines)
    sign = "e => getComputedStyle(e.querySelector('.item'), '::before').content"
    assert "–" in text.evaluate(sign)

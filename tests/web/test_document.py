"""The document page in a real browser: marks, the strip, the bar, the citation."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from search_service.indexer.running import run
from search_service.settings import Settings
from search_service.web import create_app
from tests.web.conftest import serving

TICKS = """() => [...document.querySelectorAll('.strip rect')].map((tick) => {
  const mark = document.getElementById('m' + tick.dataset.match).getBoundingClientRect();
  const page = document.documentElement.scrollHeight;
  const box = tick.getBoundingClientRect();
  const [lies, ought] = [(box.top + box.bottom) / 2 / innerHeight,
                         ((mark.top + mark.bottom) / 2 + scrollY) / page];
  return Math.abs(lies - ought) * innerHeight;
})"""
"""How many pixels each tick lies away from where its match does on the page."""
FILL = """(mark) => {
  const style = getComputedStyle(mark);
  const line = getComputedStyle(mark.closest('h1, h2, p')).lineHeight;
  return {
    high: parseFloat(style.backgroundSize.split(' ')[1]), line: parseFloat(line),
    plain: style.backgroundColor, beside: style.paddingLeft + style.marginLeft,
  };
}"""

LINES = """(all) => all.map((each) =>
  new Set([...each.getClientRects()].map((box) => Math.round(box.top))).size)"""
"""On how many lines each element stands."""


def _open(page: Page, address: str, query: str) -> None:
    page.goto(f"{address}/search?q={query}")
    page.locator(".hit .open, .hit h2 a").first.click()
    page.wait_for_url("**/doc/**")


def test_each_tick_lies_where_its_match_does(page: Page, address: str) -> None:
    _open(page, address, "bridge")
    for width in (1440, 1100):  # The outline and the citation go above and below the text.
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(f"({TICKS})().every((away) => away < 1)")
    assert page.locator(".strip rect").count() >= 2
    page.locator(".reading .pin").last.click()  # what unfolds moves what is below it
    expect(page.locator(".keep[open]")).to_be_visible()
    page.wait_for_function(f"({TICKS})().every((away) => away < 1)")


def test_the_strip_is_clicked_beside_its_ticks(page: Page, address: str) -> None:
    _open(page, address, "bridge")
    last = page.locator(".strip rect").last
    number = last.get_attribute("data-match")
    page.locator(".strip").click(position={"x": 5, "y": 880})
    expect(page.locator("#count")).to_contain_text(f"{number} of")
    expect(last).to_have_class("now")
    expect(page.locator("mark.now")).to_be_in_viewport()


def test_a_fill_is_no_higher_than_its_line_and_no_wider_than_its_word(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/search?q=mulberry+old")
    filled = [page.locator(f".hit {where} mark:not([class])").first for where in ("h2", ".text")]
    fills = [mark.evaluate(FILL) for mark in filled]
    page.locator(".hit h2 a").first.click()
    fills += [page.locator(f"{where} mark").first.evaluate(FILL) for where in ("h1", ".reading")]
    for fill in fills:
        assert fill["high"] < fill["line"]
        assert fill["plain"] == "rgba(0, 0, 0, 0)"
        assert fill["beside"] == "0px0px"


def test_a_lone_match_has_nowhere_to_go(page: Page, address: str) -> None:
    _open(page, address, "masons")
    expect(page.locator("#count")).to_have_text("1 of 1")
    for name in ("Previous match", "Next match"):
        arrow = page.get_by_role("link", name=name)
        expect(arrow).to_be_disabled()
        assert arrow.get_attribute("href") is None
    box = page.locator("#count").bounding_box()
    assert box
    assert abs(box["x"] + box["width"] / 2 - 720) < 1


def test_a_title_that_only_the_metadata_has_is_marked_and_counted(
    page: Page, bare: Page, address: str
) -> None:
    for each in (page, bare):
        _open(each, address, "mulberry")
        expect(each.locator("#m1")).to_have_count(1)
        expect(each.locator("h1 mark#m1")).to_have_text("mulberry")
        total = each.locator("mark[id]").count()
        assert total > each.locator(".reading mark").count()
        expect(each.locator("#count")).to_have_text(re.compile(rf"\d+ of {total}$"))
    expect(page.locator(".reading mark.now")).to_have_count(1)  # where the passage is
    page.keyboard.press("k")
    expect(page.locator("h1 mark.now")).to_be_in_viewport()


@pytest.mark.parametrize("width", [360, 1199, 1200])
def test_a_passage_is_cited_once_whatever_the_width(
    page: Page, bare: Page, address: str, width: int
) -> None:
    for each in (page, bare):
        each.set_viewport_size({"width": width, "height": 800})
        _open(each, address, "masons")
        offered = each.locator("main").get_by_text("Cite this passage")
        assert [one.is_visible() for one in offered.all()].count(True) == 1
        each.get_by_role("link", name="Cite", exact=True).click()
        cited = each.locator(".cited").filter(visible=True)
        expect(cited).to_have_count(1)
        expect(cited).to_be_in_viewport()
        expect(cited).to_contain_text("“The night train over the old bridge”. Ian Mercer.")


def test_a_citation_is_copied_with_plain_spaces_and_shown_with_whole_dates(
    context: BrowserContext, page: Page, address: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 768, "height": 800})
    _open(page, address, "masons")
    page.keyboard.press("c")
    copy = page.locator(".keep .copies button").first
    expect(copy).to_have_text("Copied")
    assert "8 November 2020. The" in page.evaluate("navigator.clipboard.readText()")
    shown = page.locator(".keep .cited")
    assert "8\u00a0November\u00a02020" in shown.evaluate("(each) => each.textContent")
    assert shown.evaluate("(each) => each.innerText.replaceAll('\u00a0', ' ')") == (
        copy.get_attribute("data-copy")
    )
    expect(copy).to_have_text("Copy citation")
    actions = page.locator(".keep .acts > *")
    assert len({each.evaluate("(a) => getComputedStyle(a).color") for each in actions.all()}) == 1


def test_an_undated_document_says_so_and_why(page: Page, address: str) -> None:
    _open(page, address, "ulduz")
    row = page.locator(".known > div", has_text="Date")
    expect(row).to_contain_text("undated")
    expect(row.locator(".where")).to_have_text("neither in the file nor in metadata.csv")
    expect(page.locator("#cite .cited")).to_contain_text("Undated.")


def test_similar_passages_stand_in_the_order_of_their_dates(page: Page, address: str) -> None:
    _open(page, address, "diary")
    others = page.locator(".similar a")
    expect(others).to_have_text([f"Diary of a guard, {year}" for year in (2001, 2009, 2014)])
    expect(page.locator(".similar li").first).to_contain_text("4 Mar 2001")
    others.first.click()
    expect(page.locator(".here").first).to_be_in_viewport()


def test_what_is_known_of_a_document_breaks_between_its_parts(page: Page, address: str) -> None:
    _open(page, address, "masons")
    for width in range(230, 420, 25):
        page.set_viewport_size({"width": width, "height": 800})
        parts = page.locator(".head .part")  # date, source, author, languages
        assert parts.evaluate_all(LINES) == [1, 1, 1, 1], width


@pytest.mark.parametrize(("width", "height"), [(720, 450), (320, 400)], ids=["200 %", "400 %"])
@pytest.mark.parametrize("query", ["masons", "الشاي", "mulberry"])
def test_a_large_text_loses_nothing(
    chromium: Browser, address: str, query: str, width: int, height: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=2
    )
    page = context.new_page()
    _open(page, address, query)
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    now = page.locator("mark.now").bounding_box()
    assert now
    assert 48 <= now["y"] <= height - now["height"]  # not under the bar that stays
    inside = page.locator(".bar > *, .steps > *").filter(visible=True)
    boxes = [each.bounding_box() for each in inside.all()]
    assert len(boxes) == 6
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    context.close()


def test_forced_colours_keep_the_marks_and_the_current_one(page: Page, address: str) -> None:
    page.emulate_media(forced_colors="active", color_scheme="dark")
    _open(page, address, "körpü")
    page.goto(page.url + ":~:text=yerindən")
    paint = """(mark) => [getComputedStyle(mark).backgroundColor, getComputedStyle(mark).color]"""
    ground, text = page.locator(".reading mark:not([class=stem])").first.evaluate(paint)
    assert ground not in (text, "rgba(0, 0, 0, 0)")
    assert page.locator(".reading").evaluate("(e) => getComputedStyle(e).forcedColorAdjust") == (
        "none"
    )
    stem = page.locator(".reading mark.stem").first
    assert stem.evaluate("(mark) => getComputedStyle(mark).borderBlockEndWidth") == "2px"
    now = page.locator("mark.now")
    assert now.evaluate("(mark) => getComputedStyle(mark).outlineStyle") == "solid"


def test_a_printed_document_is_its_text_and_where_it_is_from(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 700, "height": 1000})
    _open(page, address, "masons")
    page.emulate_media(media="print")
    for left_out in (".top", ".bar", ".acts", ".pin", ".keep", ".strip", ".foot", ".link"):
        shown = page.locator(left_out).filter(visible=True)
        expect(shown, left_out).to_have_count(0)
    expect(page.locator("#cite .cited")).to_be_visible()
    expect(page.locator(".known")).to_be_visible()
    assert page.locator("mark.now").evaluate("(m) => getComputedStyle(m).boxShadow") == "none"


def test_nothing_moves_for_those_who_ask_for_that(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    _open(page, address, "masons")
    durations = page.locator("a, button, summary").evaluate_all(
        "(all) => [...new Set(all.map((each) => getComputedStyle(each).transitionDuration))]"
    )
    assert durations == ["0s"]


def test_a_pdf_opens_at_the_page_that_the_passage_is_on(
    chromium: Browser, page: Page, tmp_path: Path
) -> None:
    """Made here by the browser itself: three pages, each with a sentence of its own."""
    settings = Settings(
        corpus=tmp_path / "corpus",
        index=tmp_path / "index",
        originals=True,
        query_seconds=20.0,
        index_processes=1,
    )
    settings.corpus.mkdir()
    writer = chromium.new_page()
    writer.set_content(
        "".join(
            f"<h1 style='break-before: page'>{fruit}</h1><p>The {fruit} are kept {where}.</p>"
            for fruit, where in (
                ("apricots", "on the roof until they are dry, and the wasps know it"),
                ("walnuts", "in the cellar, where the mice would have to be good climbers"),
                ("quinces", "among the linen, which smells of them until the spring"),
            )
        )
    )
    writer.pdf(path=settings.corpus / "fruit.pdf")
    writer.close()
    run(settings)
    with serving(create_app(settings)) as address:
        _open(page, address, "linen")
        link = page.locator(".known a").get_attribute("href") or ""
        assert link.endswith("#page=3")
        sign = page.locator(".reading .page a").last
        expect(sign).to_have_text("page 3")
        expect(sign).to_have_attribute("href", link)
        expect(page.locator("#cite .cited")).to_contain_text("Undated, page 3.")
        file = page.request.get(address + link)
        with pdfium.PdfDocument(file.body()) as original:
            assert "among the linen" in original[2].get_textpage().get_text_range()
            assert "among the linen" not in original[1].get_textpage().get_text_range()
        # The browser's own reader opens it: the page's policy does not keep it from that.
        page.goto(address + link)
        page.wait_for_function("document.contentType === 'application/pdf'")
    with serving(create_app(replace(settings, originals=False))) as address:
        _open(page, address, "linen")
        expect(page.locator(".reading .page").last).to_have_text("page 3")
        expect(page.locator(".reading .page a, .known a")).to_have_count(0)

"""Further ways through the pages, each with JavaScript and without it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(params=["page", "bare"], ids=["with JavaScript", "without"])
def reader(request: pytest.FixtureRequest) -> Page:
    """A page with JavaScript, or one without."""
    opened: Page = request.getfixturevalue(request.param)
    return opened


def test_a_pdf_opens_at_its_page(reader: Page, address: str) -> None:
    reader.goto(f"{address}/search?q=madder+indigo")
    expect(reader.locator(".hit .path").first).to_contain_text("page 2")
    reader.locator(".hit .open").first.click()
    reader.wait_for_url("**/doc/**")
    expect(reader.locator(".here").first).to_be_in_viewport()
    link = reader.locator(".reading .page a", has_text="page 2").get_attribute("href") or ""
    assert link.endswith("#page=2")
    assert (reader.locator(".known a").get_attribute("href") or "").endswith("#page=2")
    answer = reader.request.get(address + link)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.body().startswith(b"%PDF-")


def test_hits_by_date(reader: Page, address: str) -> None:
    reader.goto(f"{address}/search?q=bridge")
    for order, backwards in (("Newest first", True), ("Oldest first", False)):
        reader.locator(".choices a", has_text=order).click()
        reader.wait_for_url(re.compile("sort="))
        expect(reader.locator('.choices [aria-current="true"]')).to_have_text(order)
        times = reader.locator(".hit time").all()
        stamps = [time.get_attribute("datetime") or "" for time in times]
        assert len(stamps) > 3
        assert stamps == sorted(stamps, reverse=backwards)
        # What has no date is last either way.
        dated = [bool(hit.locator("time").count()) for hit in reader.locator(".hit").all()]
        assert dated == sorted(dated, reverse=True)


def test_a_slip_of_the_fingers_is_put_right(reader: Page, address: str) -> None:
    reader.goto(f"{address}/search?q=brigde")
    expect(reader.locator("#status")).to_contain_text("Nothing found")
    reader.locator(".found a", has_text="bridge").click()
    expect(reader.locator("#status")).to_contain_text("documents")
    assert parse_qs(urlsplit(reader.url).query)["q"] == ["bridge"]


def test_nearly_the_same_passages_are_one_hit(reader: Page, address: str) -> None:
    reader.goto(f"{address}/search?q=guard+carriage&limit=20")
    hits = reader.locator(".hit", has_text="Diary of a guard")
    expect(hits).to_have_count(1)
    others = hits.locator(".acts a", has_text="Diary of a guard")
    expect(others).to_have_count(3)
    title = others.first.inner_text()
    others.first.click()
    expect(reader.locator("h1")).to_have_text(title)
    expect(reader.locator(".here").first).to_be_in_viewport()
    same = reader.locator("#cite li a", has_text="Diary of a guard")
    assert same.count() >= 1


def test_what_each_word_alone_finds(reader: Page, address: str) -> None:
    reader.goto(f"{address}/search?q=bridge+zeppelin&op=and")
    expect(reader.locator("#status")).to_contain_text("Nothing found")
    reader.locator(".nothing li a", has_text="bridge").click()
    expect(reader.locator("#status")).to_contain_text("documents")


def test_the_filter_that_stands_in_the_way_goes(reader: Page, address: str) -> None:
    reader.goto(f"{address}/search?q=samovar&lang=ar")
    expect(reader.locator(".nothing")).to_contain_text("Language Arabic")
    reader.locator(".nothing a", has_text="Without it").click()
    expect(reader.locator("#status")).to_contain_text("document")
    expect(reader.locator(".chips")).to_have_count(0)


def test_more_from_one_document(reader: Page, address: str) -> None:
    reader.goto(f"{address}/search?source=Music+Letters")
    reader.locator(".more a").first.click()
    reader.wait_for_url(re.compile("group=none"))
    expect(reader.locator(".chips")).to_contain_text("Listening to mugham")
    assert reader.locator(".hit").count() > 3
    assert set(reader.locator(".hit h2").all_inner_texts()) == {"Listening to mugham"}


def test_browsing_by_everything(reader: Page, address: str) -> None:
    reader.goto(f"{address}/browse")
    expect(reader.locator("main h2").last).to_contain_text("Undated")
    reader.locator(".years a").first.focus()
    reader.keyboard.press("Enter")
    expect(reader.locator("main")).to_contain_text("Diary of a guard, 1998")
    reader.goto(f"{address}/browse")
    for way, group in (
        ("Source", "Slow Travel"),
        ("Language", "Arabic"),
        ("Folder", "kitchen"),
        ("Title", "Ç"),
    ):
        reader.locator(".choices a", has_text=way).focus()
        reader.keyboard.press("Enter")
        reader.wait_for_url(re.compile(f"by={way.lower()}"))
        expect(reader.locator("main section h2", has_text=group).first).to_be_visible()
    reader.locator(".choices a", has_text="Date").click()
    reader.locator(".ask a", has_text="undated").click()
    expect(reader.locator("main section h2")).to_have_count(1)
    reader.locator(".list a").first.click()
    expect(reader.locator(".head")).to_contain_text("undated")


def test_a_search_is_followed_and_taken_along(reader: Page, address: str) -> None:
    reader.goto(f"{address}/search?q=bridge&lang=en")
    for name, kind in (
        ("Atom", "application/atom+xml"),
        ("JSON Feed", "application/feed+json"),
        ("CSV", "text/csv"),
        ("JSON Lines", "application/jsonl"),
        ("BibTeX", "text/plain"),
    ):
        link = reader.locator(".abreast").get_by_role("link", name=name, exact=True)
        answer = reader.request.get(address + (link.get_attribute("href") or ""))
        assert answer.headers["content-type"].startswith(kind)
        assert "night train" in answer.text()
        assert "Samovar" not in answer.text()  # the filter holds there too


def test_the_strip_and_the_keys_of_a_document(chromium: Browser, address: str) -> None:
    context = chromium.new_context(
        locale="en-GB",
        viewport={"width": 1440, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.goto(f"{address}/search?q=bridge")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/doc/**")
    before = page.locator("#count").inner_text()
    page.locator(".strip rect").last.click()
    expect(page.locator("#count")).not_to_have_text(before)
    expect(page.locator("mark.now")).to_be_in_viewport()
    page.keyboard.press("c")
    expect(page.locator("#cite .copies button").first).to_have_text("Copied")
    assert "Ian Mercer" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("u")
    expect(page.locator(".hits")).to_be_visible()
    context.close()


def test_copying_where_there_is_no_clipboard(page: Page, address: str) -> None:
    """A page that came without TLS has none."""
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto(f"{address}/embed")
    page.get_by_role("button", name="Copy this line").click()
    expect(page.locator(".copies button")).to_have_text("Copied")
    box = page.locator('input[name="q"]')
    box.focus()
    page.keyboard.press("Control+v")
    assert "/embed.js" in box.input_value()

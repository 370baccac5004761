"""What a reader does in a real browser: with a mouse, by keyboard, and without JavaScript."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

MARKED = re.compile(r"\bmark\b")


def _visible_mark(page: Page, text: str) -> Locator:
    mark = page.locator(".reading .here mark", has_text=text).first
    expect(mark).to_be_in_viewport()
    return mark


def test_search_and_open_the_passage(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("masons")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("1 document")
    page.locator(".hit .open").first.click()
    expect(page).to_have_title(re.compile("The night train over the old bridge"))
    assert "p=" in page.url
    assert "#p-" in page.url
    _visible_mark(page, "masons")
    bar = page.locator(".here").first.bounding_box()
    assert bar is not None
    assert bar["y"] >= 48  # not under the bar that stays


def test_search_and_open_the_passage_without_javascript(bare: Page, address: str) -> None:
    bare.goto(address)
    bare.fill("#q", "masons")
    bare.click("form.box button")
    expect(bare.locator("#status")).to_contain_text("1 document")
    bare.locator(".hit h2 a").first.click()
    _visible_mark(bare, "masons")


def test_matches_one_after_the_other(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=bridge")
    page.locator(".hit h2 a", has_text="night train").click()
    page.wait_for_url("**/doc/**")
    total = page.locator(".reading mark, .head mark").count()
    expect(page.locator("#count")).to_contain_text(f"of {total}")
    before = page.locator("#count").inner_text()
    page.click(".steps .next")
    expect(page.locator("#count")).not_to_have_text(before)
    expect(page.locator("mark.now")).to_have_count(1)
    expect(page.locator("mark.now")).to_be_in_viewport()
    page.keyboard.press("k")
    expect(page.locator("#count")).to_have_text(before)
    page.keyboard.press("u")
    expect(page.locator(".hits")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["q"] == ["bridge"]


def test_matches_one_after_the_other_without_javascript(bare: Page, address: str) -> None:
    bare.goto(f"{address}/search?q=bridge")
    bare.locator(".hit h2 a", has_text="night train").click()
    first = bare.locator("#count").inner_text()
    bare.click(".steps .next")
    expect(bare.locator("#count")).not_to_have_text(first)
    number = urlsplit(bare.url).fragment
    expect(bare.locator(f"#{number}")).to_be_in_viewport()


def test_what_stands_before_and_after_a_hit(page: Page, bare: Page, address: str) -> None:
    for each in (page, bare):
        each.goto(f"{address}/search?q=slate")
        each.locator(".around").first.click()
        expect(each.locator(".beside")).to_have_count(2)
        expect(each.locator(".beside").first).to_contain_text("yüz yıldan")
        expect(each.locator(".passage .text").first).to_be_in_viewport()
    page.locator(".around").first.click()
    expect(page.locator(".beside")).to_have_count(0)


def test_filters_go_one_by_one_and_back(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=bridge+köprü")
    everything = page.locator("#status strong").inner_text()
    page.locator(".values a", has_text="English").click()
    page.locator(".values a", has_text="Slow Travel").click()
    expect(page.locator(".chips li")).to_have_count(2)
    page.locator(".chips a", has_text="English").click()
    expect(page.locator(".chips li")).to_have_count(1)
    page.go_back()
    expect(page.locator(".chips li")).to_have_count(2)
    page.go_back()
    page.go_back()
    expect(page.locator("#status strong")).to_have_text(everything)


def test_the_histogram_filters_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=bridge")
    bar = page.locator(".years a").first
    expect(bar).to_have_attribute("aria-label", re.compile(r"document"))
    bar.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from="))
    expect(page.locator(".chips li")).to_have_count(2)


def test_the_undated_are_a_bar_of_their_own(bare: Page, address: str) -> None:
    bare.goto(f"{address}/search")
    bar = bare.locator(".years a").last
    expect(bar).to_have_attribute("aria-label", re.compile("Undated: [1-9]"))
    bar.focus()
    bare.keyboard.press("Enter")
    bare.wait_for_url(re.compile("year=undated"))
    expect(bare.locator(".chips")).to_contain_text("Undated")
    assert set(bare.locator(".hit > article > p").all_inner_texts())
    for line in bare.locator(".hit > article > p.quiet").all_inner_texts():
        assert line.startswith("undated")


def test_pages_of_hits(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=bridge&limit=3")
    first = page.locator(".hit h2").all_inner_texts()
    page.click(".pager a[rel=next]")
    page.wait_for_url(re.compile("offset=3"))
    second = page.locator(".hit h2").all_inner_texts()
    assert first != second
    page.go_back()
    expect(page.locator(".hit h2")).to_have_text(first)


def test_by_keyboard_alone(page: Page, address: str) -> None:
    page.goto(f"{address}/help")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys button")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.goto(f"{address}/search?q=tea")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("bridge")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=bridge"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".hit h2 a").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(".hit h2 a").nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".reading")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("mark.now")).to_be_in_viewport()


def test_the_keys_can_be_switched_off(page: Page, address: str) -> None:
    page.goto(f"{address}/help")
    page.locator("main").get_by_label("Use these keys").uncheck()
    page.goto(f"{address}/search?q=tea")
    for key in ("/", "j", "?"):
        page.keyboard.press(key)
    expect(page.locator("#q")).not_to_be_focused()
    expect(page.locator("#keys")).to_be_hidden()
    page.goto(f"{address}/help")
    page.locator("main").get_by_label("Use these keys").check()
    page.keyboard.press("Tab")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_the_first_tab_leads_past_the_navigation(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=bridge")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()


def test_completion(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#q").press_sequentially("kama", delay=30)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#completions")).to_be_hidden()
    expect(page.locator("#q")).to_have_value("kama")


def _late(route: Route) -> None:
    time.sleep(0.3)
    route.continue_()


def test_a_late_answer_does_not_take_the_choice_away(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#q").press_sequentially("kam", delay=30)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    page.route("**/suggest?*", _late)
    page.keyboard.type("a")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(900)
    expect(options.first).to_have_attribute("aria-selected", "true")


def test_citation_and_permanent_link(chromium: Browser, address: str) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/search?q=masons")
    page.locator(".hit .open").click()
    page.get_by_role("button", name="Copy citation").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“The night train over the old bridge”. Ian Mercer. Slow Travel.")
    assert "8 November 2020" in copied
    link = re.findall(r"http\S+", copied)[0]
    page.goto(link)
    expect(page.locator(".here", has_text="masons")).to_be_in_viewport()
    context.close()


def test_any_passage_has_its_link_and_citation_in_place(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=masons")
    page.locator(".hit .open").click()
    page.wait_for_url("**/doc/**")
    before = page.url
    expect(page.locator(".reading .keep")).to_have_count(1)  # of the passage that is open
    pin = page.locator(".reading .pin").nth(1)
    anchor = parse_qs(urlsplit(pin.get_attribute("href") or "").query)["p"][0]
    pin.focus()
    page.keyboard.press("Enter")
    kept = page.locator(f'.keep[data-of="{anchor}"]')
    expect(kept.locator("summary")).to_be_focused()
    assert anchor in kept.locator(".link").input_value()
    expect(kept.locator(".cited")).to_contain_text(f"p={anchor}")
    for form in ("Text", "BibTeX", "CSL-JSON"):
        file = kept.get_by_role("link", name=form).get_attribute("href")
        assert page.request.get(f"{address}{file}").ok
    expect(kept.get_by_role("button", name="Copy link")).to_be_visible()
    page.keyboard.press("Enter")
    expect(kept.locator(".link")).to_be_hidden()
    assert page.url == before


def test_a_passage_has_its_link_and_citation_without_javascript(bare: Page, address: str) -> None:
    bare.set_viewport_size({"width": 768, "height": 1024})  # wider, it stands in the margin
    bare.goto(f"{address}/search?q=masons")
    bare.locator(".hit .open").click()
    pin = bare.locator(".reading .pin").nth(0)
    anchor = parse_qs(urlsplit(pin.get_attribute("href") or "").query)["p"][0]
    pin.focus()
    bare.keyboard.press("Enter")
    bare.wait_for_url(re.compile(f"p={anchor}"))
    bare.locator(".keep summary").focus()
    bare.keyboard.press("Enter")
    assert anchor in bare.locator(".keep .link").input_value()
    expect(bare.locator(".keep .link")).to_be_visible()
    expect(bare.locator(".keep button")).to_have_count(2)
    expect(bare.locator(".keep button").first).to_be_hidden()


def test_a_passage_that_is_not_there_is_said_to_be(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=masons")
    page.locator(".hit .open").click()
    page.wait_for_url("**/doc/**")
    page.goto(re.sub(r"\?p=\w+", "?p=zzzzzzzz", page.url).partition("#")[0])
    expect(page.locator(".notice")).to_contain_text("not in the document any more")


def test_the_language_of_the_interface_stays_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=bridge")
    page.locator(".foot a", has_text="Azərbaycanca").click()
    expect(page.locator("html")).to_have_attribute("lang", "az")
    expect(page.locator(".open").first).to_have_text("Bu parçada aç")
    page.locator(".hit h2 a").first.click()
    page.wait_for_url("**/doc/**")
    assert "ui=az" in page.url
    expect(page.locator("html")).to_have_attribute("lang", "az")


def test_the_browser_chooses_the_language(chromium: Browser, address: str) -> None:
    for locale, word in (("tr-TR", "Ara"), ("ru", "Искать"), ("az", "Axtar"), ("fi", "Search")):
        context = chromium.new_context(locale=locale)
        page = context.new_page()
        page.goto(address)
        expect(page.locator("form.box button")).to_have_text(word)
        context.close()


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_is_wider_than_the_screen(chromium: Browser, address: str, width: int) -> None:
    """320 CSS pixels are a screen of 640 at 200 %."""
    context = chromium.new_context(viewport={"width": width, "height": 740}, locale="en-GB")
    page = context.new_page()
    for path in ("/", "/search?q=jam+bridge", "/browse", "/help", "/embed", "/status"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto(f"{address}/search?q=mulberry")
    page.locator(".hit .open").first.click()
    page.wait_for_url("**/doc/**")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_a_text_from_right_to_left(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=الشاي")
    assert (
        page.locator(".passage .text").first.evaluate("e => getComputedStyle(e).direction") == "rtl"
    )
    page.locator(".hit .open").first.click()
    expect(page.locator(".middle")).to_have_attribute("dir", "rtl")
    _visible_mark(page, "الشاي")


def test_selecting_text_does_not_navigate(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=masons")
    page.locator(".passage .text").first.dblclick(position={"x": 60, "y": 12})
    assert page.url.endswith("/search?q=masons")
    assert page.evaluate("getSelection().toString()").strip()


def test_the_search_box_of_another_site(page: Page, address: str) -> None:
    page.goto(f"{address}/embed")
    box = page.locator('input[name="q"]')
    box.fill("masons")
    box.press("Enter")
    expect(page.locator("#status")).to_contain_text("1 document")


def test_what_documents_are_browsed_by_is_not_cut_within_a_word(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for language in ("en", "az", "tr", "ru"):
        page.goto(f"{address}/browse?ui={language}&group=undated")
        name = page.locator(".dated h2 bdi").bounding_box()
        titles = page.locator(".dated section > :last-child").bounding_box()
        assert name
        assert titles
        assert name["x"] + name["width"] <= titles["x"] - 8, language
        assert (
            page.locator(".dated h2").evaluate("it => getComputedStyle(it).overflowWrap")
            == "normal"
        )


def test_the_description_for_browsers_leads_to_results(page: Page, address: str) -> None:
    page.goto(address)
    link = page.locator('link[rel="search"]').get_attribute("href")
    assert link is not None
    described = page.request.get(address + link).text()
    template = re.findall(r'type="text/html"[^>]*template="([^"]*)"', described)
    page.goto(template[0].replace("{searchTerms}", "masons"))
    expect(page.locator("#status")).to_contain_text("1 document")

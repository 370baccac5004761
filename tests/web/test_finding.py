"""What helps where nothing was found, and what the pages say of hits and documents."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect


def _page(client: FlaskClient, address: str) -> str:
    return html.unescape(client.get(address).get_data(as_text=True))


def _main(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text.partition("<main")[2]).split())


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("/search?q=brigde", ".nothing a:has-text('bridge')"),
        ("/search?q=bridge&source=Music+Letters&year=1998", ".nothing a:has-text('without it')"),
        ("/search?q=bridge+zeppelin&op=and", ".nothing a:has-text('without it')"),
    ],
)
def test_the_cure_is_the_first_thing_seen(
    chromium: Browser, address: str, path: str, cure: str
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 640}, locale="en-GB")
    page = context.new_page()
    page.goto(address + path)
    link = page.locator(cure).first
    expect(link).to_be_in_viewport()
    place = link.bounding_box()
    assert place is not None
    assert place["y"] < 300
    for other in page.locator("summary, .abreast").all():
        assert (other.bounding_box() or {"y": 1e9})["y"] > place["y"]
    said = page.locator("#status").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert said >= 24
    context.close()


def test_a_filter_in_the_way_is_said_without_colons(client: FlaskClient) -> None:
    said = _main(_page(client, "/search?q=bridge&source=Music+Letters&year=1998"))
    assert "A filter stands in the way Year 1998 · without it 1 document" in said
    dates = _main(_page(client, "/search?q=bridge&lang=az&from=1998&to=1999"))
    assert "Language Azerbaijani · without it" in dates
    one = _main(_page(client, "/search?q=masons&from=2031&to=2031"))
    assert "Published 2031 · without it 1 document" in one
    open_ = _main(_page(client, "/search?q=masons&from=2031"))
    assert "Published 2031 – … · without it 1 document" in open_


def test_a_filter_among_the_words_has_no_link_that_leads_nowhere(client: FlaskClient) -> None:
    text = _page(client, "/search?q=samovar+lang:ar")
    assert re.search("Language Arabic · without it [12] document", _main(text))
    assert not re.search(r"<a [^>]*>\s*without it", text)


def test_how_strictly_words_are_asked_can_stand_in_the_way(client: FlaskClient) -> None:
    exact = _page(client, "/search?q=kamancaya&match=exact")
    assert "Exactly as typed · without it 2 documents" in _main(exact)
    assert '<a href="/search?q=kamancaya">without it' in exact
    every = _page(client, "/search?q=bridge+zeppelin&op=and")
    assert "All words · without it 9 documents" in _main(every)


def test_a_phrase_that_is_nowhere_is_asked_in_any_order(client: FlaskClient) -> None:
    text = _page(client, "/search?q=%22river+bridge%22&lang=en")
    assert re.search(r"The words in any order: river bridge \d+", _main(text))
    assert '<a href="/search?q=river+bridge&lang=en">river bridge</a>' in text
    assert "any order" not in _main(_page(client, "/search?q=zeppelin"))
    assert "any order" not in _main(_page(client, "/search?q=%22zeppelin%22"))
    refused = client.get(f"/search?q=%22{'a+' * 2000}%22&op=and&match=exact")
    assert refused.status_code == 200


def test_what_begins_alike_is_counted_filtered_and_not_told_again(client: FlaskClient) -> None:
    text = _page(client, "/search?q=bridgehead")
    said = _main(text)
    assert "Nothing found" in said
    assert "9 documents have words that begin alike: bridge" in said
    for again in ("similar words only", "missing:", "exact only", "Newest first"):
        assert again not in said
    assert 'class="filters' in text
    kitchen = _main(_page(client, "/search?q=bridgehead&folder=kitchen"))
    assert re.search(r"\b[1-8] documents? ha(s|ve) words that begin alike", kitchen)
    assert "travel" in kitchen.partition("Folder")[2]  # the other folders can be chosen still


def test_what_begins_alike_is_grouped_and_paged(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=bridgehead&facets=folder,language&limit=3").get_json()
    assert answer["total_documents"] == 0
    assert answer["similar"] == {"documents": 9, "passages": 10, "whole": True}
    assert sum(each["count"] for each in answer["facets"]["folder"]) == 9
    assert any(hit["passages"][0]["duplicates"] for hit in answer["hits"])
    assert client.get(answer["next"]).get_json()["hits"]
    first, second = (_page(client, f"/search?q=bridgehead&limit=3&offset={at}") for at in (0, 3))
    assert 'rel="next"' in first
    titles = [set(re.findall(r"<h2 dir.*?</h2>", text)) for text in (first, second)]
    assert titles[0]
    assert titles[1]
    assert not titles[0] & titles[1]
    assert client.get("/api/v1/search?q=bridge").get_json()["similar"] is None


def test_a_language_stands_above_its_passage(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=ayakta")
    expect(page.locator(".passage .path .tag")).to_have_text("TR")
    expect(page.locator(".passage .acts .tag")).to_have_count(0)


def test_neighbours_tell_their_language_and_go_again(page: Page, bare: Page, address: str) -> None:
    for each in (page, bare):
        each.goto(f"{address}/search?q=slate")
        each.locator(".around").first.click()
        beside = each.locator(".beside")
        expect(beside).to_have_count(2)
        expect(beside.first.locator(".tag")).to_have_text("TR")
        expect(beside.first.locator(".text")).to_have_attribute("lang", "tr")
        expect(beside.last.locator(".tag")).to_have_count(0)
        button = each.locator(".around").first
        expect(button).to_have_text("Hide before/after")
        button.click()
        expect(beside).to_have_count(0)
        expect(each.locator(".around").first).to_have_text("Before/after")
    button = page.get_by_role("button", name="Before/after")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    page.keyboard.press("Space")
    expect(page.locator(".beside")).to_have_count(2)
    expect(page.locator(".around")).to_have_attribute("aria-expanded", "true")


def test_orders_are_those_that_there_are(client: FlaskClient) -> None:
    everything = _page(client, "/search")
    assert "Relevance" not in everything
    assert '<span aria-current="true">Newest first</span>' in everything
    stamps = re.findall(r'<time datetime="([^"]*)"', everything)
    assert stamps == sorted(stamps, reverse=True)
    assert 'name="sort"' not in everything  # words that are typed then come by relevance
    assert "Relevance" in _page(client, "/search?q=bridge")
    one = re.findall(r"/search\?[^\"]*doc=[^\"]*", _page(client, "/search?source=Music+Letters"))
    assert "Newest first" not in _page(client, one[0])


def test_completions_are_as_wide_as_the_field(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#q").press_sequentially("kama", delay=20)
    page.get_by_role("option").first.wait_for()
    field, offered = page.locator("#q").bounding_box(), page.locator("#completions").bounding_box()
    assert field is not None
    assert offered is not None
    assert (offered["x"], offered["width"]) == (field["x"], field["width"])


@pytest.mark.parametrize(
    ("address", "name"), [("/status", "Status"), ("/embed", "Search box for your site")]
)
def test_the_foot_says_where_one_is(client: FlaskClient, address: str, name: str) -> None:
    foot = _page(client, address).partition('<footer class="foot">')[2]
    assert re.search(rf'<a [^>]*aria-current="page">{name}</a>', foot)
    assert foot.count('aria-current="page"') == 1


def test_parts_of_a_line_about_a_document_stay_together(chromium: Browser, address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/search?q=mugham")
    for part in page.locator(".hit .part").all():
        assert part.evaluate("e => e.getClientRects().length") == 1
        assert (part.bounding_box() or {"height": 99})["height"] < 26, part.inner_text()
    context.close()


def test_letters_of_each_script_stand_together(client: FlaskClient) -> None:
    text = _page(client, "/browse?by=title")
    lists = re.findall(r'<ul class="values letters">(.*?)</ul>', text, re.DOTALL)
    scripts = ["".join(re.findall(r"<bdi>(.)</bdi>", each)) for each in lists]
    assert [len({letter.isascii() or letter in "ÇƏİŞ" for letter in each}) for each in scripts] == [
        1
    ] * len(scripts)
    assert len(scripts) >= 3
    assert scripts[0].startswith("A")


def test_the_timeline_of_all_documents_has_a_heading(client: FlaskClient) -> None:
    chart = _page(client, "/browse").partition('class="start-side"')[2].partition("<svg")[0]
    assert '<h2 class="label">Published</h2>' in chart


def test_marks_are_shown_by_words_that_have_them(client: FlaskClient) -> None:
    marks = _page(client, "/help").partition(">Marks<")[2].partition(">Keys<")[0]
    kinds = re.findall(r"<dt><mark(?: class=\"(\w+)\")?>", marks)
    assert kinds == ["", "fold", "stem", "translit", "synonym", "similar"]

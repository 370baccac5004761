"""Years and filters: what is chosen stays to be seen, and there is a way back."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as Xml

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

_BAR = re.compile(r'<a href="([^"]*)"( aria-current="true")? rel="nofollow" aria-label="([^"]*)"')


def _bars(client: FlaskClient, address: str) -> dict[str, tuple[str, bool]]:
    """What the bars of the histogram say -> (where each leads, whether it is pressed)."""
    text = client.get(address).get_data(as_text=True)
    return {said: (html.unescape(href), bool(now)) for href, now, said in _BAR.findall(text)}


@pytest.mark.parametrize("narrowed", ["bar", "year=2020", "from=2020-02&to=2020-12-31"])
def test_the_years_stay_when_one_is_chosen(client: FlaskClient, narrowed: str) -> None:
    whole = _bars(client, "/search?q=bridge")
    assert len(whole) > 3
    assert not any(pressed for _, pressed in whole.values())
    said = next(each for each in whole if each.startswith("2020:"))
    address = whole[said][0] if narrowed == "bar" else f"/search?q=bridge&{narrowed}"
    one = _bars(client, address)
    assert list(one) == list(whole)  # with the counts of all years
    assert [each for each, (_, pressed) in one.items() if pressed] == [said]
    assert one[said][0] == "/search?q=bridge"
    others = {each: href for each, (href, _) in one.items() if each != said}
    assert others == {each: href for each, (href, _) in whole.items() if each != said}
    text = client.get(address).get_data(as_text=True)
    assert '<a href="/search?q=bridge" rel="nofollow">All years</a>' in text
    assert "All years" not in client.get("/search?q=bridge").get_data(as_text=True)


def test_the_undated_are_chosen_like_a_year(client: FlaskClient) -> None:
    whole = _bars(client, "/search")
    said = next(each for each in whole if each.startswith("Undated"))
    one = _bars(client, whole[said][0])
    assert [each for each, (_, pressed) in one.items() if pressed] == [said]
    assert one[said][0] == "/search"


def test_other_filters_hold_while_years_change(client: FlaskClient) -> None:
    for href, _ in _bars(client, "/search?q=bridge&lang=en&from=2020&to=2020&offset=10").values():
        query = parse_qs(urlsplit(href).query)
        assert (query["q"], query["lang"]) == (["bridge"], ["en"])
        assert "offset" not in query


def test_a_year_is_chosen_and_left_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=bridge")
    bars = page.locator(".years a")
    count = bars.count()
    bars.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from="))
    expect(bars).to_have_count(count)
    expect(page.locator('.years [aria-current="true"]')).to_have_count(1)
    page.locator('.years [aria-current="true"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator('.years [aria-current="true"]')).to_have_count(0)
    expect(page.locator(".chips")).to_have_count(0)


def test_a_feed_is_named_by_its_filters(client: FlaskClient) -> None:
    asked = "q=bridge&lang=en&year=2020&op=and"
    title = "bridge · Language: English · Year: 2020 · All words · The Reading Room"
    assert client.get(f"/feed.json?{asked}").get_json()["title"] == title
    feed = Xml.fromstring(client.get(f"/feed.atom?{asked}").data)
    assert feed.findtext("{http://www.w3.org/2005/Atom}title") == title
    in_turkish = client.get("/feed.json?lang=en", headers={"Accept-Language": "tr"}).get_json()
    assert in_turkish["title"] == "Dil: İngilizce · The Reading Room"
    assert client.get("/feed.json").get_json()["title"] == "The Reading Room"
    page = client.get(f"/search?{asked}").get_data(as_text=True)
    assert f'title="{title.removesuffix(" · The Reading Room")}"' in page


def test_the_same_day_at_both_ends_is_one_filter(client: FlaskClient) -> None:
    page = client.get("/search?q=bridge&from=2020&to=2020").get_data(as_text=True)
    chips = page.partition('class="chips"')[2].partition("</ul>")[0]
    assert chips.count("<li>") == 1
    assert '<a href="/search?q=bridge"' in chips

"""What a page weighs and how it arrives: budgets that fail when a page outgrows them."""

from __future__ import annotations

import gzip
from functools import partial

from flask.testing import FlaskClient
from playwright.sync_api import Browser, Request

from search_service.web.static import STATIC

FIRST = 14_000
"""Bytes of the first page of results and its style sheet: what a connection sends at once."""
WHOLE = 60_000
"""Bytes of everything that it loads, the font included."""
SCRIPT = 15_000


def _sent(client: FlaskClient, address: str) -> int:
    answer = client.get(address, headers={"Accept-Encoding": "br, gzip"})
    size = len(answer.get_data())
    answer.close()
    return size


def test_the_first_page_of_results_fits_in_its_budget(client: FlaskClient) -> None:
    page = _sent(client, "/search?q=bridge")
    assert page + _sent(client, "/static/style.css") <= FIRST


def test_the_script_is_small() -> None:
    assert len((STATIC / "page.js").read_bytes()) <= SCRIPT


def test_answers_are_compressed(client: FlaskClient) -> None:
    for address in ("/search?q=bridge", "/static/style.css", "/api/v1/search?q=bridge"):
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip", address
        assert "Accept-Encoding" in answer.vary
        assert len(gzip.decompress(answer.get_data())) > len(answer.get_data())
        answer.close()


def test_static_files_are_kept_and_named_by_their_content(client: FlaskClient) -> None:
    markup = client.get("/").get_data(as_text=True)
    assert "style.css?v=" in markup
    answer = client.get("/static/style.css")
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    answer.close()


def test_a_page_arrives_whole_and_still(chromium: Browser, address: str) -> None:
    context = chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    painted: list[float] = []
    for path in ("/search?q=bridge", "/", "/browse"):
        page = context.new_page()
        page.add_init_script(
            """addEventListener('DOMContentLoaded', () => {
                 window.shift = 0;
                 new PerformanceObserver((list) => {
                   for (const entry of list.getEntries()) window.shift += entry.value;
                 }).observe({type: 'layout-shift', buffered: true});
               });"""
        )
        sizes: list[int] = []
        page.on("requestfinished", partial(_note, sizes))
        page.goto(address + path, wait_until="networkidle")
        assert page.evaluate("window.shift") == 0
        painted.append(
            page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        )
        assert sum(sizes) <= WHOLE, (path, sizes)
        page.close()
    context.close()
    assert min(painted) < 3000  # the best of them, for a machine may do much else besides


def _note(sizes: list[int], request: Request) -> None:
    received = request.sizes()
    sizes.append(received["responseBodySize"] + received["responseHeadersSize"])

"""Every page and state: it answers, is well-formed, links somewhere, and its headers hold."""

from __future__ import annotations

import gzip
import html
import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_service.settings import Settings
from search_service.web import create_app
from tests.web.states import PAGES


class _Links(HTMLParser):
    """The addresses on a page, and its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.append(value)


def _read(markup: str) -> _Links:
    found = _Links()
    found.feed(markup)
    return found


def _document(client: FlaskClient, query: str = "bridge") -> str:
    return str(client.get(f"/api/v1/search?q={query}").get_json()["hits"][0]["url"])


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_answers_and_is_well_formed(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == (404 if "no-such" in address else 200)
    markup = answer.get_data(as_text=True)
    html5lib.HTMLParser(strict=True).parse(markup)
    assert "<script>" not in markup.replace('<script type="application/ld+json">', "")
    ids = _read(markup).ids
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("language", ["en", "az", "tr", "ru"])
def test_a_document_is_well_formed_in_every_interface_language(
    client: FlaskClient, language: str
) -> None:
    for query in ("bridge", "الجسر", "samovar", "kamança"):
        answer = client.get(_document(client, query).partition("#")[0] + f"&ui={language}")
        assert answer.status_code == 200
        html5lib.HTMLParser(strict=True).parse(answer.get_data(as_text=True))
        assert answer.headers["Content-Language"] == language


def test_every_link_leads_somewhere(client: FlaskClient) -> None:
    """Walks from the start page over every link there is, fragments included."""
    waiting, seen, ids = ["/"], {"/"}, {}
    walked: Counter[str] = Counter()
    fragments: set[tuple[str, str]] = set()
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        text = answer.get_data().decode(errors="replace")
        answer.close()
        assert answer.status_code == 200, address
        if answer.mimetype != "text/html":
            continue
        found = _read(text)
        ids[address] = set(found.ids)
        for link in found.links:
            whole = urlsplit(urljoin(f"http://localhost{address}", link))
            if whole.netloc != "localhost" or whole.scheme not in ("http", "https"):
                continue
            to = whole.path + (f"?{whole.query}" if whole.query else "")
            fragment = whole.fragment.partition(":~:")[0]
            if fragment and not whole.path.startswith("/original/"):
                fragments.add((to, fragment))
            # Searches lead to searches without end, and each to documents with its own marks.
            limit = {"/search": 40, "/browse": 1000}.get(whole.path, 15)
            if to not in seen and walked[whole.path] < limit:
                walked[whole.path] += 1
                seen.add(to)
                waiting.append(to)
    assert len(seen) > 100
    lost = {(to, part) for to, part in fragments if to in ids and part not in ids[to]}
    assert lost == set()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/search?q=bridge",
        "/no-such-page",
        "/api/v1/search",
        "/api/v1/search?no=1",
        "/healthz",
        "/feed.atom?q=tea",
        "/robots.txt",
    ],
)
def test_headers_protect_every_answer(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    answer.close()
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert "Set-Cookie" not in headers


def test_a_part_of_a_page_is_not_weighed_down_by_rules_for_pages(client: FlaskClient) -> None:
    for name in ("style.css", "page.js", "icon.svg", "fonts/literata-latin.woff2"):
        with client.get(f"/static/{name}") as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "Permissions-Policy" not in answer.headers


@pytest.mark.parametrize("address", ["/search?q=bridge", "/feed.atom?q=tea", "/browse"])
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, address: str) -> None:
    for encoding in ("identity", "gzip"):
        asked = {"Accept-Encoding": encoding}
        first = client.get(address, headers=asked)
        again = client.get(address, headers=asked | {"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")
        assert again.headers["Content-Security-Policy"]
        assert again.headers["ETag"] == first.headers["ETag"]
        other = client.get(address, headers=asked | {"If-None-Match": '"other"'})
        assert _unpacked(other) == _unpacked(first)


def test_what_was_packed_at_another_moment_has_the_same_tag(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = set()
    for moment in (1e9, 2e9):
        monkeypatch.setattr("time.time", lambda moment=moment: moment)
        tags.add(client.get("/browse", headers={"Accept-Encoding": "gzip"}).headers["ETag"])
    assert len(tags) == 1


def _unpacked(answer: TestResponse) -> bytes:
    data = answer.get_data()
    return gzip.decompress(data) if "Content-Encoding" in answer.headers else data


def test_transport_security_is_asked_for_behind_tls_only(settings: Settings) -> None:
    from dataclasses import replace

    app = create_app(replace(settings, public_url="https://archive.example.org"))
    header = app.test_client().get("/healthz").headers["Strict-Transport-Security"]
    assert int(re.findall(r"max-age=(\d+)", header)[0]) >= 365 * 24 * 3600


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_pages_only_read(client: FlaskClient, method: str) -> None:
    assert client.open("/search", method=method).status_code == 405
    assert client.open("/api/v1/search", method=method).status_code == 405


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "\r\nSet-Cookie: stolen=1",
    "{{ settings.corpus }}{% for %}",
    "bridge</mark><b>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_is_asked_becomes_markup(client: FlaskClient, payload: str) -> None:
    for address in ("/search", "/doc/x", "/browse", "/feed.atom", "/api/v1/search", "/help"):
        answer = client.get(
            address,
            query_string={
                "q": payload,
                "ui": payload,
                "by": payload,
                "p": payload,
                "lang": payload,
            },
        )
        assert "stolen" not in str(answer.headers.get("Set-Cookie", ""))
        if answer.mimetype != "text/html":
            continue
        tree = html5lib.parse(answer.get_data(as_text=True), namespaceHTMLElements=False)
        for element in tree.iter():
            assert not any(str(name).startswith("on") for name in element.attrib)
            assert not str(element.get("href", "")).startswith("javascript:")
        scripts = [
            each for each in tree.iter("script") if each.get("type") != "application/ld+json"
        ]
        assert all(each.get("src", "").startswith("/static/") for each in scripts)


def test_the_page_says_what_it_has_left_out(client: FlaskClient) -> None:
    assert 'class="notice"' not in client.get("/search?q=bridge&utm_source=x").get_data(
        as_text=True
    )
    for asked, choices in {
        "sort=best": "relevance, date, -date",
        "from=8+Nov+2022": "2020-11-08",
        "limit=x": "a whole number",
        "match=loose": "exact, fold",
    }.items():
        page = client.get(f"/search?q=bridge&{asked}")
        assert page.status_code == 200
        text = page.get_data(as_text=True)
        assert choices in text.partition('class="notice"')[2].partition("</p>")[0]
        assert 'class="hits"' in text


@pytest.mark.parametrize(
    ("address", "choices"),
    [
        ("/browse?by=size", "date, source, language, folder, title"),
        ("/browse?by=language&group=xx", "/browse?by=language"),
        ("/search?q=bridge&ui=de", "en, az, tr, ru"),
        ("/feed.atom?q=bridge&sort=best", "relevance, date, -date"),
        ("/feed.json?from=x", "2020-11-08"),
        ("/feed.rss?q=bridge", "atom, json"),
        ("/export.csv?q=bridge&formt=pdf", "use one of q, op"),
        ("/export.xml?q=bridge", "csv, jsonl, bib"),
        ("/cite/x.ris", "txt, bib, json"),
    ],
)
def test_what_a_page_cannot_do_names_the_choices(
    client: FlaskClient, address: str, choices: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert choices in html.unescape(answer.get_data(as_text=True))


def test_a_page_beyond_the_last_leads_to_the_first(client: FlaskClient) -> None:
    text = client.get("/search?q=bridge&offset=500").get_data(as_text=True)
    assert "The results end before this page." in text
    assert '<a href="/search?q=bridge" rel="nofollow">First page</a>' in text
    assert "51 of" not in text
    assert 'class="hits"' in client.get("/search?q=bridge&limit=0").get_data(as_text=True)
    assert 'class="list"' in client.get("/browse?offset=900").get_data(as_text=True)


def test_a_slash_too_many_leads_to_the_page(client: FlaskClient) -> None:
    answer = client.get("/search/?q=bridge")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/search?q=bridge")
    # Never to another host.
    assert client.get("//browse/").headers.get("Location", "/browse").endswith("/browse")
    assert not client.get("//browse/").headers.get("Location", "").startswith("//")
    assert client.get("/nothing/").status_code == 404


def test_results_are_gone_back_to_as_they_were(client: FlaskClient) -> None:
    asked = "/search?q=bridge&sort=-date&lang=en"
    hit = next(a for a in _read(client.get(asked).get_data(as_text=True)).links if "/doc/" in a)
    for opened in (hit, hit.partition("#")[0] + "&m=1"):
        back = client.get(opened.partition("#")[0]).get_data(as_text=True)
        assert f'<a href="{html.escape(asked)}" class="back">' in back


def test_answers_in_a_language_say_that_they_vary(client: FlaskClient) -> None:
    document = client.get("/api/v1/documents").get_json()["documents"][0]["id"]
    for address in ("/", "/feed.atom", f"/cite/{document}.txt", "/embed.js", "/nowhere"):
        assert "Accept-Language" in client.get(address).headers["Vary"]
    assert "Accept-Language" not in client.get("/api/v1/documents").headers.get("Vary", "")
    page = client.get(f"/doc/{document}?ui=az").get_data(as_text=True)
    assert f"/cite/{document}.txt?ui=az" in page


def test_a_search_without_words_goes_to_the_start(client: FlaskClient) -> None:
    answer = client.get("/search?q=")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_path_prefix_and_a_public_address_are_in_every_link(settings: Settings) -> None:
    from dataclasses import replace

    app: Flask = create_app(
        replace(settings, public_url="https://archive.example.org", path_prefix="/library")
    )
    client = app.test_client()
    for path in ("/library/search?q=bridge", "/search?q=bridge"):
        found = _read(client.get(path).get_data(as_text=True))
        inside = [link for link in found.links if link.startswith("/")]
        assert inside
        assert all(link.startswith("/library/") for link in inside)
    hit = client.get("/library/api/v1/search?q=bridge").get_json()["hits"][0]
    assert hit["passages"][0]["url"].startswith("https://archive.example.org/library/doc/")
    whole = create_app(
        replace(settings, public_url="https://x.org/library", path_prefix="/library")
    )
    url = whole.test_client().get("/api/v1/search?q=bridge").get_json()["hits"][0]["url"]
    assert url.startswith("https://x.org/library/doc/")


def test_robots_may_come_in_only_where_the_owner_says_so(
    client: FlaskClient, settings: Settings
) -> None:
    from dataclasses import replace

    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").get_data(
        as_text=True
    )
    assert client.get("/sitemap.xml").get_data(as_text=True).count("<loc>") > 10
    private = create_app(replace(settings, public=False)).test_client()
    assert private.get("/robots.txt").get_data(as_text=True) == "User-agent: *\nDisallow: /\n"
    assert private.get("/sitemap.xml").status_code == 404
    assert "noindex" in private.get("/").headers["X-Robots-Tag"]


def test_without_an_index_pages_say_so(settings: Settings, tmp_path: object) -> None:
    from dataclasses import replace

    client = create_app(replace(settings, index=settings.index / "nowhere")).test_client()
    answer = client.get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "cannot be searched at the moment" in answer.get_data(as_text=True)
    problem = client.get("/api/v1/search?q=tea")
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json()["code"] == "index_unavailable"
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200

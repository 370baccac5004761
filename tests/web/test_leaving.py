"""What leaves the pages: feeds, exports, citations, originals."""

from __future__ import annotations

import csv
import json
import re
import struct
from dataclasses import replace
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from flask.testing import FlaskClient

from search_service.errors import InvalidValue
from search_service.settings import Settings
from search_service.web import create_app
from search_service.web.export import COLUMNS

ATOM = "{http://www.w3.org/2005/Atom}"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def test_atom_has_what_its_standard_asks_for(client: FlaskClient) -> None:
    answer = client.get("/feed.atom?q=bridge")
    assert answer.mimetype == "application/atom+xml"
    feed = Xml.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    for parent in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(ATOM + name)) == 1
            assert parent.findtext(ATOM + name)
        assert STAMP.fullmatch(parent.findtext(f"{ATOM}updated") or "")
        assert sum(link.get("rel") == "alternate" for link in parent.findall(f"{ATOM}link")) == 1
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids)) > 3
    published = [entry.findtext(f"{ATOM}published") for entry in entries]
    dated = [stamp for stamp in published if stamp]
    assert dated == sorted(dated, reverse=True)
    assert any(link.get("rel") == "self" for link in feed.findall(f"{ATOM}link"))


def test_json_feed_has_what_its_standard_asks_for(client: FlaskClient) -> None:
    answer = client.get("/feed.json?q=bridge")
    assert answer.mimetype == "application/feed+json"
    feed = answer.get_json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "bridge · The Reading Room"
    for item in feed["items"]:
        assert item["id"].startswith("http://localhost/doc/")
        assert item["content_html"]
        assert "date_published" not in item or STAMP.fullmatch(item["date_published"])


def test_a_feed_has_nothing_that_is_only_similar(client: FlaskClient) -> None:
    total = client.get("/api/v1/search?q=bridge").get_json()["total_documents"]
    assert len(client.get("/feed.json?q=bridge").get_json()["items"]) <= total


def test_exports_agree(client: FlaskClient) -> None:
    sheet = client.get("/export.csv?q=bridge").get_data(as_text=True)
    rows = list(csv.DictReader(StringIO(sheet.removeprefix("\ufeff"))))
    lines = client.get("/export.jsonl?q=bridge").get_data(as_text=True).splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert tuple(rows[0]) == COLUMNS
    entries = client.get("/export.bib?q=bridge").get_data(as_text=True)
    assert entries.count("@online{") == len({row["document"] for row in rows})
    assert client.get("/export.pdf?q=bridge").status_code == 400


def test_no_cell_is_a_formula(client: FlaskClient) -> None:
    sheet = client.get("/export.csv").get_data(as_text=True)
    for row in csv.reader(StringIO(sheet.removeprefix("\ufeff"))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize("form", ["txt", "bib", "json"])
def test_a_citation_names_the_passage(client: FlaskClient, form: str) -> None:
    passage = client.get("/api/v1/search?q=masons").get_json()["hits"][0]["passages"][0]
    document, _, anchor = passage["id"].partition(":")
    text = client.get(f"/cite/{document}.{form}?p={anchor}").get_data(as_text=True)
    assert f"http://localhost/doc/{document}?p={anchor}#p-{anchor}" in text
    assert "The night train over the old bridge" in text
    assert "Slow Travel" in text


def test_the_citation_of_a_passage_in_a_pdf_names_its_page(client: FlaskClient) -> None:
    hits = client.get("/api/v1/search?q=carpet&format=pdf").get_json()["hits"]
    document, _, anchor = hits[0]["passages"][0]["id"].partition(":")
    text = client.get(f"/cite/{document}.txt?p={anchor}&ui=az").get_data(as_text=True)
    assert re.search(r", səhifə \d\.", text)


def test_originals_are_given_by_setting_and_never_run(
    client: FlaskClient, settings: Settings
) -> None:
    for known in client.get("/api/v1/documents").get_json()["documents"]:
        answer = client.get(f"/original/{known['id']}")
        assert answer.status_code == 200
        assert answer.get_data() == (settings.corpus / known["path"]).read_bytes()
        pdf = known["format"] == "pdf"  # The browser's own reader opens it at a page.
        kept = "inline" if pdf else "attachment"
        assert answer.headers["Content-Disposition"].startswith(kept)
        assert pdf or "sandbox" in answer.headers["Content-Security-Policy"]
        answer.close()
    closed = create_app(replace(settings, originals=False)).test_client()
    assert closed.get(f"/original/{known['id']}").status_code == 404
    assert "/original/" not in closed.get(f"/doc/{known['id']}").get_data(as_text=True)


_DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><path d="M0 0"/></svg>'


@pytest.mark.parametrize(
    ("name", "content", "width"),
    [
        ("logo.svg", _DRAWING.encode(), 84),
        ("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 50, 100) + b"\x08", 14),
    ],
)
def test_the_logo_is_on_the_pages_and_in_the_feeds(
    settings: Settings, tmp_path: Path, name: str, content: bytes, width: int
) -> None:
    (tmp_path / name).write_bytes(content)
    client = create_app(replace(settings, archive_logo=tmp_path / name)).test_client()
    for page in ("/", "/help"):
        markup = client.get(page).get_data(as_text=True)
        assert f'<img src="/logo" alt="" width="{width}" height="28">' in markup
    with client.get("/logo") as answer:
        assert answer.get_data() == content
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    feed = Xml.fromstring(client.get("/feed.atom").data)
    assert feed.findtext(f"{ATOM}logo") == "http://localhost/logo"
    assert client.get("/feed.json").get_json()["icon"] == "http://localhost/logo"
    assert f'width="{width}" height="28"' in client.get("/opensearch.xml").get_data(as_text=True)
    assert '"image": "http://localhost/logo"' in client.get("/").get_data(as_text=True)


def test_a_square_logo_is_the_sign_of_the_archive(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>', "utf-8")
    named = replace(
        settings,
        archive_logo=path,
        archive_name="Archive of the Caspian shore",
        archive_contact="https://example.org/contact/",
    )
    client = create_app(named).test_client()
    page = client.get("/").get_data(as_text=True)
    assert '<link rel="icon" href="/logo" type="image/svg+xml">' in page
    assert '<a href="https://example.org/contact/">example.org/contact</a>' in page
    described = client.get("/opensearch.xml").get_data(as_text=True)
    assert "<ShortName>Archive of the</ShortName>" in described  # Sixteen letters are allowed.
    assert "icon.svg" not in described
    feed = Xml.fromstring(client.get("/feed.atom").data)
    assert feed.findtext(f"{ATOM}author/{ATOM}uri") == "https://example.org/contact/"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n", None])
def test_a_logo_of_no_use_is_refused(
    settings: Settings, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "logo"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidValue, match="archive_logo cannot be"):
        create_app(replace(settings, archive_logo=path))


def test_the_schema_org_data_is_true(client: FlaskClient) -> None:
    hit = client.get("/api/v1/search?q=masons").get_json()["hits"][0]
    markup = client.get(hit["url"]).get_data(as_text=True)
    data = json.loads(re.findall(r'application/ld\+json">(.*?)</script>', markup, re.DOTALL)[0])
    assert data["headline"] == "The night train over the old bridge"
    assert data["datePublished"] == "2020-11-08"
    assert data["author"] == {"@type": "Person", "name": "Ian Mercer"}

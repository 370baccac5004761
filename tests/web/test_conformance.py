"""What the pages send conforms to its standard: HTML, CSS, SVG, Atom, JSON Feed, OpenSearch."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field

from search_service.web.static import STATIC, assets
from tests.web import nu
from tests.web.states import addresses, hit_of

SCHEMAS = Path(__file__).parent / "schemas"


WRONG = {
    "wrong.html": "<!doctype html><html lang=en><title>t</title><p><div></p><img src=a>",
    "wrong.css": "p { colour: red }",
    "wrong.svg": '<svg xmlns="http://www.w3.org/2000/svg"><recht/></svg>',
}
YOUNGER_THAN_THE_CHECKER = "Unknown pseudo-element or pseudo-class “::details-content”"


@pytest.fixture(scope="module")
def found(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the checker says of all pages, of what the script puts into them, and of `WRONG`."""
    client = app.test_client()
    sent: dict[str, str | bytes] = {
        name: client.get(address).get_data() for name, address in addresses(client).items()
    }
    for language in ("az", "tr", "ru"):
        for query in ("masons", "الجسر"):
            address = hit_of(client, query) + f"&ui={language}"
            sent[f"document: {query} in {language}"] = client.get(address).get_data()
    place = hit_of(client, "masons").removeprefix("/doc/").partition("&")[0]
    for piece in ("around", "passage"):
        text = client.get(f"/{piece}/{place}").get_data(as_text=True)
        sent[piece] = f"<!doctype html><html lang=en><title>t</title><div>{text}</div>"
    sent["style.css"] = assets()["style.css"].content
    for path in STATIC.glob("*.svg"):
        sent[path.name] = path.read_bytes()
    assert len(sent) > 45
    return nu.problems(sent | WRONG, tmp_path_factory.mktemp("sent"))


def test_html_css_and_svg_conform(found: list[str]) -> None:
    known = (*WRONG, "style.css")
    assert [each for each in found if not each.startswith(known)] == []
    style = [each for each in found if each.startswith("style.css")]
    assert [each for each in style if YOUNGER_THAN_THE_CHECKER not in each] == []


def test_the_checker_finds_what_is_wrong(found: list[str]) -> None:
    for name in WRONG:
        assert any(each.startswith(name) for each in found), name


@pytest.mark.parametrize(
    "query", ["q=bridge", "", "q=الجسر", "q=zeppelin", "q=%22a+%3Cb%3E&lang=en", "year=undated"]
)
def test_atom_conforms(client: FlaskClient, query: str) -> None:
    schema = etree.RelaxNG(etree.parse(SCHEMAS / "atom.rng"))
    feed = etree.fromstring(client.get(f"/feed.atom?{query}").get_data())
    assert schema.validate(feed), schema.error_log


def test_the_schema_of_atom_refuses_what_is_wrong(client: FlaskClient) -> None:
    schema = etree.RelaxNG(etree.parse(SCHEMAS / "atom.rng"))
    right = client.get("/feed.atom?q=bridge").get_data(as_text=True)
    for before, after in (
        ("<updated>20", "<updated>yesterday, 20"),
        ("</title>", "</title><title>again</title>"),
        ("<id>http", "<id>not an address, http"),
        ('type="html"', 'type="markdown"'),
        ("<author>", "<writer/><author>"),
    ):
        assert before in right
        assert not schema.validate(etree.fromstring(right.replace(before, after, 1).encode()))


def test_the_description_for_browsers_conforms(client: FlaskClient) -> None:
    schema = etree.RelaxNG(etree.parse(SCHEMAS / "opensearch.rng"))
    described = etree.fromstring(client.get("/opensearch.xml").get_data())
    assert schema.validate(described), schema.error_log


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Author(_Strict):
    name: str = Field(min_length=1)


class _Item(_Strict):
    id: AnyHttpUrl
    url: AnyHttpUrl
    title: str
    content_html: str
    date_published: datetime | None = None
    language: str | None = None
    authors: list[_Author] | None = None
    tags: list[str] | None = None


class _JsonFeed(_Strict):
    """JSON Feed 1.1, of which we write these."""

    version: str = Field(pattern=r"^https://jsonfeed\.org/version/1\.1$")
    title: str = Field(min_length=1)
    description: str | None = None
    icon: AnyHttpUrl | None = None
    authors: list[_Author]
    home_page_url: AnyHttpUrl
    feed_url: AnyHttpUrl
    language: str | None = None
    items: list[_Item]


@pytest.mark.parametrize("query", ["q=bridge", "", "q=الجسر", "q=zeppelin", "year=undated"])
def test_json_feed_conforms(client: FlaskClient, query: str) -> None:
    feed = _JsonFeed.model_validate_json(client.get(f"/feed.json?{query}").get_data())
    assert len({item.id for item in feed.items}) == len(feed.items)

"""What cannot be answered, said in the reader's language with its cure."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

REFUSED = {
    "/search?q=bridge&sort=best": "relevance, date, -date",
    "/search?q=bridge&from=May+2020": "2020-11-08",
    "/search?q=bridge&limit=x": "0",
    "/search?q=bridge&page=0": "1",
    "/search?q=bridge&offset=10001": "10000",
    "/search?q=bridge&highlight=perhaps": "true",
    "/search?q=bridge&facets=size": "language, year",
    f"/search?q={'bridge+' * 200}": "1000",
    "/feed.atom?q=bridge&offset=9995": "10000",
    "/feed.rss?q=bridge": "atom, json",
    "/export.csv?q=bridge&formt=pdf": "formt",
    "/browse?by=size": "date, source, language",
    "/browse?by=language&group=xx": "/browse?by=language",
    "/original/nothing": "",
    "/logo": "archive_logo",
}
"""Address -> what is named in every language."""


def _said(client: FlaskClient, address: str, language: str) -> str:
    """The sentence that tells what is wrong, from a page of results or of an error."""
    joint = "&" if "?" in address else "?"
    text = client.get(f"{address}{joint}ui={language}").get_data(as_text=True)
    places: tuple[str, ...] = (
        '<p class="notice" role="status">',
        '<p role="status" id="status">',
    )
    if 'class="said"' in text:
        places = ('<p class="quiet">',)
    found = next(text.partition(place)[2] for place in places if place in text)
    assert "lang=" not in found.partition("</p>")[0]
    return html.unescape(re.sub("<[^>]*>", "", found.partition("</p>")[0])).strip()


@pytest.mark.parametrize(("address", "named"), REFUSED.items())
def test_a_refusal_is_in_the_language_of_the_page(
    client: FlaskClient, address: str, named: str
) -> None:
    if "/feed" in address or "/export" in address:
        said = {code: _said_by_browser(client, address, code) for code in ("en", "az", "tr", "ru")}
    else:
        said = {code: _said(client, address, code) for code in ("en", "az", "tr", "ru")}
    assert all(named in text for text in said.values()), said
    # Nothing after the colon, the cure, is left in English.
    cures = [text.rpartition(": ")[2] if not named else text for text in said.values()]
    assert len(set(cures)) == 4, said
    assert re.search("[а-я]{4}", said["ru"])
    for code in ("az", "tr"):
        assert not re.search(r"\b(use|cannot|choose|only|there|read)\b", said[code]), said[code]


def _said_by_browser(client: FlaskClient, address: str, language: str) -> str:
    text = client.get(address, headers={"Accept-Language": language}).get_data(as_text=True)
    assert 'class="said"' in text
    return html.unescape(text.partition('<p class="quiet">')[2].partition("</p>")[0])


def test_programs_are_answered_in_english(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?limit=x", headers={"Accept-Language": "az"})
    assert answer.get_json()["detail"] == "limit cannot be 'x': use a whole number from 0"

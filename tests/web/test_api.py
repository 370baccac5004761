"""The JSON endpoint: shapes, totals, offsets, strictness, and that its description is true."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from search_service.web.params import SEARCH
from search_service.web.problems import STATUS
from search_service.web.shapes import DocumentAnswer, OnePassage, SearchAnswer


def _search(client: FlaskClient, **asked: object) -> dict[str, Any]:
    answer = client.get("/api/v1/search", query_string={k: str(v) for k, v in asked.items()})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    SearchAnswer.model_validate(found)
    return found


def test_documents_with_their_passages(client: FlaskClient) -> None:
    found = _search(client, q="old bridge")
    assert found["total"] == found["total_documents"] >= 3
    assert found["total_relation"] == "eq"
    first = found["hits"][0]
    assert first["title"] == "The night train over the old bridge"
    assert (first["author"], first["source"]) == ("Ian Mercer", "Slow Travel")
    assert (first["date"], first["missing"]) == ("2020-11-08", [])
    assert first["passages"][0]["url"].startswith("http://localhost/doc/")
    assert "<mark>" in first["passages"][0]["snippet"]
    assert any("old" in hit["missing"] for hit in found["hits"])


def test_matches_are_places_in_the_text_of_the_document(client: FlaskClient) -> None:
    for query in ("bridge", "körpü", "мост", "الجسر"):
        for hit in _search(client, q=query)["hits"]:
            text = client.get(f"/api/v1/documents/{hit['id']}").get_json()["text"]
            for passage in hit["passages"]:
                shown = html.unescape(re.sub("<[^>]*>", "", passage["snippet"]))
                assert text[passage["start"] : passage["end"]] in shown
                for match in passage["matches"]:
                    word = text[match["start"] : match["end"]]
                    assert f">{html.escape(word)}</mark>" in passage["snippet"]


def test_every_passage_can_be_fetched_with_its_neighbours(client: FlaskClient) -> None:
    hit = _search(client, q="mugham shadow")["hits"][0]
    document = client.get(f"/api/v1/documents/{hit['id']}").get_json()
    DocumentAnswer.model_validate(document)
    passages = document["passages"]
    for place, passage in enumerate(passages):
        one = client.get(f"/api/v1/passages/{passage['id']}").get_json()
        OnePassage.model_validate(one)
        assert one["passage"] == passage
        assert document["text"][passage["start"] : passage["end"]] == passage["text"]
        assert (one["before"] or {}).get("id") == (passages[place - 1]["id"] if place else None)
        assert one["moved"] is False
    assert document["metadata"]["title"] == {
        "value": "Listening to mugham",
        "where": "front matter",
    }


def test_a_passage_as_a_hit(client: FlaskClient) -> None:
    found = _search(client, q="bridge", group="none", limit=3)
    assert found["total"] == found["total_passages"]
    assert len(found["hits"]) == 3
    assert {"id", "title", "date"} <= set(found["hits"][0]["document"])


def test_paging_shows_each_hit_once(client: FlaskClient) -> None:
    query = "singer oven mulberry carpet samovar"
    whole = [hit["id"] for hit in _search(client, q=query, limit=50)["hits"]]
    paged: list[str] = []
    address: str | None = f"/api/v1/search?q={query}&limit=2"
    while address:
        found = client.get(address).get_json()
        paged += [hit["id"] for hit in found["hits"]]
        address = found["next"]
    # The last page may go on with documents that only have similar words, which are not counted.
    total = found["total"]
    assert paged == whole[: len(paged)]
    assert 4 < total <= len(paged) <= total + 1
    by_page, by_offset = (
        _search(client, q=query, **asked)["hits"]
        for asked in ({"per_page": 2, "page": 2}, {"limit": 2, "offset": 2})
    )
    assert by_page == by_offset


def test_a_limit_that_is_too_large_is_said_to_be(client: FlaskClient) -> None:
    found = _search(client, q="bridge", limit=5000)
    assert (found["limit"], found["notes"]) == (100, ["limit_clamped"])


def test_filters_dates_and_facets(client: FlaskClient) -> None:
    found = _search(client, q="bridge", facets="language,year", lang="en")
    assert all("en" in hit["languages"] for hit in found["hits"])
    assert {value["value"] for value in found["facets"]["year"]} >= {"2020", "undated"}
    late = _search(client, q="bridge", **{"from": "2020", "to": "2020-12"})
    assert {hit["date"] for hit in late["hits"]} == {"2020-11-08"}
    newest = [hit["date"] for hit in _search(client, q="bridge", sort="-date")["hits"]]
    dated = [date for date in newest if date]
    assert dated == sorted(dated, reverse=True)
    assert newest[: len(dated)] == dated


def test_all_words(client: FlaskClient) -> None:
    some = _search(client, q="bridge saffron")
    every = _search(client, q="bridge saffron", op="and")
    assert every["total"] == some["total_all_words"] < some["total"]


@pytest.mark.parametrize(
    ("asked", "code", "parameter"),
    [
        ("colour=red", "unknown_name", "colour"),
        ("limit=many", "invalid_value", "limit"),
        ("limit=-1", "invalid_value", "limit"),
        ("op=xor", "invalid_value", "op"),
        ("from=yesterday", "invalid_value", "from"),
        ("from=2020-02-31", "invalid_value", "from"),
        ("facets=colour", "unknown_name", "facets"),
        ("sort=size", "invalid_value", "sort"),
        ("offset=10001", "invalid_value", "offset"),
        ("offset=9995", "invalid_value", "offset"),
        ("page=9999", "invalid_value", "page"),
        ("q=" + "a" * 1200, "invalid_value", "q"),
    ],
)
def test_what_is_not_understood_is_an_error_with_a_cure(
    client: FlaskClient, asked: str, code: str, parameter: str
) -> None:
    answer = client.get(f"/api/v1/search?{asked}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["code"] == code
    assert problem["parameter"] == parameter
    assert parameter in problem["detail"]
    assert ": " in problem["detail"]


def test_a_page_far_down_is_no_error(client: FlaskClient) -> None:
    for asked in ("page=99999", "offset=9999", "limit=7&offset=10000"):
        assert client.get(f"/search?q=tea&{asked}").status_code == 200


def test_an_older_address_answers_alike(client: FlaskClient) -> None:
    old = client.get("/api/search?q=tea").get_json()
    new = client.get("/api/v1/search?q=tea").get_json()
    assert {**old, "took_ms": 0} == {**new, "took_ms": 0}


def test_completion(client: FlaskClient) -> None:
    found = client.get("/api/v1/suggest?q=kama").get_json()["completions"]
    assert any("kaman" in each["text"].lower() for each in found)
    assert all((each["passages"] is None) == (each["kind"] == "title") for each in found)
    assert any(each["passages"] for each in found)
    assert client.get("/suggest.json?q=kama").get_json()[0] == "kama"


def test_the_list_of_documents(client: FlaskClient) -> None:
    listed = client.get("/api/v1/documents?limit=4").get_json()
    assert (len(listed["documents"]), listed["limit"]) == (4, 4)
    assert "offset=4" in listed["next"]
    everything = client.get("/api/v1/documents").get_json()
    assert len(everything["documents"]) == everything["total"] == listed["total"]
    second = client.get("/api/v1/documents?per_page=4&page=2").get_json()
    assert second["documents"] == everything["documents"][4:8]
    beyond = client.get("/api/v1/documents?offset=20000")
    assert beyond.status_code == 200, "a list may be longer than a ranking"
    assert beyond.get_json()["documents"] == []
    for asked in ("page=0", "limit=x", "offset=-1"):
        problem = client.get(f"/api/v1/documents?{asked}").get_json()
        assert problem["parameter"] == asked.partition("=")[0]


def test_what_is_gone_or_never_was(client: FlaskClient) -> None:
    assert client.get("/api/v1/documents/never").get_json()["code"] == "not_found"
    assert client.get("/api/v1/passages/never").status_code == 404
    document = _search(client, q="tea")["hits"][0]["id"]
    assert client.get(f"/api/v1/passages/{document}:zzzzzzzz").status_code == 404


def test_the_description_names_what_there_is(client: FlaskClient) -> None:
    described = client.get("/openapi.json").get_json()
    assert described["openapi"] == "3.1.0"
    assert described == client.get("/api/v1/openapi.json").get_json()
    for path, item in described["paths"].items():
        parameters = item["get"]["parameters"]
        if "{id}" not in path:
            # Every parameter that is described is taken; each described value is one.
            asked = {
                each["name"]: str(each["schema"].get("enum", [_example(each["name"])])[0])
                for each in parameters
            }
            answer = client.get(path, query_string=asked)
            assert answer.status_code == 200, answer.get_data(as_text=True)
        reference = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert reference.rpartition("/")[2] in described["components"]["schemas"]


def _example(name: str) -> str:
    examples = {"from": "2001", "to": "2021-05", "page": "1", "highlight": "true"}
    numbers = dict.fromkeys(("limit", "offset", "per_page"), "3")
    return {**examples, **numbers, "facets": "year,language"}.get(name, "tea")


def test_the_documentation_names_every_parameter_code_and_address(client: FlaskClient) -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for name in (parameter.name for parameter in SEARCH):
        assert f"`{name}`" in text, name
    for path in client.get("/openapi.json").get_json()["paths"]:
        assert f"`{path.replace('{id}', '<id>')}`" in text, path
    for kind, status in STATUS.items():
        assert f"`{kind.code}`" in text
        assert f"| {status} |" in text

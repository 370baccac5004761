"""What readers see when the archive changes: new generations, moved, changed and gone documents."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from search_service.indexer.running import run
from search_service.settings import Settings
from search_service.web import create_app

TEXT = """# The lighthouse

The lamp was lit with oil until the keeper retired. He carried it up two hundred steps every
evening, and he counted them aloud so that the stairs would not grow longer.

His daughter painted the door blue. Nobody asked her to, and nobody painted it any other colour
afterwards, though the wind took the paint off every winter.
"""
OTHER = "# Salt\n\nSalt is raked in August, when the water has gone, and carried off in baskets.\n"


@pytest.fixture
def changing(tmp_path: Path) -> Settings:
    """Settings of an archive of two documents, indexed."""
    settings = Settings(
        corpus=tmp_path / "corpus",
        index=tmp_path / "index",
        query_seconds=20.0,
        index_processes=1,
    )
    settings.corpus.mkdir()
    (settings.corpus / "lighthouse.md").write_text(TEXT, encoding="utf-8")
    (settings.corpus / "salt.md").write_text(OTHER, encoding="utf-8")
    run(settings)
    return settings


def _first(client: FlaskClient, query: str) -> str:
    hit = client.get(f"/api/v1/search?q={query}").get_json()["hits"][0]
    return str(hit["passages"][0]["url"]).removeprefix("http://localhost").partition("#")[0]


def test_a_new_generation_is_served_without_a_restart(changing: Settings) -> None:
    client = create_app(changing).test_client()
    assert client.get("/api/v1/search?q=windmill").get_json()["total"] == 0
    before = client.get("/readyz").get_json()["generation"]
    (changing.corpus / "mill.md").write_text("# Mill\n\nThe windmill turns.\n", encoding="utf-8")
    run(changing)
    assert client.get("/api/v1/search?q=windmill").get_json()["total"] == 1
    assert client.get("/readyz").get_json()["generation"] != before
    assert "Mill" in client.get("/browse").get_data(as_text=True)


def test_links_outlive_a_new_name(changing: Settings) -> None:
    client = create_app(changing).test_client()
    link = _first(client, "daughter")
    (changing.corpus / "lighthouse.md").rename(changing.corpus / "pharos.md")
    run(changing)
    page = client.get(link)
    assert page.status_code == 200
    assert "painted the door blue" in page.get_data(as_text=True)
    assert 'class="notice"' not in page.get_data(as_text=True)


def test_a_link_to_what_has_changed_opens_the_nearest_and_says_so(changing: Settings) -> None:
    client = create_app(changing).test_client()
    link = _first(client, "oil")
    changed = TEXT.replace("The lamp was lit with oil until", "The lamp burned fish oil until")
    (changing.corpus / "lighthouse.md").write_text(changed, encoding="utf-8")
    run(changing)
    page = client.get(link).get_data(as_text=True)
    assert 'class="notice"' in page
    assert 'class="here"' in page
    anchor = link.partition("p=")[2].partition("&")[0]
    # The fragment of the old link leads to it too.
    assert page.count(f'id="p-{anchor}"') == 1
    assert page.index(f'id="p-{anchor}"') < page.index("The lamp burned")
    document = link.partition("/doc/")[2].partition("?")[0]
    answer = client.get(f"/api/v1/passages/{document}:{anchor}").get_json()
    assert answer["moved"] is True
    assert "fish oil" in answer["passage"]["text"]


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_an_old_link_opens_where_its_passage_was(
    changing: Settings, chromium: Browser, script: bool
) -> None:
    """Far down in a long document, after the sentence was changed and the index emptied."""
    said = "Buoy {0} is painted red. " + "Gulls sit on it in turn, and none of them stays. " * 4
    text = "# Buoys\n\n" + "\n\n".join(said.format(n) for n in range(100, 140))
    path = changing.corpus / "buoys.md"
    path.write_text(text, encoding="utf-8")
    run(changing)
    app = create_app(changing)
    link = _first(app.test_client(), '"buoy+125+is"').partition("&")[0]
    path.write_text(text.replace("Buoy 125 is painted red", "Buoy 125 was repainted", 1), "utf-8")
    shutil.rmtree(changing.index)
    run(changing)
    server = make_server("127.0.0.1", 0, create_app(changing), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = chromium.new_context(java_script_enabled=script, locale="en-GB")
    page = context.new_page()
    anchor = link.partition("?p=")[2]
    page.goto(f"http://127.0.0.1:{server.server_port}{link}#p-{anchor}")
    expect(page.locator(".notice")).to_contain_text("has changed since")
    expect(page.locator(".here")).to_contain_text("Buoy 125 was repainted")
    expect(page.locator(".here")).to_be_in_viewport()
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_that_is_gone_says_since_when(changing: Settings) -> None:
    client = create_app(changing).test_client()
    link = _first(client, "daughter")
    (changing.corpus / "lighthouse.md").unlink()
    run(changing)
    page = client.get(link)
    assert page.status_code == 410
    assert "This document has not been in the archive since" in page.get_data(as_text=True)
    document = link.partition("/doc/")[2].partition("?")[0]
    problem = client.get(f"/api/v1/documents/{document}")
    assert (problem.status_code, problem.get_json()["code"]) == (410, "document_gone")


def test_readers_are_served_while_generations_change(changing: Settings) -> None:
    """Every answer is whole and of one generation, whatever is published meanwhile."""
    app = create_app(changing)
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        client = app.test_client()
        while not done.is_set():
            answer = client.get("/api/v1/search?q=lamp+salt")
            found = answer.get_json()
            if answer.status_code != 200 or found["total"] != 2:
                wrong.append(found)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(4):
        text = f"# Boat {number}\n\nIt is painted green and sails with the evening wind.\n"
        (changing.corpus / f"boat{number}.md").write_text(text, encoding="utf-8")
        run(changing)
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_a_file_outside_the_folder_is_never_given(changing: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text(TEXT, encoding="utf-8")
    client = create_app(replace(changing, originals=True)).test_client()
    document = _first(client, "daughter").partition("/doc/")[2].partition("?")[0]
    with client.get(f"/original/{document}") as given:
        assert given.status_code == 200
    (changing.corpus / "lighthouse.md").unlink()
    (changing.corpus / "lighthouse.md").symlink_to(secret)
    assert client.get(f"/original/{document}").status_code == 404
    for path in ("../secret.md", "%2e%2e%2fsecret.md", "..%5csecret.md"):
        assert client.get(f"/original/{path}").status_code in (404, 308)
        assert client.get(f"/static/{path}").status_code in (404, 308)

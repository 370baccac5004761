"""The status page: what the last run did, what failed, and when the next one is."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search_service import drift, runs
from search_service.indexer.running import run
from search_service.runs import RunRecord
from search_service.schedule import spool
from search_service.settings import Settings
from search_service.web import create_app

STAMP = "2024-05-01T12:00:00+00:00"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, Path]:
    """An archive of one text, and where its runs are remembered."""
    root = tmp_path_factory.mktemp("status")
    (root / "corpus").mkdir()
    (root / "corpus" / "tea.txt").write_text("Tea is drunk from small glasses.", "utf-8")
    settings = Settings(
        corpus=root / "corpus", index=root / "index", index_processes=1, query_seconds=20.0
    )
    run(settings)
    return create_app(settings).test_client(), settings.state_folder


def said(client: FlaskClient) -> str:
    return client.get("/status").get_data(as_text=True)


def test_a_run_that_published(archive: tuple[FlaskClient, Path]) -> None:
    client, state = archive
    runs.append(state, RunRecord(STAMP, ("every 15m",), 1.0, "published", new=2, gone=1))
    page = said(client)
    assert "2 new, 1 gone" in page
    assert "1 May 2024" in page
    assert "All is well" in page
    assert "when the owner starts it" in page


def test_a_run_that_failed_does_not_tell_where_the_server_keeps_things(
    archive: tuple[FlaskClient, Path],
) -> None:
    client, state = archive
    runs.append(state, RunRecord(STAMP, (), 1.0, "unreadable", "cannot read /srv/secret"))
    page = said(client)
    assert "The last run failed" in page
    assert "“search-service status” tells its owner why." in page
    assert "failed (unreadable)" in page
    assert "All is well" not in page
    assert "/srv/secret" not in page


def test_without_an_index_it_says_what_makes_one(tmp_path: Path) -> None:
    settings = Settings(corpus=tmp_path, index=tmp_path / "index")
    answer = create_app(settings).test_client().get("/status")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    page = answer.get_data(as_text=True)
    assert "There is no index that can be searched." in page
    assert "Its owner makes one with “search-service index”." in page
    assert "when the owner starts it" in page


def test_what_is_not_searched_is_named(archive: tuple[FlaskClient, Path]) -> None:
    client, state = archive
    left_out = (("torn.pdf", "the file ends <too> early"),)
    runs.append(state, RunRecord(STAMP, (), 1.0, "unchanged", left_out=left_out))
    page = said(client)
    assert "torn.pdf" in page
    assert "ends &lt;too&gt; early" in page
    assert "nothing had changed" in page


def test_when_the_next_run_is(archive: tuple[FlaskClient, Path]) -> None:
    client, state = archive
    with spool.present(state) as presence:
        presence.tell(spool.Scheduler(1, ("every 15m",), "2024-05-01T12:15:00+00:00"))
        spool.ask(state)
        page = said(client)
        assert "12:15:00" in page
        assert "1 request waits" in page
        presence.tell(spool.Scheduler(1, ("every 15m",), running=True))
        assert "under way" in said(client)


def test_what_has_changed_in_the_folder_and_when_that_was_looked_at(
    archive: tuple[FlaskClient, Path],
) -> None:
    client, state = archive
    assert "In the folder since" not in said(client), "nobody has looked yet"
    drift.keep(state, drift.made())
    assert "nothing that is not in the index" in said(client)
    found = drift.made(new=["a.txt", "b.txt"], gone=["c.txt"], failing=[("d.pdf", "it is cut")])
    drift.keep(state, found)
    page = said(client)
    assert "2 new, 1 gone, 1 not searched" in page
    assert f'<time datetime="{found.looked}">' in page
    drift.keep(state, drift.made(damage="CURRENT is damaged"))
    assert "repaired or made anew" in said(client)
    (state / drift.FILE).write_text("{}")
    assert "In the folder since" not in said(client)

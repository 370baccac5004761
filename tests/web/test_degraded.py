"""Damage as readers meet it: the pages answer from what is whole, and say that it is not all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search_service import manifest, suspicion
from search_service.engines.whoosh.writing import policy
from search_service.generations import Generations
from search_service.indexer import running
from search_service.settings import Settings
from search_service.web import create_app

NAMES = ("tar", "saz", "daf")
PATIENCE = 60.0
"""Seconds that a laden machine is given; how soon it is, the fault suites measure."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Three documents, each in a segment of its own; the first two are shared by generations."""
    monkeypatch.setattr(policy, "choose", lambda *_, **__: [])
    monkeypatch.setattr("search_service.corpus.SETTLED_NS", 0)
    made = Settings(
        corpus=tmp_path / "corpus", index=tmp_path / "index", index_processes=1, query_seconds=20.0
    )
    made.corpus.mkdir()
    for name in NAMES:
        path = made.corpus / f"{name}.txt"
        path.write_text(f"The {name} is an instrument that is played at weddings.", "utf-8")
        os.utime(path, (1e9, 1e9))
        running.run(made)
    return made


def flip(settings: Settings, *, shared: bool) -> None:
    """A byte of postings, of a segment that both generations have or of the newest."""
    live = Generations(settings.index).current().directory
    path = next(
        path for path in sorted(live.glob("*.words")) if (path.stat().st_nlink > 1) == shared
    )
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 16
    path.write_bytes(data)


def found(client: FlaskClient) -> set[str]:
    answer = client.get("/api/v1/search?q=instrument")
    assert answer.status_code == 200
    return {hit["path"].removesuffix(".txt") for hit in answer.json["hits"]}  # type: ignore[index]


def readiness(client: FlaskClient, wanted: str) -> dict[str, object]:
    """What `/readyz` says once it says this."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = client.get("/readyz")
        assert answer.status_code == 200
        said: dict[str, object] = answer.json  # type: ignore[assignment]
        if said["status"] == wanted or time.monotonic() > deadline:
            assert said["status"] == wanted
            return said
        time.sleep(0.01)


@pytest.mark.parametrize("small", [True, False], ids=["at opening", "in the background"])
@pytest.mark.parametrize("shared", [True, False], ids=["a shared segment", "the newest's own"])
def test_what_is_whole_answers_and_the_next_run_repairs_the_rest(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, small: bool, shared: bool
) -> None:
    client = create_app(settings).test_client()
    assert found(client) == set(NAMES)
    if not small:
        monkeypatch.setattr(manifest, "SMALL", 0)
    flip(settings, shared=shared)
    client = create_app(settings).test_client()  # As after a restart of the service.
    said = readiness(client, "degraded")
    assert "has changed since it was written" in str(said["degraded"])
    assert len(found(client)) == 2
    assert len(found(client) & {"tar", "saz"}) == (1 if shared else 2)
    page = client.get("/status").get_data(as_text=True)
    assert "All is well" not in page
    assert "has changed since it was written" in page
    assert str(settings.index) not in page  # Where the server keeps things is nobody's business.
    assert ("Part of the index is damaged" if shared else "the one before it answers") in page
    assert "repairs it with “search-service index”." in page
    results = client.get("/search?q=instrument").get_data(as_text=True)
    assert ("Part of the index is damaged" in results) == shared
    deadline = time.monotonic() + PATIENCE
    while not suspicion.noted(settings.state_folder) and time.monotonic() < deadline:
        time.sleep(0.01)

    report = running.run(settings)
    assert not report.rebuilt
    assert report.repaired + report.new == 1
    readiness(client, "ready")
    assert found(client) == set(NAMES)

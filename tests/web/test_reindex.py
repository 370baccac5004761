from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search_service import runs
from search_service.runs import RunRecord
from search_service.schedule import spool
from search_service.settings import Settings
from search_service.web import create_app

TOKEN = {"Authorization": "Bearer carpet"}


def client(root: Path, token: str) -> FlaskClient:
    return create_app(
        Settings(corpus=root / "corpus", index=root / "index", reindex_token=token)
    ).test_client()


def test_without_a_token_nobody_may_ask(tmp_path: Path) -> None:
    assert client(tmp_path, "").post("/api/v1/reindex", headers=TOKEN).status_code == 403


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer rug"}])
def test_with_another_token_neither(tmp_path: Path, headers: dict[str, str]) -> None:
    answer = client(tmp_path, "carpet").post("/api/v1/reindex", headers=headers)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


def test_without_a_scheduler_it_says_so(tmp_path: Path) -> None:
    answer = client(tmp_path, "carpet").post("/api/v1/reindex", headers=TOKEN)
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["code"] == "no_scheduler"


def test_a_request_can_be_watched_until_its_run_is_done(tmp_path: Path) -> None:
    asking = client(tmp_path, "carpet")
    state = tmp_path / "index" / "state"
    with spool.present(state) as presence:
        presence.tell(spool.Scheduler(1, ("on request",)))
        answer = asking.post("/api/v1/reindex", headers=TOKEN)
        assert answer.status_code == 202
        assert answer.json is not None
        where, name = answer.json["watch"], answer.json["request"]
        waiting = asking.get(where, headers=TOKEN).json
        assert waiting == {"request": name, "state": "waiting"}
        why = (f"request {name}",)
        runs.append(state, RunRecord("2024-05-01T12:00:00+00:00", why, 1.0, "published"))
        spool.answered(state, [name])
        done = asking.get(where, headers=TOKEN).json
        assert done is not None
        assert (done["state"], done["run"]["outcome"]) == ("done", "published")
        assert asking.get("/api/v1/runs/none", headers=TOKEN).status_code == 404
        assert asking.get(where).status_code == 401

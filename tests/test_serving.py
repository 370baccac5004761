"""`serve --reindex-every`: gunicorn, and beside it a process that indexes, found from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from search_service.schedule import spool

PATIENCE = 60.0
TOKEN = "a token for the test"


class Served:
    """The service as somebody starts it."""

    def __init__(self, root: Path, *more: str) -> None:
        self.corpus, self.index = root / "corpus", root / "index"
        self.corpus.mkdir()
        self.write("tar", "The tar is played with a plectrum.")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        folders = ["--corpus", os.fspath(self.corpus), "--index", os.fspath(self.index)]
        command = [sys.executable, "-m", "search_service", "serve", *folders]
        environment = os.environ | {
            "SEARCH_SERVICE_REINDEX_TOKEN": TOKEN,
            "SEARCH_SERVICE_QUERY_SECONDS": "20",
        }
        self.process = subprocess.Popen(
            [*command, "--port", str(port), "--workers", "1", *more],
            env=environment,
            stderr=subprocess.DEVNULL,
        )

    def write(self, name: str, text: str) -> None:
        (self.corpus / f"{name}.txt").write_text(text, encoding="utf-8")

    def ask(self, path: str, *, post: bool = False) -> tuple[int, Any]:
        request = urllib.request.Request(
            self.address + path,
            method="POST" if post else "GET",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)
        except (urllib.error.URLError, ConnectionError):
            return 0, {}

    def finds(self, word: str) -> bool:
        return bool(self.ask(f"/api/v1/search?q={word}")[1].get("total"))

    def scheduler(self) -> spool.Scheduler | None:
        return spool.scheduler(self.index / "state")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started = []

    def start(*more: str) -> Served:
        started.append(Served(tmp_path, *more))
        return started[-1]

    yield start
    for served in started:
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(30)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_a_process_beside_it_indexes_and_ends_with_it(serve: Callable[..., Served]) -> None:
    served = serve("--reindex-every", "2s")
    until(lambda: served.finds("plectrum"))
    scheduler = served.scheduler()
    assert scheduler is not None
    assert scheduler.pid not in {served.process.pid, 0}
    assert scheduler.when[0] == "every 2s"

    served.write("saz", "The saz has a long neck.")
    until(lambda: served.finds("neck"))

    status, answer = served.ask("/api/v1/reindex", post=True)
    assert status == 202
    until(lambda: served.ask(answer["watch"])[1].get("state") == "done")
    why = served.ask(answer["watch"])[1]["run"]["why"]
    assert f"request {answer['request']}" in why

    os.kill(served.process.pid, signal.SIGKILL)  # However it ends.
    until(lambda: served.scheduler() is None)


def test_without_it_a_request_for_a_run_is_refused_with_the_reason(
    serve: Callable[..., Served],
) -> None:
    served = serve()
    until(lambda: served.ask("/healthz")[0] == 200)
    status, answer = served.ask("/api/v1/reindex", post=True)
    assert status == 503
    assert answer["code"] == "no_scheduler"
    assert "search-service schedule" in answer["detail"]

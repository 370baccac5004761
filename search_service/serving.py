"""gunicorn with our settings, and beside it, if asked for, the process that runs the indexer."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from multiprocessing import get_context
from typing import Any

from gunicorn.app.base import BaseApplication

from search_service.errors import IndexLocked
from search_service.schedule import Every, Schedule, index
from search_service.settings import Settings
from search_service.web import create_app

BACKLOG = 128
"""Connections that wait: at a hundred requests a second gunicorn's 2048 would hide a queue of
twenty seconds, and a reader who has left would still be answered."""
TIMEOUT = 30
GRACE = 10
"""Seconds for requests in flight when a worker is to end."""


def options(settings: Settings) -> dict[str, object]:
    """What gunicorn is told."""
    return {
        "bind": f"{_bracketed(settings.host)}:{settings.port}",
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": "gthread",
        "preload_app": True,
        "backlog": BACKLOG,
        "timeout": TIMEOUT,
        "graceful_timeout": GRACE,
        "keepalive": 5,
        # Two services of one user would share its default path.
        "control_socket_disable": True,
        "limit_request_line": 8190,
        "forwarded_allow_ips": "*" if settings.proxies else "127.0.0.1",
        "proc_name": "search-service",
    }


class _Server(BaseApplication):
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(self._settings)


def serve(settings: Settings) -> None:
    """Serve until told to stop. Does not return."""
    if settings.reindex_every is not None:
        # Not a fork: gunicorn's master and workers shall have nothing of the indexer in them.
        process = get_context("spawn").Process(
            target=_schedule, args=(settings, os.getpid()), daemon=True
        )
        process.start()
    _Server(settings).run()


def _schedule(settings: Settings, parent: int) -> None:
    """What the process beside the server does, until that ends."""
    schedule = Schedule(settings, Every(settings.reindex_every or 0), index, _tell)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, schedule.stop)
    with suppress(IndexLocked):  # A schedule of its own runs already: one is enough.
        schedule.run(parent=parent)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

"""gunicorn with our settings, and beside it, if asked for, the process that runs the indexer."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from gunicorn.app.base import BaseApplication

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
        # A program of its own: gunicorn's master and workers have nothing of the indexer in them.
        subprocess.Popen(  # noqa: S603 -- our own command
            [
                *(sys.executable, "-m", "search_service", "schedule"),
                *("--every", f"{settings.reindex_every}s", "--parent", str(os.getpid())),
            ],
            env=os.environ | settings.environment(),
        )
    _Server(settings).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

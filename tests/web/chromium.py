"""The system's Chromium, as Playwright starts it."""

from __future__ import annotations

import shutil

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str | None:
    """Its path, or None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")

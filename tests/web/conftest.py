"""A small real archive, indexed by the real indexer, served and opened in a real browser."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from search_service.indexer.running import run
from search_service.settings import Settings
from search_service.web import create_app
from tests.web.chromium import ARGUMENTS, executable

CORPUS = Path(__file__).parent / "corpus"
PDF = Path(__file__).parents[2] / "corpus" / "crafts" / "reading-a-carpet.pdf"
expect.set_options(timeout=30_000)  # A laden machine is no defect.


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an archive that has been indexed once."""
    root = tmp_path_factory.mktemp("archive")
    shutil.copytree(CORPUS, root / "corpus")
    shutil.copy(PDF, root / "corpus")
    settings = Settings(
        corpus=root / "corpus",
        index=root / "index",
        archive_name="The Reading Room",
        archive_description="Music, journeys and kitchens, in six languages.",
        archive_contact="librarian@example.org",
        archive_rights="Texts free to use",
        originals=True,
        public=True,
        query_seconds=20.0,
        index_processes=1,
    )
    run(settings)
    return settings


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    """The application over it."""
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies."""
    return app.test_client(use_cookies=False)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application to browsers, and say where."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    """Where the application is served, for browsers."""
    with serving(app) as where:
        yield where


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Without one these tests are skipped aloud; on CI they fail."""
    path = executable()
    if path is None:
        reason = "no Chromium on this machine: install the Debian package chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh context, in English, on a screen of 1440 by 900."""
    opened = chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which any error of a script fails the test."""
    errors: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console",
        lambda said: errors.append(said.text) if said.type in ("error", "warning") else None,
    )
    yield opened
    # The browser itself says so when a page is asked for that is not there: that is no error.
    assert [each for each in errors if "Failed to load resource" not in each] == []


@pytest.fixture
def bare(chromium: Browser) -> Iterator[Page]:
    """A page without JavaScript."""
    opened = chromium.new_context(
        locale="en-GB", viewport={"width": 1440, "height": 900}, java_script_enabled=False
    )
    yield opened.new_page()
    opened.close()

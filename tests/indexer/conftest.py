"""An archive for each test."""

from pathlib import Path

import pytest

from tests.indexer.archive import Archive


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    # Otherwise whatever a test has just written would be too young to be called unchanged.
    monkeypatch.setattr("search_service.corpus.SETTLED_NS", 0)
    return Archive(tmp_path)

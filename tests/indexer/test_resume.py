"""A full rebuild that was interrupted goes on where it left off, and the old index serves."""

import os
import time
from pathlib import Path

import pytest

from search_service import engines
from search_service.generations import Generations
from search_service.indexer import running, versions
from search_service.indexer.report import Report
from search_service.indexer.resume import FOLDER
from search_service.settings import Settings

FILES = 200


class Stopped(BaseException):
    """As a kill would do it, in this process."""


class Archive:
    def __init__(self, root: Path) -> None:
        self.settings = Settings(corpus=root / "corpus", index=root / "index", index_processes=1)
        self.settings.corpus.mkdir()
        for number in range(FILES):
            self.write(number, f"Carpet number {number} is made of wool.")

    def write(self, number: int, text: str) -> None:
        path = self.settings.corpus / f"{number:04d}.txt"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (time.time() - 100,) * 2)

    def run(self, stop_after: int = 2**31) -> tuple[Report | None, list[int]]:
        """A run that is stopped when so many files are read; how many were, each time told."""
        told: list[int] = []

        def progress(done: int, _: int) -> None:
            told.append(done)
            if done >= stop_after:
                raise Stopped

        try:
            return running.run(self.settings, progress=progress), told
        except Stopped:
            return None, told

    def texts(self) -> dict[str, str]:
        _, reader = Generations(self.settings.index).open(engines.get("whoosh").reader)
        found = {}
        for summary in reader.summaries():
            document = reader.document(summary.id)
            assert document
            found[document.path] = document.text
        return found


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setattr("search_service.corpus.SETTLED_NS", 0)
    monkeypatch.setattr("search_service.indexer.building.WORTH", 100)
    return Archive(tmp_path)


def test_a_rebuild_goes_on_where_it_was_interrupted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.run()
    before = archive.texts()
    monkeypatch.setattr(versions, "fingerprint", lambda _: "other analysers")
    _, told = archive.run(stop_after=120)
    read = told[-1]
    assert archive.texts() == before, "the old index serves"
    assert list((archive.settings.index / FOLDER).iterdir())

    archive.write(3, "Carpet number three is made of silk now.")
    (archive.settings.corpus / "0005.txt").unlink()
    report, told = archive.run()
    assert report is not None
    assert report.rebuilt
    assert min(told) > read - 2, "what was read is read again"
    assert report.documents == FILES - 1
    now = archive.texts()
    assert "silk" in now["0003.txt"]
    assert {path: text for path, text in now.items() if path != "0003.txt"} == {
        path: text for path, text in before.items() if path not in {"0003.txt", "0005.txt"}
    }
    assert not (archive.settings.index / FOLDER).exists()


def test_what_was_read_by_others_rules_is_read_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.run(stop_after=120)
    monkeypatch.setattr(versions, "fingerprint", lambda _: "other analysers")
    _, told = archive.run()
    assert min(told) <= 64, "one batch"


def test_a_torn_part_is_not_believed(archive: Archive) -> None:
    _, told = archive.run(stop_after=120)
    [parts] = (archive.settings.index / FOLDER).iterdir()
    data = parts.read_bytes()
    parts.write_bytes(data[: len(data) // 2])
    report, again = archive.run()
    assert report is not None
    assert 0 < min(again) - 64 < told[-1], "the first half is taken, the rest is read"
    assert report.documents == FILES

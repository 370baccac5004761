"""What cannot be read, written or believed costs nothing that is published."""

import os
import time
from dataclasses import replace
from typing import Any

import pytest

import search_service.formats as formats
from search_service.errors import RunFailed, RunRefused
from search_service.generations import Generations
from search_service.indexer import sampling
from search_service.query.parsing import parse
from search_service.settings import Settings
from tests.articles import KILIM, TAR
from tests.indexer.archive import Archive


def test_a_file_that_cannot_be_read_is_named_and_its_last_good_version_stays(
    archive: Archive,
) -> None:
    archive.write(good=KILIM)
    path = archive.corpus / "text.md"
    path.write_text(f"# Tar\n\n{TAR}", encoding="utf-8")
    (archive.corpus / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    report = archive.run()
    assert [left for left, _ in report.left_out] == ["picture.png"]
    assert report.stale == ()
    before = archive.documents()["text.md"]
    path.write_bytes(b"\x00\x01\x02\xff" * 200)
    report = archive.run()
    assert {left for left, _ in report.left_out} == {"picture.png", "text.md"}
    assert report.stale == ("text.md",)
    kept = archive.documents()["text.md"]
    assert kept.stale
    assert (kept.id, kept.text) == (before.id, before.text)
    assert not archive.documents()["good.txt"].stale
    assert archive.run().published is False
    path.write_text(f"# Tar\n\n{TAR}", encoding="utf-8")
    report = archive.run()
    assert report.stale == ()
    assert not archive.documents()["text.md"].stale


def test_a_rebuild_keeps_the_last_good_version_too(archive: Archive) -> None:
    path = archive.corpus / "text.md"
    path.write_text(f"# Tar\n\n{TAR}", encoding="utf-8")
    archive.run()
    path.write_bytes(b"\x00\x01\x02\xff" * 200)
    archive.run()
    report = archive.run(full=True)
    assert report.rebuilt
    assert report.stale == ("text.md",)
    assert archive.documents()["text.md"].stale


def test_an_empty_folder_does_not_wipe_the_index(archive: Archive) -> None:
    archive.write(a=TAR)
    archive.run()
    (archive.corpus / "a.txt").unlink()
    with pytest.raises(RunRefused, match="--allow-empty"):
        archive.run()
    assert set(archive.ids()) == {"a.txt"}
    assert archive.run(allow_empty=True).documents == 0
    assert archive.ids() == {}


def test_another_folder_in_its_place_does_not_wipe_the_index(archive: Archive) -> None:
    archive.write(**{f"a{number}": f"Song {number}. {KILIM}" for number in range(12)})
    archive.run()
    for path in archive.corpus.glob("*.txt"):
        path.unlink()
    archive.write(stranger=TAR)
    with pytest.raises(RunRefused, match="none of the 12 files"):
        archive.run()
    assert len(archive.ids()) == 12


def test_what_lies_in_a_folder_that_cannot_be_listed_stays(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write(a=TAR, sub__b=KILIM)
    archive.run()
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = archive.run()
    assert ("sub", "it may not be read: give the service's user the right to") in report.left_out
    assert set(archive.ids()) == {"a.txt", "sub/b.txt"}
    report = archive.run(full=True)
    assert set(archive.ids()) == {"a.txt", "sub/b.txt"}
    assert report.stale == ("sub/b.txt",)


def test_a_rebuild_that_loses_documents_is_refused(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write(**{f"a{number}": f"Song {number}. {KILIM}" for number in range(12)})
    archive.run()
    real = formats.format_of

    def none(path: str) -> Any:
        return replace(real(path), read=lambda _: iter(()))

    monkeypatch.setattr(formats, "format_of", none)
    with pytest.raises(RunRefused, match="0 documents, the old one has 12"):
        archive.run(full=True)
    assert len(archive.ids()) == 12


def test_a_slow_file_does_not_hold_up_its_neighbours(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = formats.format_of

    def slow(path: str) -> Any:
        def read(source: object) -> Any:
            time.sleep(60)

        return replace(real(path), read=read) if path == "b.txt" else real(path)

    monkeypatch.setattr(formats, "format_of", slow)
    archive.settings = Settings(
        corpus=archive.corpus, index=archive.settings.index, file_seconds=1.5, index_processes=1
    )
    archive.write(a=TAR, b=KILIM, c=KILIM)
    report = archive.run()
    assert set(archive.ids()) == {"a.txt", "c.txt"}
    assert report.left_out == (("b.txt", "it took longer than 1.5 s to read"),)


def test_a_full_disk_is_told_and_the_old_index_answers(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write(a=TAR)
    archive.run()
    archive.write(b=KILIM)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("search_service.indexer.publishing.write_file", full)
    with pytest.raises(RunFailed, match="make room"):
        archive.run()
    monkeypatch.undo()
    assert set(archive.ids()) == {"a.txt"}
    assert len(Generations(archive.settings.index).names()) == 1
    assert sorted(p.name for p in archive.settings.index.iterdir() if p.name[0] == "0") == [
        "00000001"
    ]
    archive.run()
    assert set(archive.ids()) == {"a.txt", "b.txt"}


def test_a_damaged_live_generation_is_built_anew(archive: Archive) -> None:
    archive.write(a=TAR)
    archive.run()
    directory = Generations(archive.settings.index).current().directory
    (directory / "manifest.json").write_bytes(b"{}")
    report = archive.run()
    assert report.rebuilt
    assert set(archive.ids()) == {"a.txt"}


def test_a_rebuild_that_does_not_find_its_documents_is_not_published(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write(a=TAR, b=KILIM)
    archive.run()
    live = Generations(archive.settings.index).current().name
    # Queries are read as words are no longer written, as after a mistake in an analyser.
    monkeypatch.setattr(sampling, "parse", lambda text, options: parse(text[::-1], options))
    with pytest.raises(RunRefused, match="are not found by a word of theirs"):
        archive.run(full=True)
    assert Generations(archive.settings.index).current().name == live
    assert archive.run(full=True, allow_empty=True).published
    monkeypatch.undo()
    assert archive.run(full=True).published

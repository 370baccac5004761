"""Damage in the index is repaired by reading what it took, and no more."""

import os
import time
from pathlib import Path

import pytest

from search_service import checking, engines, manifest, suspicion
from search_service.engines.whoosh.store.state import STATE, read_state
from search_service.engines.whoosh.writing import policy
from search_service.errors import IndexUnavailable
from search_service.generations import CURRENT, Generations
from search_service.indexer import running, withdrawing
from search_service.indexer.register import FILE
from search_service.indexer.report import Report
from search_service.model import Document
from search_service.settings import Settings

choose = policy.choose
NAMES = ("tar", "saz", "daf", "zurna")


class Archive:
    """Each of the first three documents has a segment, which two generations share."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(corpus=root / "corpus", index=root / "index", index_processes=1)
        self.settings.corpus.mkdir()
        for name in NAMES:
            self.write(name, f"The {name} is an instrument. It is played at weddings.")
            self.run()

    def write(self, name: str, text: str) -> None:
        path = self.settings.corpus / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
        stamp = time.time() - 100
        os.utime(path, (stamp, stamp))

    def run(self) -> Report:
        return running.run(self.settings)

    @property
    def generations(self) -> Generations:
        return Generations(self.settings.index)

    @property
    def live(self) -> Path:
        return self.generations.current().directory

    def documents(self) -> dict[str, Document]:
        _, reader = self.generations.open(engines.get("whoosh").reader)
        return {summary.path.removesuffix(".txt"): summary for summary in reader.summaries()}

    def file_of(self, document: str, suffix: str = ".words") -> Path:
        """A file of the segment that holds a document."""
        live = self.generations.current()
        for state in read_state(live.directory).segments:
            if (
                state.open(live.directory).live_document_number(self.documents()[document].id)
                is not None
            ):
                return live.directory / f"{state.name}{suffix}"
        raise LookupError(document)

    def sound(self) -> bool:
        return not any(each.kind == "damage" for each in checking.check(self.settings))


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setattr("search_service.corpus.SETTLED_NS", 0)
    monkeypatch.setattr(policy, "choose", lambda *_, **__: [])  # Each run keeps its segment.
    made = Archive(tmp_path)
    assert len(made.generations.names()) == 2
    return made


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)  # In place: other generations have the same file.


@pytest.mark.parametrize("suffix", [".words", ".texts"])
def test_a_damaged_segment_costs_its_own_documents_until_the_next_run(
    archive: Archive, suffix: str
) -> None:
    before = archive.documents()
    whole = {name: archive.file_of(name).stat().st_ino for name in ("saz", "daf")}
    flip(archive.file_of("tar", suffix))
    assert set(archive.documents()) == {"saz", "daf", "zurna"}
    assert archive.generations.current().degraded

    report = archive.run()
    assert (report.rebuilt, report.repaired, report.unchanged) == ("", 1, 3)
    assert "has changed since it was written" in report.damage
    assert any("1 file read anew" in line for line in report.lines())
    assert {n: d.id for n, d in archive.documents().items()} == {n: d.id for n, d in before.items()}
    assert {n: archive.file_of(n).stat().st_ino for n in whole} == whole, "they were written anew"
    assert not archive.generations.current().degraded
    assert archive.sound()
    assert not archive.run().published


@pytest.mark.parametrize("own", ["zurna", STATE, FILE])
def test_damage_to_what_is_new_is_repaired_from_the_generation_before(
    archive: Archive, own: str
) -> None:
    live = archive.generations.current()
    flip(archive.file_of(own) if own == "zurna" else live.directory / own)
    assert set(archive.documents()) == {"tar", "saz", "daf"}
    report = archive.run()
    assert (report.rebuilt, report.new, report.unchanged) == ("", 1, 3)
    assert set(archive.documents()) == set(NAMES)
    assert archive.sound()


def test_a_damaged_pointer_or_manifest_leaves_something_to_serve_at_any_moment(
    archive: Archive,
) -> None:
    archive.write("tar", "The tar has eleven strings.")
    archive.run()
    for broken in (CURRENT, manifest.MANIFEST):
        where = archive.settings.index if broken == CURRENT else archive.live
        flip(where / broken)
        with archive.generations.lock():
            archive.generations.tidy()
        assert archive.documents()
        assert not archive.run().rebuilt
        assert set(archive.documents()) == set(NAMES)
        assert archive.sound()


def test_the_newest_whole_part_serves_where_both_are_damaged(archive: Archive) -> None:
    flip(archive.file_of("saz"))
    flip(archive.generations.current().directory / FILE)
    assert set(archive.documents()) == {"tar", "daf"}  # Of the generation before.
    report = archive.run()
    assert (report.rebuilt, report.new, report.repaired) == ("", 1, 1)
    assert set(archive.documents()) == set(NAMES)


def test_a_file_that_is_gone_or_cannot_be_read_meanwhile(archive: Archive) -> None:
    for name in ("tar", "saz"):
        flip(archive.file_of(name))
    (archive.settings.corpus / "tar.txt").unlink()
    archive.write("saz", "\0" * 100)
    report = archive.run()
    assert set(archive.documents()) == {"daf", "zurna"}
    assert [path for path, _ in report.left_out] == ["saz.txt"]
    assert report.stale == ()
    archive.write("saz", "The saz is back.")
    archive.run()
    assert set(archive.documents()) == {"saz", "daf", "zurna"}


def test_large_files_are_looked_into_when_somebody_has_found_something(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "SMALL", 0)
    flip(archive.file_of("tar"))
    assert not archive.run().published, "a run hashes no large files"
    assert not archive.sound()
    assert suspicion.noted(archive.settings.state_folder)
    report = archive.run()
    assert (report.rebuilt, report.repaired) == ("", 1)
    assert not suspicion.noted(archive.settings.state_folder)
    assert archive.sound()


def test_damage_met_by_a_merge_is_repaired_in_the_same_run(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "SMALL", 0)
    monkeypatch.setattr(policy, "choose", choose)
    flip(archive.file_of("tar"))
    archive.write("ney", "The ney is a flute.")
    report = archive.run()
    assert (report.rebuilt, report.repaired, report.new) == ("", 1, 1)
    assert set(archive.documents()) == {*NAMES, "ney"}
    assert archive.sound()


def test_damage_in_the_generation_before_goes_with_it(archive: Archive) -> None:
    older = archive.generations.names()[1]
    flip(archive.settings.index / older / FILE)
    assert not archive.sound()
    archive.run()
    assert archive.generations.names() == [archive.generations.current().name]
    assert archive.sound()


def test_nothing_is_withdrawn_from_a_damaged_index(archive: Archive) -> None:
    withdrawn = archive.documents()["daf"].id
    flip(archive.file_of("tar"))
    with pytest.raises(IndexUnavailable, match="run the index command"):
        withdrawing.forget(archive.settings, withdrawn)
    archive.run()
    withdrawing.forget(archive.settings, withdrawn)
    assert set(archive.documents()) == {"tar", "saz", "zurna"}


def test_the_run_after_a_rollback_goes_forward_again(archive: Archive) -> None:
    name = withdrawing.rollback(archive.settings)
    assert archive.generations.current().name == name
    assert set(archive.documents()) == {"tar", "saz", "daf"}
    report = archive.run()
    assert (report.rebuilt, report.new, report.unchanged) == ("", 1, 3)
    assert archive.generations.names() == [report.generation, name]
    assert set(archive.documents()) == set(NAMES)
    assert archive.sound()

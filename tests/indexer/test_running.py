"""What a run reads, publishes and tells."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from search_service.engines.whoosh.writing.writer import WhooshWriter
from search_service.errors import IndexLocked
from search_service.generations import Generations
from tests.articles import KILIM, TAR
from tests.indexer.archive import Archive


def test_a_folder_becomes_an_index(archive: Archive) -> None:
    archive.write(tar=TAR, weaving__kilim=KILIM)
    report = archive.run()
    assert report.published
    assert (report.new, report.documents, report.generation) == (2, 2, "00000001")
    assert report.passages == archive.reader.passage_count >= 3
    assert report.left_out == ()
    assert report.undated == ("tar.txt", "weaving/kilim.txt")
    documents = archive.documents()
    assert set(documents) == {"tar.txt", "weaving/kilim.txt"}
    assert documents["tar.txt"].title == "The tar"
    gaps = TAR.count("\n") + 1
    assert len(documents["tar.txt"].text) - gaps <= len(TAR)
    assert report.characters_read - report.characters_indexed < 20


def test_a_long_list_is_cut_short_on_a_terminal(archive: Archive) -> None:
    undated = tuple(f"{number:02}.txt" for number in range(25))
    report = replace(archive.run(allow_empty=True), undated=undated)
    [line] = [line for line in report.lines() if "without a date" in line]
    assert "09.txt" in line
    assert "10.txt" not in line
    assert line.endswith("and 15 more: --json lists all")
    assert report.as_json()["undated"] == undated


def test_the_writer_is_given_the_memory_that_is_set(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write(kilim=KILIM)
    archive.settings = replace(archive.settings, index_memory=123_456_789)
    given: list[int] = []
    made = WhooshWriter.__init__

    def watched(writer: WhooshWriter, *places: Path | None, memory: int) -> None:
        given.append(memory)
        made(writer, *places, memory=memory)  # type: ignore[arg-type]

    monkeypatch.setattr(WhooshWriter, "__init__", watched)
    archive.run()
    assert given == [123_456_789]


def test_nothing_changed_publishes_nothing(archive: Archive) -> None:
    archive.write(tar=TAR)
    archive.run()
    report = archive.run()
    assert not report.published
    assert (report.unchanged, report.generation, report.documents) == (1, "00000001", 1)


def test_changes_are_reflected_in_one_run(archive: Archive) -> None:
    archive.write(stays=TAR, changes=TAR, goes=TAR, moves=KILIM)
    archive.run()
    before = archive.ids()
    archive.write(changes=KILIM + TAR, comes=KILIM)
    (archive.corpus / "goes.txt").unlink()
    (archive.corpus / "sub").mkdir()
    (archive.corpus / "moves.txt").rename(archive.corpus / "sub" / "moved.txt")
    report = archive.run()
    assert (report.new, report.changed, report.renamed, report.gone) == (1, 1, 1, 1)
    documents = archive.documents()
    assert set(documents) == {"stays.txt", "changes.txt", "comes.txt", "sub/moved.txt"}
    assert documents["changes.txt"].text.startswith("Kilims")
    assert documents["sub/moved.txt"].id == before["moves.txt"]
    assert documents["changes.txt"].id == before["changes.txt"]
    assert documents["comes.txt"].id not in before.values()
    ledger = archive.ledger
    assert ledger.gone_since(before["goes.txt"]) is not None
    assert ledger.gone_since(before["moves.txt"]) is None
    assert not archive.run().published


def test_the_owners_corrections_are_taken_in_when_they_change(archive: Archive) -> None:
    archive.write(a=TAR, b=KILIM)
    archive.run()
    table = archive.corpus / "metadata.csv"
    table.write_text("path,title\na.txt,Lutes\nnone.txt,Nothing\n", encoding="utf-8")
    report = archive.run()
    assert {path: d.title for path, d in archive.documents().items()} == {
        "a.txt": "Lutes",
        "b.txt": "Kilims",
    }
    assert "there is no none.txt" in report.errors[0]
    assert (report.corrected, report.changed, report.unchanged) == (1, 0, 1)
    assert next(report.lines()).startswith("1 corrected by metadata.csv, 1 unchanged in ")
    again = archive.run()
    assert not again.published
    assert (again.corrected, again.unchanged) == (0, 2)
    table.unlink()
    archive.run()
    assert archive.documents()["a.txt"].title == "The tar"


def test_a_date_that_cannot_be_read_is_told_until_the_owner_corrects_it(archive: Archive) -> None:
    (archive.corpus / "tar.md").write_text(f"---\ndate: 03/04/2020\n---\n\n{TAR}")
    rows = "id,date,published,text\n1,soon,,Tea\n2,2020,2021,Rice\n"
    (archive.corpus / "food.csv").write_text(rows)
    cure = "can be read in one way: write it as 2020-11-08, 8 November 2020, 2020-11 or 2020"
    assert archive.run().warnings == (
        ("food.csv", f"row 2: 'soon' in date is no date that {cure}"),
        ("tar.md", f"front matter: '03/04/2020' in date is no date that {cure}"),
    )
    table = "path,key,date\ntar.md,,2020-04-03\nfood.csv,1,2019\n"
    (archive.corpus / "metadata.csv").write_text(table)
    assert archive.run().warnings == ()


def test_a_touched_file_is_read_once_and_nothing_is_published(archive: Archive) -> None:
    archive.write(a=TAR, b=KILIM)
    archive.run()
    os.utime(archive.corpus / "a.txt")
    report = archive.run()
    assert (report.changed, report.published) == (1, False)
    assert archive.run().changed == 0


def test_a_file_that_was_too_young_is_read_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_service.corpus.SETTLED_NS", 10**9)
    path = archive.corpus / "a.txt"
    path.write_text(TAR, encoding="utf-8")
    archive.run()
    report = archive.run()
    assert (report.changed, report.published) == (1, False)
    time.sleep(1.1)
    archive.run()
    assert archive.run().changed == 0


def test_other_analysers_ask_for_a_rebuild(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write(a=TAR)
    archive.run()
    before = archive.ids()
    monkeypatch.setattr("search_service.indexer.versions.fingerprint", lambda _: "another")
    report = archive.run()
    assert "others than before" in report.rebuilt
    assert archive.ids() == before
    assert not archive.run().published


def test_one_run_at_a_time(archive: Archive) -> None:
    archive.write(a=TAR)
    with Generations(archive.settings.index).lock(), pytest.raises(IndexLocked):
        archive.run()

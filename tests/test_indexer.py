import csv
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from search_service import engines
from search_service.engines.base import Reader
from search_service.engines.whoosh.writer import WhooshWriter
from search_service.errors import IndexLocked, RunFailed, RunRefused
from search_service.generations import Generations
from search_service.indexer import running
from search_service.indexer.report import Report
from search_service.ledger import Ledger
from search_service.model import Document
from search_service.passages.anchors import resolve
from search_service.settings import Settings

TAR = """The tar

The tar is a long-necked lute with a body carved from mulberry wood. Its skin is made from the \
pericardium of an ox, and it is plucked with a small brass plectrum. The neck is of walnut, and \
twenty-two frets of gut are tied around it, which a player moves to suit the piece that is played. \
Between the two bowls of the body lies a narrow waist, so that from above it looks like an eight.

Its eleven strings are tuned anew for each mugham. A player holds the instrument high against the \
chest, so that the whole body resonates with it. The three courses in the middle carry the melody, \
the others are struck now and then as a drone. A singer and a spike fiddle complete the trio, and \
the singer keeps the time with a frame drum, which is laid aside when the free passages begin.

In the nineteenth century Sadigjan added strings to it and changed the way in which it is held. \
His instrument is the one that is played in concert halls today. Workshops in several towns make \
it after his pattern, each with small differences in the curve of the bowls and in the pegs. A \
good one takes half a year, most of it spent in waiting for the wood to dry and settle.

Orchestras took it up in the nineteen-thirties, and concertos have been written for it since. \
Their notation is that of the mezzo-soprano clef, an octave apart from what is heard. Children \
learn it in music schools from the age of seven, on smaller instruments with shorter necks.
"""
KILIM = """Kilims

A kilim is woven flat, without a pile. The weft is beaten down so tightly that it hides the warp, \
and a slit remains where two colours meet along an upright line.
"""


class Archive:
    """A folder of documents with its index."""

    def __init__(self, root: Path) -> None:
        self.corpus = root / "corpus"
        self.corpus.mkdir()
        self.settings = Settings(
            corpus=self.corpus, index=root / "index", index_processes=1, file_seconds=20.0
        )

    def write(self, **texts: str) -> None:
        """Write files; `a__b` is a/b, and all are .txt."""
        for name, text in texts.items():
            path = self.corpus / f"{name.replace('__', '/')}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.age(path)

    def age(self, path: Path) -> None:
        """Let a file look as if it had not been changed just now."""
        stamp = time.time() - 100
        os.utime(path, (stamp, stamp))

    def run(self, **options: Any) -> Report:
        return running.run(self.settings, **options)

    @property
    def reader(self) -> Reader:
        return engines.get("whoosh").reader(Generations(self.settings.index).current().directory)

    def documents(self) -> dict[str, Document]:
        """Path#key -> document."""
        reader = self.reader
        found = {}
        for summary in reader.summaries():
            document = reader.document(summary.id)
            assert document is not None
            found[f"{document.path}#{document.key}".rstrip("#")] = document
        return found

    def ids(self) -> dict[str, str]:
        return {path: document.id for path, document in self.documents().items()}

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.corpus, self.settings.state_folder)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    # Otherwise whatever a test has just written would be too young to be called unchanged.
    monkeypatch.setattr("search_service.corpus.SETTLED_NS", 0)
    return Archive(tmp_path)


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


def test_a_link_survives_renaming_editing_above_and_an_empty_index(archive: Archive) -> None:
    archive.write(tar=TAR, other=KILIM)
    archive.run()
    before = archive.documents()["tar.txt"]
    links = [(before.id, p.anchor, before.text[p.start : p.end]) for p in before.passages]
    (archive.corpus / "tar.txt").unlink()
    archive.write(
        instruments__lute=TAR.replace(
            "\n\n",
            "\n\nIt came along caravan roads. It has many cousins. Few are louder.\n\n",
            1,
        )
    )
    shutil.rmtree(archive.settings.index)
    archive.run()
    after = archive.documents()["instruments/lute.txt"]
    for document_id, anchor, text in links:
        assert document_id == after.id
        place = resolve(after, anchor)
        assert place is not None
        passage = after.passages[place.ordinal]
        assert text.split(".")[0] in after.text[passage.start : passage.end]


@pytest.mark.parametrize("empty", [False, True])
def test_a_sentence_that_is_gone_leads_to_its_neighbour(archive: Archive, empty: bool) -> None:
    archive.write(tar=TAR)
    archive.run()
    before = archive.documents()["tar.txt"]
    anchors = [passage.anchor for passage in before.passages]
    at = next(p.ordinal for p in before.passages if before.text.startswith("In the nin", p.start))
    archive.write(tar=TAR[: TAR.index("In the nineteenth")])
    if empty:
        shutil.rmtree(archive.settings.index)
    archive.run()
    after = archive.documents()["tar.txt"]
    assert [passage.anchor for passage in after.passages] == anchors[:at]
    assert archive.ledger.nearest(after.id, anchors[at]) == anchors[at - 1]


@pytest.mark.parametrize("empty", [False, True])
def test_a_sentence_that_was_changed_leads_to_what_it_has_become(
    archive: Archive, empty: bool
) -> None:
    """In a document of many passages too, and when the index was emptied meanwhile."""
    said = "Station {0} has a red roof, and its clock is {0} minutes slow. " * 5
    archive.write(line="The line\n\n" + "\n\n".join(said.format(n) for n in range(1, 40)))
    archive.run()
    before = archive.documents()["line.txt"]
    assert len(before.passages) > 30
    text = (archive.corpus / "line.txt").read_text(encoding="utf-8")
    changed = text.replace("Station 23 has a red", "Station 23, they say, has a green", 1)
    archive.write(line=changed)
    if empty:
        shutil.rmtree(archive.settings.index)
    archive.run()
    after = archive.documents()["line.txt"]
    at = next(p for p in before.passages if before.text.startswith("Station 23", p.start))
    nearest = archive.ledger.nearest(after.id, at.anchor)
    assert nearest
    place = resolve(after, nearest)
    assert place is not None
    assert after.text.startswith("Station 23, they say", after.passages[place.ordinal].start)


def test_two_copies_are_two_documents_and_keep_their_ids_apart(archive: Archive) -> None:
    archive.write(a=TAR, b=TAR)
    archive.run()
    before = archive.ids()
    assert len(set(before.values())) == 2
    shutil.rmtree(archive.settings.index)
    (archive.corpus / "a.txt").rename(archive.corpus / "c.txt")
    archive.run()
    assert archive.ids() == {"b.txt": before["b.txt"], "c.txt": before["a.txt"]}


def test_a_new_file_at_an_old_path_is_another_document(archive: Archive) -> None:
    archive.write(a=TAR)
    archive.run()
    before = archive.ids()["a.txt"]
    (archive.corpus / "a.txt").rename(archive.corpus / "b.txt")
    archive.run()
    archive.write(a=KILIM)
    archive.run()
    ids = archive.ids()
    assert ids["b.txt"] == before
    assert ids["a.txt"] != before
    shutil.rmtree(archive.settings.index)
    archive.run()
    assert archive.ids() == ids


def test_swapped_names_take_nothing_away(archive: Archive) -> None:
    archive.write(a=TAR, b=KILIM)
    archive.run()
    ids = archive.ids()
    for empty in (False, True):
        for old, new in (("a", "x"), ("b", "a"), ("x", "b")):
            (archive.corpus / f"{old}.txt").rename(archive.corpus / f"{new}.txt")
        if empty:
            shutil.rmtree(archive.settings.index)
        archive.run()
        documents = archive.documents()
        first, second = ("a.txt", "b.txt") if empty else ("b.txt", "a.txt")
        assert documents[first].text.startswith("The tar")
        assert (documents[first].id, documents[second].id) == (ids["a.txt"], ids["b.txt"])


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("archived", ["2020", "news"])
def test_what_was_put_aside_for_another_text_keeps_its_id(
    archive: Archive, archived: str, empty: bool
) -> None:
    archive.write(latest=TAR)
    archive.run()
    before = archive.ids()["latest.txt"]
    (archive.corpus / "latest.txt").rename(archive.corpus / f"{archived}.txt")
    archive.write(latest=KILIM)
    if empty:
        shutil.rmtree(archive.settings.index)
    archive.run()
    after = archive.ids()
    assert after[f"{archived}.txt"] == before != after["latest.txt"]
    assert archive.ledger.successor(before) is None
    assert archive.ledger.gone_since(before) is None
    assert not archive.run().published
    shutil.rmtree(archive.settings.index)
    archive.run()
    assert archive.ids() == after


def test_a_new_file_takes_no_id_because_of_its_path(archive: Archive) -> None:
    archive.write(a=TAR)
    archive.run()
    before = archive.ids()["a.txt"]
    (archive.corpus / "a.txt").rename(archive.corpus / "b.txt")
    archive.run()
    archive.write(a=KILIM)
    shutil.rmtree(archive.settings.index)
    archive.run()
    assert archive.ids()["b.txt"] == before


@pytest.mark.parametrize("empty", [False, True])
def test_a_folder_of_copies_is_renamed(archive: Archive, empty: bool) -> None:
    archive.write(old__a=TAR, old__b=TAR)
    archive.run()
    ids = archive.ids()
    (archive.corpus / "old").rename(archive.corpus / "new")
    if empty:
        shutil.rmtree(archive.settings.index)
    archive.run()
    assert archive.ids() == {path.replace("old", "new"): each for path, each in ids.items()}


def test_what_went_while_the_index_was_empty_is_gone_too(archive: Archive) -> None:
    archive.write(a=TAR, b=KILIM, c="It")
    archive.run()
    ids = archive.ids()
    (archive.corpus / "a.txt").unlink()
    (archive.corpus / "c.txt").write_bytes(b"\0")
    shutil.rmtree(archive.settings.index)
    archive.run()
    assert archive.ledger.gone_since(ids["a.txt"]) is not None
    assert archive.ledger.gone_since(ids["b.txt"]) is None
    assert archive.ledger.gone_since(ids["c.txt"]) is None


def rows(archive: Archive, name: str, *lines: tuple[str, str]) -> None:
    with (archive.corpus / name).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("id", "text"))
        table.writerows(lines)
    archive.age(archive.corpus / name)


def test_rows_are_documents_that_come_and_go(archive: Archive) -> None:
    rows(archive, "songs.csv", ("s1", "A lullaby from Lankaran."), ("s2", "A song of the loom."))
    archive.run()
    before = archive.ids()
    assert len(before) == 2
    rows(archive, "songs.csv", ("s2", "A song of the old loom."), ("s3", "A wedding song."))
    report = archive.run()
    assert report.documents == 2
    after = archive.documents()
    assert sorted(document.text.split("\n")[-1] for document in after.values()) == [
        "A song of the old loom.",
        "A wedding song.",
    ]
    assert len(set(before.values()) & {document.id for document in after.values()}) == 1
    gone = set(before.values()) - {document.id for document in after.values()}
    assert archive.ledger.gone_since(gone.pop()) is not None


def test_rows_are_known_again_in_a_table_that_was_renamed_and_has_grown(archive: Archive) -> None:
    lines = [("s1", "A lullaby from Lankaran."), ("s2", "A song of the loom.")]
    rows(archive, "songs.csv", *lines)
    archive.run()
    before = archive.ids()
    (archive.corpus / "songs.csv").unlink()
    rows(archive, "all.csv", *lines, ("s3", "A wedding song."))
    shutil.rmtree(archive.settings.index)
    archive.run()
    after = archive.ids()
    assert [after[f"all.csv#{key}"] for key in ("s1", "s2")] == list(before.values())


def declare(archive: Archive, name: str, identifier: str, text: str = TAR) -> None:
    path = archive.corpus / name
    path.write_text(f"---\nid: {identifier}\n---\n\n{text}", encoding="utf-8")
    archive.age(path)


def test_a_declared_id_is_the_id_and_two_may_not_share_it(archive: Archive) -> None:
    declare(archive, "a.md", "tar-1")
    archive.run()
    assert archive.ids() == {"a.md": "tar-1"}
    declare(archive, "b.md", "tar-1", KILIM)
    report = archive.run()
    assert archive.ids()["a.md"] == "tar-1"
    given = archive.ids()["b.md"]
    assert given != "tar-1"
    assert report.errors == (
        f"b.md has the id tar-1, which a.md has too: it was given {given}; declare another one",
    )
    declare(archive, "b.md", "tar-1", KILIM + TAR)
    archive.run()
    assert archive.ids()["b.md"] == given


def test_a_declared_id_moves_with_its_text_in_one_run(archive: Archive) -> None:
    declare(archive, "a.md", "tar-1")
    archive.run()
    (archive.corpus / "a.md").unlink()
    declare(archive, "b.md", "tar-1", KILIM)
    report = archive.run()
    assert archive.ids() == {"b.md": "tar-1"}
    assert report.errors == ()
    assert archive.ledger.gone_since("tar-1") is None


def test_an_id_declared_later_leads_on_from_the_old_one(archive: Archive) -> None:
    archive.write(a=TAR)
    archive.run()
    old = archive.ids()["a.txt"]
    (archive.corpus / "metadata.csv").write_text("path,id\na.txt,tar-1\n", encoding="utf-8")
    report = archive.run()
    assert report.published
    assert archive.ids() == {"a.txt": "tar-1"}
    assert archive.ledger.successor(old) == "tar-1"


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


def test_a_rebuild_that_loses_documents_is_refused(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write(**{f"a{number}": f"Song {number}. {KILIM}" for number in range(12)})
    archive.run()
    import search_service.formats as formats

    real = formats.format_of

    def none(path: str) -> Any:
        from dataclasses import replace

        return replace(real(path), read=lambda _: iter(()))

    monkeypatch.setattr(formats, "format_of", none)
    with pytest.raises(RunRefused, match="0 documents, the old one has 12"):
        archive.run(full=True)
    assert len(archive.ids()) == 12


def test_a_slow_file_does_not_hold_up_its_neighbours(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    import search_service.formats as formats

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


def test_one_run_at_a_time(archive: Archive) -> None:
    archive.write(a=TAR)
    with Generations(archive.settings.index).lock(), pytest.raises(IndexLocked):
        archive.run()


def test_a_damaged_live_generation_is_built_anew(archive: Archive) -> None:
    archive.write(a=TAR)
    archive.run()
    directory = Generations(archive.settings.index).current().directory
    (directory / "manifest.json").write_bytes(b"{}")
    report = archive.run()
    assert report.rebuilt
    assert set(archive.ids()) == {"a.txt"}

"""Rows of a table are documents of their own."""

import csv
import shutil

from tests.indexer.archive import Archive


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

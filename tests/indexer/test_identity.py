"""Documents are the same ones after they were moved, edited or indexed anew, and links hold."""

import shutil

import pytest

from search_service.passages.anchors import resolve
from tests.articles import KILIM, TAR
from tests.indexer.archive import Archive


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

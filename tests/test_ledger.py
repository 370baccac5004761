from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.ledger import Known, Ledger, derive

TODAY = "2024-05-01"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    return tmp_path / "corpus"


def opened(corpus: Path) -> Ledger:
    return Ledger(corpus, corpus.parent / "state")


def lines(corpus: Path) -> list[bytes]:
    return (corpus / ".search-service" / "ledger.jsonl").read_bytes().splitlines()


def test_ids_are_short_and_depend_on_path_and_key_alone() -> None:
    assert derive("a/b.txt", "") == derive("a/b.txt", "")
    ids = {derive("a", ""), derive("b", ""), derive("a", "b"), derive("a", "", 1), derive("a", "1")}
    assert len(ids) == 5
    assert all(len(each) == 12 and each.isalnum() and each == each.lower() for each in ids)


def test_what_was_told_is_known_again(corpus: Path) -> None:
    ledger = opened(corpus)
    ledger.place("one", Known("a.txt", "", "sha1", "x y"))
    ledger.place("two", Known("rows.csv", "7", "sha2"))
    ledger.lose("two", TODAY)
    assert ledger.save() is None
    again = opened(corpus)
    assert again.ids("a.txt") == {"": "one"}
    assert again.known["one"].anchors() == ("x", "y")
    assert again.gone_since("two") == TODAY
    assert again.gone_since("one") is None
    assert again.damaged == 0
    assert len(lines(corpus)) == 3


def test_nothing_new_writes_nothing(corpus: Path) -> None:
    ledger = opened(corpus)
    ledger.place("one", Known("a.txt", "", "sha"))
    ledger.save()
    before = lines(corpus)
    again = opened(corpus)
    again.place("one", Known("a.txt", "", "sha"))
    again.save()
    assert lines(corpus) == before


def test_a_document_that_moved_frees_its_path_and_comes_back_from_the_gone(corpus: Path) -> None:
    ledger = opened(corpus)
    ledger.place("one", Known("a.txt", "", "sha"))
    ledger.lose("one", TODAY)
    ledger.place("one", Known("b.txt", "", "sha"))
    assert ledger.gone_since("one") is None
    assert ledger.ids("a.txt") == {}
    assert ledger.ids("b.txt") == {"": "one"}


def test_a_line_cut_short_by_a_crash_costs_only_itself(corpus: Path) -> None:
    ledger = opened(corpus)
    ledger.place("one", Known("a.txt", "", "sha"))
    ledger.place("two", Known("b.txt", "", "sha"))
    ledger.save()
    path = corpus / ".search-service" / "ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    again = opened(corpus)
    assert set(again.known) == {"one"}
    assert again.damaged == 1
    again.place("three", Known("c.txt", "", "sha"))
    again.save()
    assert set(opened(corpus).known) == {"one", "three"}


def test_a_flipped_bit_is_noticed(corpus: Path) -> None:
    ledger = opened(corpus)
    ledger.place("one", Known("a.txt", "", "sha"))
    ledger.save()
    path = corpus / ".search-service" / "ledger.jsonl"
    data = path.read_bytes()
    for at in range(len(data) - 1):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        damaged = opened(corpus)
        assert not damaged.known
        assert damaged.damaged


def test_it_is_known_again_by_half_of_its_sentences(corpus: Path) -> None:
    ledger = opened(corpus)
    anchors = [f"s{number:02}" for number in range(20)]
    ledger.place("one", Known("a.txt", "", "sha1", " ".join(anchors)))
    ledger.place("row", Known("rows.csv", "7", "sha2", " ".join(anchors)))
    departed = ledger.departed({"other.txt"})
    assert departed.recognise("", ["before", *anchors[3:]]) == "one"
    assert departed.recognise("7", ["before", *anchors[3:]]) == "row"
    assert departed.recognise("8", anchors) is None
    assert departed.recognise("", ["before", *anchors[9:]]) is None
    assert ledger.departed({"a.txt"}).recognise("", anchors) is None
    assert ledger.departed(set(), {"one"}).recognise("", anchors) is None


def test_vanished_anchors_lead_to_the_passage_that_stood_before(corpus: Path) -> None:
    ledger = opened(corpus)
    ledger.move_anchors("one", ("a", "b", "c", "d"), ("b", "new", "d"))
    ledger.move_anchors("one", ("b", "new", "d"), ("new", "d"))
    ledger.save()
    again = opened(corpus)
    assert again.nearest("one", "c") == "new"
    assert again.nearest("one", "a") == "new"
    assert again.nearest("one", "d") is None
    assert again.nearest("two", "a") is None


@pytest.mark.parametrize(
    ("now", "led"),
    [
        ("a x c d", {"b": "x"}),
        ("a x y c d", {"b": "x"}),
        ("a x d", {"b": "x", "c": "x"}),
        ("a x y d", {"b": "x", "c": "y"}),
        ("x y c d", {"a": "x", "b": "y"}),
        ("b c d", {"a": "b"}),
        ("a b c", {"d": "c"}),
        ("x", {"a": "x", "b": "x", "c": "x", "d": "x"}),
    ],
)
def test_what_stands_in_its_place_is_the_nearest(
    corpus: Path, now: str, led: dict[str, str]
) -> None:
    ledger = opened(corpus)
    ledger.move_anchors("one", tuple("abcd"), now.split())
    found = {anchor: ledger.nearest("one", anchor) for anchor in "abcd"}
    assert {anchor: nearest for anchor, nearest in found.items() if nearest} == led


anchors = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)


@given(st.lists(anchors, min_size=2, max_size=6))
def test_every_anchor_that_ever_was_leads_to_one_that_is(versions: list[list[str]]) -> None:
    ledger = Ledger(Path("/nowhere"), Path("/nowhere"))
    for before, now in pairwise(versions):
        ledger.move_anchors("one", tuple(before), now)
    last = versions[-1]
    if all(versions):
        for version in versions[:-1]:
            for anchor in version:
                nearest = ledger.nearest("one", anchor)
                assert anchor in last or nearest in last


def test_forgetting_leaves_no_trace_but_a_tombstone(corpus: Path) -> None:
    ledger = opened(corpus)
    ledger.place("one", Known("letters/private.txt", "", "f" * 64, "anchor1"))
    ledger.move_anchors("one", ("gone", "anchor1"), ("anchor1",))
    ledger.save()
    ledger.forget("one", TODAY)
    ledger.save(compact=True)
    left = b"".join(lines(corpus))
    for trace in (b"private", b"f" * 64, b"anchor1"):
        assert trace not in left
    again = opened(corpus)
    assert again.gone_since("one") == TODAY
    assert again.nearest("one", "gone") is None
    assert set(again.marks.values()) == {"one"}
    assert len(again.marks) == 2


def test_an_id_that_was_replaced_leads_on(corpus: Path) -> None:
    ledger = opened(corpus)
    ledger.rename("a", "b")
    ledger.rename("b", "c")
    assert ledger.successor("a") == "c"
    assert ledger.successor("c") is None
    ledger.rename("c", "a")
    assert ledger.successor("a") is None


def test_it_moves_to_the_index_where_the_corpus_cannot_be_written(corpus: Path) -> None:
    (corpus / ".search-service").write_bytes(b"a file where the folder should be")
    ledger = opened(corpus)
    ledger.place("one", Known("a.txt", "", "sha"))
    assert "do not empty it" in (ledger.save() or "")
    assert set(opened(corpus).known) == {"one"}
    (corpus / ".search-service").unlink()
    assert opened(corpus).save() is None
    assert lines(corpus)
    assert not (corpus.parent / "state" / "ledger.jsonl").exists()
    assert set(opened(corpus).known) == {"one"}


def test_readers_see_what_another_process_wrote(corpus: Path) -> None:
    reader = opened(corpus)
    writer = opened(corpus)
    writer.place("one", Known("a.txt", "", "sha"))
    writer.save()
    assert not reader.known
    reader.refresh()
    assert set(reader.known) == {"one"}


def test_it_stays_small(corpus: Path) -> None:
    for round_ in range(300):
        ledger = opened(corpus)
        for number in range(10):
            ledger.place(f"d{number}", Known(f"{number}.txt", "", f"sha{round_}"))
        ledger.save()
    assert len(lines(corpus)) < 1100
    assert opened(corpus).known["d9"].sha == "sha299"
    assert [each.name for each in (corpus / ".search-service").iterdir()] == ["ledger.jsonl"]

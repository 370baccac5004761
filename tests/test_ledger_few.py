"""A ledger that is asked of a few documents says the same as one that is read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.ledger import FILE, FOLDER, Known, Ledger
from search_service.ledger import tables as ledger_tables

IDS = ("one", "two", "three")
PATHS = ("a.txt", 'odd "name".txt', "sub/a.txt", "ä\\b.csv")
KEYS = ("", "7")
HASHES = ("f" * 64, "e" * 64)
ANCHORS = ("", "x", "x y", "z")

_known = st.builds(Known, *(st.sampled_from(values) for values in (PATHS, KEYS, HASHES, ANCHORS)))
_id = st.sampled_from(IDS)
_days = st.sampled_from(("2024-05-01", "2024-05-02"))
_anchors = st.lists(st.sampled_from("wxyz"), unique=True, max_size=3)
notes = st.one_of(
    st.tuples(st.just("place"), _id, _known),
    st.tuples(st.just("lose"), _id, _days),
    st.tuples(st.just("rename"), _id, _id),
    st.tuples(st.just("move_anchors"), _id, _anchors, _anchors),
    st.tuples(st.just("shed"), _id),
    st.tuples(st.just("forget"), _id, _days),
    st.tuples(st.just("save")),
)

QUESTIONS: tuple[Callable[[Ledger], object], ...] = (
    *(lambda ledger, path=path: dict(ledger.ids(path)) for path in PATHS),
    *(lambda ledger, each=each: ledger.find(each) for each in IDS),
    *(lambda ledger, each=each: ledger.gone_since(each) for each in IDS),
    *(
        lambda ledger, each=each, anchor=anchor: ledger.nearest(each, anchor)
        for each in IDS
        for anchor in "wxyz"
    ),
    lambda ledger: ledger.seen({"a.txt"}, {"f" * 64}),
    lambda ledger: ledger.marks,
    lambda ledger: ledger.withdrawn,
)
WHOLE: tuple[Callable[[Ledger], object], ...] = (
    lambda ledger: ledger.known,
    lambda ledger: [ledger.successor(each) for each in IDS],
    lambda ledger: {each for each in IDS if each in ledger.taken()},
)


def tell(ledger: Ledger, note: tuple[object, ...]) -> None:
    name, *rest = note
    getattr(ledger, str(name))(*rest)


def written(corpus: Path, history: Iterable[tuple[object, ...]], damage: int) -> None:
    """A ledger with this history, in which one byte is damaged, if it has so many."""
    corpus.mkdir()
    ledger = Ledger(corpus, corpus)
    for note in history:
        tell(ledger, note)
    ledger.save()
    place = corpus / FOLDER / FILE
    if place.exists() and damage < len(data := place.read_bytes()):
        place.write_bytes(data[:damage] + b"?" + data[damage + 1 :])


@given(history=st.lists(notes, max_size=12), damage=st.integers(0, 600))
def test_a_few_lines_say_what_all_of_them_do(
    history: list[tuple[object, ...]], damage: int
) -> None:
    with TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        written(corpus, history, damage)
        whole = Ledger(corpus, corpus)
        for question in QUESTIONS + WHOLE:
            assert question(Ledger(corpus, corpus, whole=False)) == question(whole)


@given(
    before=st.lists(notes, max_size=8),
    steps=st.lists(st.one_of(notes, st.sampled_from(QUESTIONS)), max_size=8),
)
def test_what_is_told_counts_at_once_and_is_kept(
    before: list[tuple[object, ...]],
    steps: list[tuple[object, ...] | Callable[[Ledger], object]],
) -> None:
    with TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        written(corpus, before, 1000)
        whole, few = Ledger(corpus, corpus), Ledger(corpus, corpus, whole=False)
        for step in steps:
            if isinstance(step, tuple):
                tell(few, step)
                if step != ("save",):
                    tell(whole, step)
            else:
                assert step(few) == step(whole)
        few.save()
        for question in QUESTIONS + WHOLE:
            assert question(few) == question(Ledger(corpus, corpus)) == question(whole)


def test_a_small_change_does_not_read_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path, tmp_path / "state")
    for number in range(50):
        ledger.place(f"d{number}", Known(f"{number}.txt", "", f"{number:064}"))
    ledger.save()
    taken = []
    apply = ledger_tables.Tables.apply

    def counted(tables: ledger_tables.Tables, record: dict[str, object]) -> None:
        taken.append(record["id"])
        apply(tables, record)

    monkeypatch.setattr(ledger_tables.Tables, "apply", counted)
    few = Ledger(tmp_path, tmp_path / "state", whole=False)
    assert few.ids("7.txt") == {"": "d7"}
    few.place("d7", Known("7.txt", "", "f" * 64))
    few.move_anchors("d7", ("a", "b"), ("b",))
    few.save()
    assert set(taken) == {"d7"}
    assert Ledger(tmp_path, tmp_path / "state").known["d7"].sha == "f" * 64

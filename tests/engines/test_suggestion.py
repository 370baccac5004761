"""Completions and spellings are those that plain loops over the words find."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service.engines.whoosh.engine import WhooshEngine
from search_service.engines.whoosh.planning.edits import edits
from search_service.engines.whoosh.reader import WhooshReader
from search_service.languages.translit import keys
from tests.engines.archive import make_document


def plain_edits(one: str, other: str) -> int:
    """Optimal string alignment by its recurrence."""
    table = [[i + j for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (one[i - 1] != other[j - 1]),
            )
            if one[i - 2 : i] == other[j - 2 : j][::-1] and min(i, j) > 1:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


words = st.text("abcə𐐀", min_size=1, max_size=7)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words, st.lists(words, max_size=8), st.integers(1, 2))
def test_edits_are_those_of_the_recurrence(word: str, others: list[str], limit: int) -> None:
    expected = [min(plain_edits(word, other), limit + 1) for other in others]
    assert edits(word, others, limit).tolist() == expected


def reader_of(folder: Path) -> WhooshReader:
    engine = WhooshEngine()
    (folder / "1").mkdir()
    (folder / "2").mkdir()
    writer = engine.writer(folder / "1", None)
    writer.add(engine.prepare(make_document("a", ["carpet carpet weaver", "carpets of silk"])))
    writer.add(engine.prepare(make_document("b", ["carpenter", "a carpet"])))
    writer.add(engine.prepare(make_document("c", ["carpel carpel", "carpel", "carpel"])))
    writer.commit()
    writer = engine.writer(folder / "2", folder / "1")
    writer.delete("c")
    writer.add(engine.prepare(make_document("d", ["the carpets", ("az", "carpet şəkər")])))
    writer.commit()
    return engine.reader(folder / "2")


def test_what_sounds_so_is_met_by_the_beginning_of_a_key(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    assert reader.forms_sounding(["KarpeT", "karp"], 10) == []
    [(key, *_)] = [keys("carpet", "en")]
    assert reader.forms_sounding([key[:4], key], 2) == reader.forms("carp", 2)
    assert reader.forms_sounding([keys("şəkər", "az")[0][:4]], 10) == [("şəkər", "az", 1)]
    assert reader.forms_sounding([], 10) == []


def test_completions_count_live_passages_and_come_commonest_first(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    assert reader.forms("carp", 10) == [
        ("carpet", "en", 2),
        ("carpets", "en", 2),
        ("carpenter", "en", 1),
        ("carpet", "az", 1),
    ]
    assert reader.forms("carp", 1) == [("carpet", "en", 2)]
    assert reader.forms("seke", 5) == [("şəkər", "az", 1)]
    assert reader.forms("zebra", 5) == []


def test_spellings_are_near_and_living(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    assert [form for form, _, _ in reader.spellings("carpte", 3)] == ["carpet", "carpet", "carpets"]
    assert ("silk", "en", 1) in reader.spellings("slik", 5)
    assert ("şəkər", "az", 1) in reader.spellings("sekar", 5)
    assert "carpel" not in [form for form, _, _ in reader.spellings("carpet", 9)]
    assert reader.spellings("of", 5) == []


def test_near_duplicates_are_found_wherever_they_lie(tmp_path: Path) -> None:
    engine = WhooshEngine()
    long = "The Goychay pomegranate festival fills the old streets every autumn with juice and song"
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    writer = engine.writer(tmp_path / "1", None)
    writer.add(engine.prepare(make_document("a", [long, "Trains leave at noon."])))
    writer.add(engine.prepare(make_document("b", ["Trains leave at noon", long + "."])))
    writer.commit()
    writer = engine.writer(tmp_path / "2", tmp_path / "1")
    writer.add(engine.prepare(make_document("c", [long])))
    writer.add(engine.prepare(make_document("e", [])))
    writer.commit()
    reader = engine.reader(tmp_path / "2")
    assert reader.duplicates("a", 0) == [("b", 1), ("c", 0)]
    assert reader.duplicates("a", 1) == [("b", 0)]
    assert reader.duplicates("a", 9) == []
    assert reader.duplicates("nobody", 0) == []

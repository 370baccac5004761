"""The merge policy's promises, and merging in small chunks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service.engines.whoosh.engine import WhooshEngine
from search_service.engines.whoosh.store.postings import POSITION_BLOCK
from search_service.engines.whoosh.store.segment import Segment
from search_service.engines.whoosh.writing import merging, policy
from search_service.engines.whoosh.writing.policy import MAX_SEGMENTS, Size, choose
from search_service.model import Document
from tests.engines.archive import CARPETS, RECIPE, TRAINS, TUNES, make_document, text_postings
from tests.engines.test_writer import stored_postings

sizes = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), max_size=12).map(
    lambda pairs: [Size(f"s{n}", live, dead) for n, (live, dead) in enumerate(pairs)]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sizes, st.booleans())
def test_no_more_than_four_segments_are_left(given: list[Size], large: bool) -> None:
    groups = choose(given, large=large)
    merged = [name for group in groups for name in group]
    assert len(merged) == len(set(merged))
    assert len(given) - len(merged) + len(groups) <= MAX_SEGMENTS


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sizes)
def test_with_time_there_is_nothing_left_to_do(given: list[Size]) -> None:
    of = {size.name: size for size in given}
    groups = choose(given, large=True)
    merged = {name for group in groups for name in group}
    after = [size for size in given if size.name not in merged]
    after += [Size(group[0], sum(of[n].live for n in group), 0) for group in groups]
    assert choose(after, large=True) == []


def rewrite(segments: list[Size], name: str, *, large: bool) -> int:
    """Merge what the policy says; how much was written anew."""
    cost = 0
    for group in choose(segments, large=large):
        live = sum(size.live for size in segments if size.name in group)
        segments[:] = [size for size in segments if size.name not in group]
        segments.append(Size(name, live, 0))
        cost += live
    return cost


def test_a_thousand_single_changes_rewrite_little() -> None:
    segments = [Size("base", 200_000, 0)]
    waited_for, afterwards = [], []
    for number in range(1000):
        segments.append(Size(f"n{number}", 10, 0))
        waited_for.append(rewrite(segments, f"m{number}", large=False))
        assert len(segments) <= MAX_SEGMENTS
        afterwards.append(rewrite(segments, f"l{number}", large=True))
    assert max(waited_for) <= policy.SMALL
    assert (sum(waited_for) + sum(afterwards)) / 1000 < 500
    assert "base" in {size.name for size in segments}


def test_what_is_mostly_deleted_is_written_anew_when_small() -> None:
    assert choose([Size("a", 10, 90)], large=False) == [["a"]]
    assert choose([Size("a", 100_000, 900_000)], large=False) == []
    assert choose([Size("a", 100_000, 900_000)], large=True) == [["a"]]
    assert choose([Size("a", 90, 10)], large=True) == []


@pytest.mark.parametrize("chunk", [1, 2, 5, 1 << 21])
def test_merging_in_chunks_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(merging, "_CHUNK", chunk)
    engine = WhooshEngine()
    documents = {}
    segments: list[Segment] = []
    texts: list[str | tuple[str, str]] = [CARPETS, ("az", TUNES), ("ru", TRAINS), ("az", RECIPE)]
    for part in range(3):
        folder = tmp_path / str(part)
        folder.mkdir()
        writer = engine.writer(folder, None)
        for number in range(4):
            document = make_document(f"d{part}{number}", texts[number:])
            documents[document.id] = document
            writer.add(engine.prepare(document))
        writer.commit()
        gone = tmp_path / f"{part}b"
        gone.mkdir()
        writer = engine.writer(gone, folder)
        writer.delete(f"d{part}{part}")
        del documents[f"d{part}{part}"]
        monkeypatch.setattr(policy, "choose", lambda sizes, *, large: [])
        writer.commit()
        segments += engine.reader(gone).segments
    files = merging.merge(segments, tmp_path, "merged")
    reader = engine.reader(tmp_path / "0")
    reader.segments = (Segment(tmp_path, "merged"),)
    assert stored_postings(reader) == text_postings(documents.values())
    for document_id, document in documents.items():
        assert reader.document(document_id) == document
    assert sorted(files) == ["merged.texts", "merged.words"]


def test_a_word_of_many_passages_and_places_is_merged_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = 2000
    monkeypatch.setattr(merging, "_CHUNK", chunk)
    engine = WhooshEngine()
    documents: list[Document] = []
    segments: list[Segment] = []
    texts = ["kilim " * 20 + "loom " * (number % 7) for number in range(700)]
    for part in range(2):
        documents.append(make_document(f"d{part}", texts))
        folder = tmp_path / str(part)
        folder.mkdir()
        writer = engine.writer(folder, None)
        writer.add(engine.prepare(documents[part]))
        writer.commit()
        segments += engine.reader(folder).segments
    taken = []
    interleave = merging._interleave

    def looked_at(pieces: Sequence[merging._Piece], low: int, high: int) -> merging._Piece:
        taken.append(sum(len(units) + len(positions) for _, units, _, positions in pieces))
        return interleave(pieces, low, high)

    monkeypatch.setattr(merging, "_interleave", looked_at)
    merging.merge(segments, tmp_path, "merged")
    reader = engine.reader(tmp_path / "0")
    reader.segments = (Segment(tmp_path, "merged"),)
    assert stored_postings(reader) == text_postings(documents)
    # Pieces end where a block of postings does, and one of these has 21 of each here.
    assert max(taken) < chunk + 21 * POSITION_BLOCK
    assert sum(taken) > 2 * 700 * 21

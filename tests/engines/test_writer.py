"""A generation holds what was added and not deleted, whatever the history."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service.engines.whoosh.engine import WhooshEngine
from search_service.engines.whoosh.reader import WhooshReader
from search_service.engines.whoosh.writing.policy import MAX_SEGMENTS
from search_service.errors import IndexDamaged
from search_service.model import Document
from tests.engines.archive import (
    CARPETS,
    RECIPE,
    TRAINS,
    TUNES,
    Place,
    make_document,
    text_postings,
)

WORDS = [
    "tar",
    "kamança",
    "carpet",
    "wool",
    "wool's",
    "Quba",
    "Şəki",
    "şəki",
    "поезд",
    "Баку",
    "plov",
    "rice",
    "l'art",
    "C++",
    "1828",
]
LANGUAGES = ["az", "en", "ru", "tr", "und"]

passages = st.lists(
    st.tuples(st.sampled_from(LANGUAGES), st.lists(st.sampled_from(WORDS), max_size=12)).map(
        lambda pair: (pair[0], " ".join(pair[1]))
    ),
    max_size=4,
)
changes = st.lists(
    st.lists(
        st.tuples(st.sampled_from([f"d{n}" for n in range(9)]), st.none() | passages), max_size=4
    ),
    min_size=1,
    max_size=8,
)


def stored_postings(reader: WhooshReader) -> dict[tuple[str, str, str], list[Place]]:
    """The `text` field of all segments, read back by the arrays' interface."""
    index: dict[tuple[str, str, str], list[Place]] = defaultdict(list)
    for segment in reader.segments:
        field = segment.fields["text"]
        for row, form in enumerate(segment.vocabulary.rows()):
            low, high = int(field.starts[row]), int(field.starts[row + 1])
            counts, positions = field.positions(low, high)
            ends = np.cumsum(counts)
            for unit, end, count in zip(field.units(low, high), ends, counts, strict=True):
                if segment.live is None or segment.live[unit]:
                    document = segment.document_id(int(segment.passage_document[unit]))
                    ordinal = int(segment.passage_ordinal[unit])
                    place = tuple(positions[end - count : end].tolist())
                    index[form].append((document, ordinal, place))
    return {row: sorted(places) for row, places in index.items() if places}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes, st.booleans())
def test_any_history_gives_what_is_left_of_it(
    history: list[list[tuple[str, list[tuple[str, str]] | None]]], tiny: bool
) -> None:
    engine = WhooshEngine(memory=1 if tiny else 1 << 20)
    documents: dict[str, Document] = {}
    with TemporaryDirectory() as folder:
        previous = None
        for number, run in enumerate(history):
            directory = Path(folder) / str(number)
            directory.mkdir()
            writer = engine.writer(directory, previous)
            for document_id, content in run:
                if content is None:
                    assert writer.delete(document_id) == (document_id in documents)
                    documents.pop(document_id, None)
                else:
                    document = make_document(
                        document_id, content, title=f"About {document_id}", heading="Başlıq"
                    )
                    documents[document_id] = document
                    writer.add(engine.prepare(document))
            told = writer.commit()
            assert told["documents"] == len(documents)
            assert {p.name for p in engine.files(directory)} == {
                p.name for p in directory.iterdir()
            }
            previous = directory
        assert previous is not None
        reader = engine.reader(previous)
        assert len(reader.segments) <= MAX_SEGMENTS
        assert reader.document_count == len(documents)
        assert {d.id for d in reader.summaries()} == documents.keys()
        for document_id, document in documents.items():
            assert reader.document(document_id) == document
        expected = text_postings(documents.values())
        # Words of no known language are filed under `und`; the analysis is the same.
        assert stored_postings(reader) == expected


def test_a_change_leaves_the_generation_before_it_as_it_was(tmp_path: Path) -> None:
    engine = WhooshEngine()
    old, new = tmp_path / "1", tmp_path / "2"
    old.mkdir()
    new.mkdir()
    writer = engine.writer(old, None)
    for number in range(30):
        writer.add(engine.prepare(make_document(f"d{number}", [CARPETS, ("az", TUNES)])))
    writer.commit()
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    writer = engine.writer(new, old)
    writer.add(engine.prepare(make_document("d3", [("ru", TRAINS)])))
    assert writer.delete("d4")
    assert not writer.delete("d99")
    told = writer.commit()
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before
    assert told["documents"] == 29
    assert told["passages"] == 57
    reader = engine.reader(new)
    assert reader.languages() == {"en": 28, "az": 28, "ru": 1}
    assert reader.document("d4") is None
    assert engine.reader(old).document("d4") is not None


def test_an_unchanged_segment_is_the_same_file_in_both_generations(tmp_path: Path) -> None:
    engine = WhooshEngine()
    old, new = tmp_path / "1", tmp_path / "2"
    old.mkdir()
    new.mkdir()
    writer = engine.writer(old, None)
    writer.add(engine.prepare(make_document("one", [("az", RECIPE)])))
    writer.commit()
    engine.writer(new, old).commit()
    for path in old.glob("*.words"):
        assert path.stat().st_ino == (new / path.name).stat().st_ino


def test_it_tells_size_and_hash_of_each_file(tmp_path: Path) -> None:
    from search_service.durable import hash_file

    engine = WhooshEngine()
    writer = engine.writer(tmp_path, None)
    writer.add(engine.prepare(make_document("one", [CARPETS])))
    told = writer.commit()["files"]
    assert isinstance(told, dict)
    assert told == {path.name: hash_file(path) for path in tmp_path.iterdir()}


def test_an_aborted_writer_has_not_touched_the_previous_generation(tmp_path: Path) -> None:
    engine = WhooshEngine()
    old, new = tmp_path / "1", tmp_path / "2"
    old.mkdir()
    new.mkdir()
    writer = engine.writer(old, None)
    writer.add(engine.prepare(make_document("one", [CARPETS])))
    writer.commit()
    writer = engine.writer(new, old)
    writer.add(engine.prepare(make_document("two", [CARPETS])))
    writer.delete("one")
    writer.abort()
    assert engine.reader(old).document("one") is not None


@pytest.mark.parametrize("suffix", [".words", ".texts", ".json", ".deleted"])
@pytest.mark.parametrize("keep", [0, 1, -1])
def test_a_file_cut_short_is_refused_with_the_cure(tmp_path: Path, suffix: str, keep: int) -> None:
    engine = WhooshEngine()
    old, new = tmp_path / "1", tmp_path / "2"
    old.mkdir()
    new.mkdir()
    writer = engine.writer(old, None)
    for number in range(10):
        writer.add(engine.prepare(make_document(f"d{number}", [CARPETS])))
    writer.commit()
    writer = engine.writer(new, old)
    writer.delete("d1")
    writer.commit()
    (path,) = new.glob(f"*{suffix}")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:keep])
    with pytest.raises(IndexDamaged, match="run the index command"):
        engine.reader(new).document("d2")


def test_a_long_run_with_little_memory_holds_few_files_open(tmp_path: Path) -> None:
    """It would run out of descriptors, and could not even say so in its report."""
    engine = WhooshEngine(memory=1)
    writer = engine.writer(tmp_path, None)
    ids = [f"d{number}" for number in range(150)]
    for number, document_id in enumerate(ids):
        document = make_document(document_id, [("en", "Carpets of wool.")])
        writer.add(engine.prepare(document))
        if number in (70, 140):
            assert writer.delete("d0") == (number == 70)
        assert len([*tmp_path.glob("*.words")]) <= 64
    counts = writer.commit()
    assert counts["documents"] == 149
    assert len(engine.reader(tmp_path).segments) <= MAX_SEGMENTS
    reader = engine.reader(tmp_path)
    assert {d.id for d in reader.summaries()} == {*ids} - {"d0"}

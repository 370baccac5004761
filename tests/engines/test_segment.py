"""Arrays of a segment: postings with their overflows, the vocabulary's ranges, slices of texts."""

from __future__ import annotations

import io
from bisect import bisect_left
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service.durable import DurableFile
from search_service.engines.whoosh.engine import WhooshEngine
from search_service.engines.whoosh.store import arrays, postings
from search_service.engines.whoosh.store.arrays import ArrayFile, ArrayWriter
from search_service.engines.whoosh.store.lookup import Lookup
from search_service.engines.whoosh.store.postings import FieldPostings, PostingsWriter
from search_service.engines.whoosh.store.vocabulary import Vocabulary
from search_service.engines.whoosh.writing import inversion
from search_service.engines.whoosh.writing.inversion import invert
from search_service.engines.whoosh.writing.packing import pack_rows
from search_service.engines.whoosh.writing.prepared import GAP
from search_service.errors import IndexDamaged
from search_service.model import Block, BlockKind, Document, Metadata, Passage
from search_service.schema import UNDATED
from tests.engines.archive import CARPETS, TRAINS, TUNES, make_document

Row = tuple[str, str, str]


def vocabulary_of(rows: list[Row], folder: str) -> Vocabulary:
    path = Path(folder) / "vocabulary"
    with ArrayWriter(DurableFile(path)) as file:
        stems = [(f"{language}:{folded[:3]}", n) for n, (folded, _, language) in enumerate(rows)]
        packed = pack_rows(rows, stems, [])
        packed.write(file)
        file.close({"vocabulary_languages": packed.languages})
    return Vocabulary(ArrayFile.open(path))


words = st.text("abcəüЖ語𐐀", min_size=1, max_size=5)
row_sets = st.sets(st.tuples(words, words, st.sampled_from(["az", "en", "ru"])), max_size=30)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(row_sets, words)
def test_ranges_of_the_vocabulary_are_those_of_a_plain_list(given: set[Row], asked: str) -> None:
    rows = sorted(given)
    with TemporaryDirectory() as folder:
        vocabulary = vocabulary_of(rows, folder)
        assert list(vocabulary.rows()) == rows
        for word in {asked, asked[:1], *(row[0] for row in rows)}:
            low, high = vocabulary.folded_range(word)
            assert list(vocabulary.rows(low, high)) == [row for row in rows if row[0] == word]
            low, high = vocabulary.prefix_range(word)
            assert list(vocabulary.rows(low, high)) == [r for r in rows if r[0].startswith(word)]
            assert vocabulary.exact_rows(word).tolist() == [
                number for number, row in enumerate(rows) if row[1] == word
            ]
            key = f"az:{word[:3]}"
            assert vocabulary.stem_rows(key).tolist() == [
                n for n, row in enumerate(rows) if row[2] == "az" and row[0][:3] == word[:3]
            ]
        assert vocabulary.prefix_range("") == (0, len(rows))
        assert [vocabulary.form(n)[1] for n in vocabulary.by_form.tolist()] == sorted(
            row[1] for row in rows
        )


def test_languages_and_forms_of_a_range(tmp_path: Path) -> None:
    rows = [("seki", "seki", "en"), ("seki", "Şəki", "az"), ("sekil", "şəkil", "az")]
    vocabulary = vocabulary_of(sorted(rows), str(tmp_path))
    assert vocabulary.forms(*vocabulary.prefix_range("sek")) == ["seki", "Şəki", "şəkil"]
    assert vocabulary.folded_range("sek") == (0, 0)
    assert vocabulary.translit_rows("sk").tolist() == []


def field_of(words: list[list[int]], rows: int, folder: str) -> FieldPostings:
    path = Path(folder) / "field"
    with ArrayWriter(DurableFile(path)) as file:
        flat = np.array([word for unit in words for word in unit], np.uint32)
        counts = np.array([len(unit) for unit in words], np.int32)
        writer = PostingsWriter(file, "text", rows, len(counts))
        writer.add(0, *invert(flat, counts, np.arange(rows, dtype=np.uint32), rows))
        writer.close()
        file.close({})
    return FieldPostings(ArrayFile.open(path), "text", None)  # type: ignore[arg-type]


def naive(words: list[list[int]], row: int) -> list[tuple[int, list[int]]]:
    return [
        (number, places)
        for number, unit in enumerate(words)
        if (places := [place for place, word in enumerate(unit) if word == row])
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from([0, 1, 2, 3, 7, GAP]), max_size=8), max_size=12))
def test_postings_are_those_of_plain_loops(units: list[list[int]]) -> None:
    with TemporaryDirectory() as folder:
        field = field_of(units, 9, folder)
        for row in range(9):
            low, high = int(field.starts[row]), int(field.starts[row + 1])
            expected = naive(units, row)
            found, frequencies = field.decode(low, high)
            assert found.tolist() == [number for number, _ in expected]
            assert frequencies.tolist() == [len(places) for _, places in expected]
            counts, positions = field.positions(low, high)
            assert counts.tolist() == frequencies.tolist()
            assert positions.tolist() == [place for _, places in expected for place in places]


def test_long_and_frequent_words_overflow_and_come_back(tmp_path: Path) -> None:
    units = [[0] * 700 + [1], [2, 0], *([3] for _ in range(600)), [1, *([2] * 255), 0]]
    field = field_of(units, 4, str(tmp_path))
    for row in range(4):
        low, high = int(field.starts[row]), int(field.starts[row + 1])
        for first in range(low, high, 7):  # any slice, also one that starts inside a block
            counts, positions = field.positions(first, high)
            expected = naive(units, row)[first - low :]
            assert counts.tolist() == [len(places) for _, places in expected]
            assert positions.tolist() == [place for _, places in expected for place in places]


def test_planes_that_outgrow_memory_go_through_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = [[n % 3, 7, 7] for n in range(400)]
    expected = field_of(units, 8, str(tmp_path)).positions(0, 800)
    (tmp_path / "field").unlink()
    monkeypatch.setattr(postings, "_HELD", 10)
    monkeypatch.setattr(arrays, "_PIECE", 64)
    found = field_of(units, 8, str(tmp_path)).positions(0, 800)
    assert [array.tolist() for array in found] == [array.tolist() for array in expected]


def test_units_beyond_sixteen_bits(tmp_path: Path) -> None:
    counts = np.zeros(70_000, np.int32)
    counts[[3, 65_535, 65_536, 69_999]] = 1
    with ArrayWriter(DurableFile(tmp_path / "field")) as file:
        writer = PostingsWriter(file, "text", 1, len(counts))
        writer.add(0, *invert(np.zeros(4, np.uint32), counts, np.zeros(1, np.uint32), 1))
        writer.close()
        file.close({})
    field = FieldPostings(ArrayFile.open(tmp_path / "field"), "text", None)  # type: ignore[arg-type]
    assert field.units(0, 4).tolist() == [3, 65_535, 65_536, 69_999]
    assert len(field.unit_high) == 4


def test_the_words_of_an_endless_passage_share_its_last_position() -> None:
    _, _, frequencies, positions = invert(
        np.zeros(70_000, np.uint32), np.array([70_000], np.int32), np.zeros(1, np.uint32), 1
    )
    assert frequencies.tolist() == [70_000]
    assert int(positions.max()) == 65_535


def test_too_much_for_a_segment_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ArrayWriter(DurableFile(tmp_path / "field"))
    with pytest.raises(OverflowError, match="units"):
        PostingsWriter(file, "text", 1, 1 << 25)
    file.discard()
    monkeypatch.setattr(inversion, "MAX_ROWS", 2)
    with pytest.raises(OverflowError, match="too many"):
        invert(np.zeros(1, np.uint32), np.ones(1, np.int32), np.zeros(1, np.uint32), 3)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text("aəЖ語𐐀 ", max_size=200),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=5),
    st.sets(st.integers(0, 200), max_size=8),
)
def test_slices_are_those_of_the_text(
    text: str, spans: list[tuple[int, int]], cuts: set[int]
) -> None:
    borders = sorted(min(cut, len(text)) for cut in cuts)
    passages = tuple(
        Passage(number, start, end, "und", f"p{number}")
        for number, (start, end) in enumerate(zip(borders[::2], borders[1::2], strict=False))
    )
    wanted = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in spans]
    document = Document("one", "one.txt", "", "text", text, Metadata(), (), passages, ("und",))
    engine = WhooshEngine()
    with TemporaryDirectory() as folder:
        writer = engine.writer(Path(folder), None)
        writer.add(engine.prepare(document))
        writer.commit()
        reader = engine.reader(Path(folder))
        assert reader.slices("one", wanted) == [text[start:end] for start, end in wanted]
        assert reader.passages("one", range(len(passages))) == [
            (passage, text[passage.start : passage.end]) for passage in passages
        ]


def test_columns_and_facets(tmp_path: Path) -> None:
    engine = WhooshEngine()
    writer = engine.writer(tmp_path, None)
    for document in (
        make_document("b", [("az", TUNES), CARPETS], path="music/b.txt", date="1923-05"),
        make_document("a", [("ru", TRAINS)], path="a.txt", source="Rail News", author="R. Aliyev"),
        make_document("c", [], path="music/old/c.txt", date="2001"),
    ):
        writer.add(engine.prepare(document))
    writer.commit()
    (segment,) = engine.reader(tmp_path).segments
    assert segment.document_passages.tolist() == [0, 2, 3, 3]
    assert segment.passage_document.tolist() == [0, 0, 1]
    assert segment.passage_ordinal.tolist() == [0, 1, 0]
    assert segment.document_length.tolist() == [
        sum(segment.passage_length[:2]),
        segment.passage_length[2],
        0,
    ]
    assert [segment.languages[code] for code in segment.passage_language] == ["az", "en", "ru"]

    def values(name: str) -> list[str | None]:
        codes, names = segment.facet(name)
        return [names[code] if code >= 0 else None for code in codes.tolist()]

    assert values("source") == [None, "Rail News", None]
    assert values("author") == [None, "R. Aliyev", None]
    assert values("folder") == ["music", "", "music/old"]
    assert values("format") == ["text"] * 3
    assert values("year") == ["1923", UNDATED, "2001"]
    assert segment.first_day.tolist()[1] == 0
    assert segment.last_day[0] - segment.first_day[0] == 30
    assert [segment.live_document_number(i) for i in ("a", "b", "c", "d")] == [1, 0, 2, None]
    assert segment.id_rank.tolist() == [1, 0, 2]
    with pytest.raises(KeyError):
        segment.facet("colour")


def test_blocks_pages_and_warnings_come_back(tmp_path: Path) -> None:
    text = "Sheki silk\n\nSoft and light."
    document = Document(
        id="silk",
        path="silk.pdf",
        key="row 7",
        format="pdf",
        text=text,
        metadata=Metadata(),
        blocks=(
            Block(0, 10, BlockKind.HEADING, 1),
            Block(12, 27, BlockKind.PARAGRAPH, language="en"),
        ),
        passages=(Passage(0, 12, 27, "en", "x", headings=((0, 10),), lead_in=(0, 5), page=1),),
        languages=("en",),
        page_starts=(0, 12),
        warnings=("page 2 has no text",),
        stale=True,
    )
    engine = WhooshEngine()
    writer = engine.writer(tmp_path, None)
    writer.add(engine.prepare(document))
    writer.commit()
    assert engine.reader(tmp_path).document("silk") == document


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.words"
    path.write_bytes(b"A list of railway stations, and nothing else in it." * 3)
    with pytest.raises(IndexDamaged, match="not a file of arrays"):
        ArrayFile.open(path)


def test_a_number_that_does_not_fit_its_array_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(OverflowError, match="ages"),
        ArrayWriter(DurableFile(tmp_path / "x")) as file,
    ):
        file.add("ages", "u1", np.array([3, 256]))
    assert not (tmp_path / "x").exists()


def test_bisection_works_as_in_the_library(tmp_path: Path) -> None:
    rows = sorted((w, w, "en") for w in ["carpet", "plov", "silk", "tar", "wool"])
    strings = vocabulary_of(rows, str(tmp_path)).folded
    plain = [row[0].encode() for row in rows]
    for key in (b"", b"plov", b"plow", b"zither"):
        assert strings.bisect_left(key) == bisect_left(plain, key)
        assert strings.find(key) == (plain.index(key) if key in plain else -1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=2), max_size=200), st.binary(max_size=2), st.data())
def test_a_look_up_is_a_bisection(strings: list[bytes], key: bytes, data: st.DataObject) -> None:
    strings.sort()
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(strings))] * 2)))
    found = Lookup(len(strings), strings.__getitem__).lower_bound(key, low, high)
    assert found == bisect_left(strings, key, low, high)


def test_a_file_that_is_read_piece_by_piece_is_whole(tmp_path: Path) -> None:
    class Short(io.BytesIO):
        """One whose reads come short, as those of a network's file systems may."""

        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(7, 7 if size is None else size))

    values = np.arange(1000, dtype=np.uint32)
    with ArrayWriter(DurableFile(tmp_path / "arrays")) as file:
        file.begin("values", "<u4")
        file.extend_from(Short(values.tobytes()))
        file.close({})
    assert ArrayFile.open(tmp_path / "arrays").array("values").tolist() == values.tolist()

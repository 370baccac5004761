"""Each format on a small sample: what must be read, what must not, and the whole as a golden."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from search_service.metadata import complete
from tests.formats.reading import SAMPLES, golden_names, read, shown


@dataclass(frozen=True)
class Vector:
    name: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]
    title: str | None
    date: str | None = None
    author: str | None = None
    pages: int = 0


TEA = "The gardens of Lankaran"
WARM = "the warm rain of the Talysh foothills"
AZ = "Çay dəmlənəndə onu tələsdirməzlər"

NOTES = "Notes of a tea grower"
NIGAR = "Nigar Rustamova"
MOMENT = "2021-05-14T09:30+04:00"
DAY = "2021-05-14"
BREWED = (WARM, AZ, "istiliyi belində")

VECTORS = (
    Vector("tea.txt", ("Tea came", "1. for the samovar"), (), TEA, MOMENT, NIGAR),
    Vector("tea.md", BREWED, ("*", "---", "[^1]"), NOTES, None, NIGAR),
    Vector(
        "tea.html",
        (WARM, "  --slow"),
        ("tracked", "Menu", "Subscribe", "rights", "[1]", "\xad"),
        TEA,
        MOMENT,
        NIGAR,
    ),
    Vector(
        "tea.pdf",
        ("nineteenth century", "breakfast and", "well-known tin", "istiliyi belində"),
        ("Notebook", "ninetee-", "brea-"),
        TEA,
        None,
        NIGAR,
        pages=3,
    ),
    Vector("tea.docx", BREWED, ("[1]", "↑"), NOTES, None, NIGAR),
    Vector("tea.odt", BREWED, (), NOTES, None, NIGAR),
    Vector("tea.epub", BREWED, ("↩",), NOTES, DAY, NIGAR),
    Vector("tea.rtf", (WARM, AZ), ("outlinelevel", "\ue000"), NOTES),
    Vector("tea.rst", (WARM, "see the map", "Tea bags"), ("root:", "::", "doc:"), TEA, DAY, NIGAR),
    Vector(
        "tea.eml",
        (WARM, "Bağlar yaşıldır", "And when?"),
        ("colour", "> ", "JVBER"),
        "Çay bağları",
        MOMENT,
        "Nigar Rüstəmova",
    ),
    Vector("tea.csv", ("It stayed.",), (AZ,), "Tea; its gardens", DAY),
    Vector("tea.jsonl", ("nineteenth century",), (AZ,), "Tea and its gardens", DAY),
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_sample_is_read(vector: Vector) -> None:
    extract = read(vector.name)[0]
    for part in vector.must:
        assert part in extract.text
    for part in vector.must_not:
        assert part not in extract.text
    metadata = complete(extract, vector.name)
    assert (metadata.title and metadata.title.value) == vector.title
    assert (metadata.date and metadata.date.value.text) == vector.date
    assert (metadata.author and metadata.author.value) == vector.author
    assert len(extract.page_starts) == vector.pages


@pytest.mark.parametrize("name", golden_names())
def test_a_sample_reads_as_its_golden_file_says(name: str) -> None:
    expected = (SAMPLES / f"{name}.expected").read_text(encoding="utf-8")
    assert shown(read(name)) == expected


@pytest.mark.parametrize("name", golden_names())
def test_blocks_are_slices_in_order_with_white_space_between(name: str) -> None:
    for extract in read(name):
        at = 0
        for block in extract.blocks:
            assert extract.text[at : block.start].strip() == ""
            assert block.start < block.end
            assert extract.text[block.start : block.end].strip() != ""
            at = block.end
        assert extract.text[at:].strip() == ""
        assert list(extract.page_starts) == sorted(extract.page_starts)
        assert not extract.page_starts or extract.page_starts[0] == 0


def test_rows_are_documents_with_keys() -> None:
    first, second = read("tea.csv")
    assert (first.key, second.key) == ("t1", "t2")
    assert second.metadata.language is not None
    assert second.metadata.language.value == "az"
    assert second.metadata.extra["garden"].value == "Masallı"
    assert first.warnings == ("row 6 has no text",)


def test_a_row_without_an_id_keeps_its_key_when_rows_are_put_above_it() -> None:
    row = '{"text": "Gazelles drink at dusk."}\n'
    before = read("a.jsonl", row.encode())[0].key
    after = read("a.jsonl", ('{"id": "x", "text": "Seals bask."}\n' + row).encode())[1].key
    assert before == after


def test_rows_with_one_id_are_told_apart() -> None:
    first, second = read("a.jsonl", b'{"id": 7, "text": "One."}\n{"id": 7, "text": "Two."}\n')
    assert first.key != second.key
    assert any("row 2 has the id of row 1" in warning for warning in first.warnings)

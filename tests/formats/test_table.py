"""The table of formats and the files beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from search_service import formats
from search_service.errors import UnknownName, UnreadableFile
from tests.formats.reading import SAMPLES

PARTS = {
    "__init__", "base", "builder", "byline", "declared", "encoding", "layout", "mailhead", "markup",
    "numbers", "opening", "package", "refusals", "restructured", "rows", "structure",
}  # fmt: skip


def test_every_file_is_in_the_table_or_a_part_that_formats_share() -> None:
    folder = Path(formats.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} == PARTS | formats.FORMATS.keys()


@pytest.mark.parametrize("name", formats.FORMATS)
def test_the_table_says_what_the_format_says(name: str) -> None:
    found = formats.get(name)
    assert found.name == name
    assert found.suffixes == formats.FORMATS[name]
    assert any((SAMPLES / f"tea{suffix}").exists() for suffix in found.suffixes)


def test_no_suffix_is_claimed_twice() -> None:
    suffixes = [suffix for each in formats.FORMATS.values() for suffix in each]
    assert len(suffixes) == len(set(suffixes))


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="choose one of text, markdown"):
        formats.get("wordstar")


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("old/letter.doc", "save it as DOCX"),
        ("prices.xls", "CSV"),
        ("scan.JPG", "run OCR"),
        ("film.mp4", "transcript"),
        ("all.zip", "unpack"),
        ("book.mobi", "EPUB"),
        ("notes.xyz", r"has the suffix \.xyz, which is not read: save it as one of \.txt"),
        ("README", "has no suffix"),
    ],
)
def test_a_suffix_that_is_not_read_is_told_with_its_cure(path: str, cure: str) -> None:
    with pytest.raises(UnreadableFile, match=cure):
        formats.format_of(path)


def test_suffixes_are_known_in_capitals() -> None:
    assert formats.format_of("REPORT.TXT").name == "text"


def test_looking_at_the_table_imports_no_library() -> None:
    code = (
        "import sys, search_service.formats, search_service.metadata\n"
        "heavy = {'lxml', 'docutils', 'pypdfium2', 'mammoth', 'yaml', 'cmarkgfm', 'chardet'}\n"
        "print(*sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

"""The owner's synonyms: groups, one-way entries, and errors that name the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from search_service.errors import InvalidValue
from search_service.languages import synonyms

_CODES = ("az", "en")


def _found(text: str, word: str) -> set[str]:
    return {form.exact for form in synonyms.parse(text, _CODES).of(word)}


def test_each_word_of_a_group_finds_the_others() -> None:
    text = "# carpets\nxalça, kilim, carpet # and rugs\n"
    assert _found(text, "xalça") == {"kilim", "carpet"}
    assert _found(text, "carpets") >= {"xalça", "kilim"}
    assert _found(text, "bazar") == set()


def test_an_arrow_goes_one_way() -> None:
    text = "kompüter => hesablayıcı"
    assert _found(text, "kompüterlər") == {"hesablayıcı"}
    assert _found(text, "hesablayıcı") == set()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a, b\nalone", r"synonyms, line 2, cannot be 'alone'"),
        ("two words, b", r"line 1, cannot be 'two words': a synonym is one word"),
        ("a => b => c", r"line 1, .*write one => a line"),
        ("=> b", r"line 1"),
    ],
)
def test_a_wrong_line_is_named(text: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        synonyms.parse(text, _CODES)


def test_a_file_is_read_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_bytes("\ufeffxalça, kilim".encode())
    assert [form.exact for form in synonyms.load(path, ("az",)).of("kilim")] == ["xalça"]
    path.write_bytes("xalça, kilim".encode("cp1254"))
    with pytest.raises(InvalidValue, match="save it as UTF-8"):
        synonyms.load(path, ("az",))

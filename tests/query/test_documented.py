"""`docs/query-language.md` and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

from tests.query.reading import read

PAGE = (Path(__file__).parents[2] / "docs" / "query-language.md").read_text("utf-8")


def test_every_example_of_the_page_is_understood() -> None:
    table = PAGE.split("| typed | finds |")[1].split("\n\n")[0]
    examples = [
        typed
        for row in table.splitlines()[2:]
        for typed in re.findall(r"`([^`]+)`", row.split(" | ")[0])
        if not typed.endswith(":")
    ]
    assert len(examples) > 20
    for typed in examples:
        parsed = read(typed)
        assert parsed.notes == (), typed
        assert parsed.parts or parsed.filters or parsed.first_day or "*" in typed, typed


def test_every_note_is_on_the_page() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE.split("| code |")[1], re.MULTILINE))
    folder = Path(__file__).parents[2] / "search_service"
    source = "".join(
        (folder / f"{name}.py").read_text("utf-8")
        for name in ("query/parsing", "query/syntax", "searcher/searching")
    )
    noted = set(re.findall(r'_note\((?:self\.)?(?:notes, )?"(\w+)"\)', source))
    noted |= set(re.findall(r'yield "(\w+)"', source))
    assert told == noted

"""What a marker remembers of one text must not show in another."""

from __future__ import annotations

from itertools import permutations

from search_service.highlight.marking import Marker
from search_service.languages import UNDETERMINED
from search_service.query.parsed import Options
from search_service.query.parsing import parse

LANGUAGES = ("en", "az", "ru", "tr", "und")
TEXTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Old books on the shelf", "en", ()),
    ("Old books on the shelf", "az", ()),
    ("Old books on the shelf", UNDETERMINED, ("en",)),
    ("Old books on the shelf", UNDETERMINED, ("az",)),
    ("Old books on the shelf", UNDETERMINED, ("az", "en")),
    ("A book", UNDETERMINED, ("az",)),
)
"""Texts with their language and those of their document: `books` is `book` in English alone."""


def _marker() -> Marker:
    return Marker(parse("book", Options(LANGUAGES)).tree)


def _marked(marker: Marker, text: str, language: str, among: tuple[str, ...]) -> list[str]:
    found = marker.matches(marker.mark(text, language, among))
    return [f"{match.rung.name} {text[match.start : match.end]}" for match in found]


def test_marks_do_not_depend_on_what_was_marked_before() -> None:
    alone = {each: _marked(_marker(), *each) for each in TEXTS}
    assert len(set(map(tuple, alone.values()))) > 1  # else nothing could be confused
    for order in permutations(TEXTS, 3):
        marker = _marker()
        for each in (*order, *order):
            assert _marked(marker, *each) == alone[each], order

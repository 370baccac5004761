"""A word of the query is a stop word by what the index holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from search_service.searcher.searching import Question, Searcher
from tests.small_archive import Paper, reader

_PAPERS = (
    Paper("az", (("az", "Tar və kamança ustadlar üçün çalınır."), ("az", "Saz və balaban."))),
    Paper("tr", (("tr", "Saz ve bağlama çalınır."), ("tr", "Ud ve ney."), ("tr", "Ney ve tef."))),
    Paper("de", (("de", "Ein Lied für alle, und für den Krieg. Das war alt."),)),
    Paper("en", (("en", "The fur of a fox."), ("en", "The war was long, a war of kings."))),
    Paper("more", (("en", "Of war and furs."), ("en", "No war at all."))),
)


@pytest.mark.parametrize(
    ("typed", "missing"),
    [
        ("xalça və", ("xalça",)),  # although the Turkish `ve` is met more often
        ("xalça ucun", ("xalça",)),  # nothing is so spelled but `üçün`
        ("xalça fur", ("xalça", "fur")),  # a word of English, whatever `für` is
        ("xalça war", ("xalça", "war")),  # more often a word than a stop word
        ("xalça the", ("xalça",)),
    ],
)
def test_what_is_asked_of_nobody(tmp_path: Path, typed: str, missing: tuple[str, ...]) -> None:
    opened = reader(tmp_path, _PAPERS)
    answer = Searcher(opened).search(Question(f"{typed} ney"))
    opened.close()
    turkish = next(hit for hit in answer.hits if hit.document.id == "tr")
    assert turkish.missing == missing

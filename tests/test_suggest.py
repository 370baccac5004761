"""Other spellings, only where they would find more; completion that folds as search does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search_service.engines.base import Reader
from search_service.searcher.searching import Question, Searcher
from tests.small_archive import Paper, reader

PAPERS = (
    *(
        Paper(
            f"agarunov{number}",
            (("en", f"Agarunov walked to the river, the {number}th time that spring."),),
            title=f"Walk {number}",
        )
        for number in range(6)
    ),
    Paper("aqarunov", (("en", "Aqarunov is how another letter spells it."),), title="Spelling"),
    Paper("pismo", (("ru", "Агарунов писал сестре о реке."),), title="Letter"),
    Paper("meadow", (("az", "Qarağac kölgəsində Qarabağ atları."),), title="Şuşa çəməni"),
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    index = reader(tmp_path_factory.mktemp("index"), PAPERS)
    yield index
    index.close()


@pytest.fixture
def searcher(opened: Reader) -> Searcher:
    return Searcher(opened)


def test_a_spelling_that_finds_more_is_offered(searcher: Searcher) -> None:
    results = searcher.search(Question("agarumov river"))
    offer = results.suggestions[0]
    assert (offer.word, offer.query, offer.documents) == ("agarunov", "agarunov river", 8), (
        "a name in three spellings is one to the search"
    )
    assert offer.rung is None
    again = searcher.search(Question(offer.query))
    assert again.words[0].documents == offer.documents


def test_none_is_offered_where_it_would_not_find_more(searcher: Searcher) -> None:
    assert searcher.search(Question("agarunov")).suggestions == ()
    assert searcher.search(Question("wxyzvut")).suggestions == ()
    assert searcher.search(Question("the")).suggestions == ()


def test_offers_keep_the_rest_of_the_query(searcher: Searcher) -> None:
    results = searcher.search(Question("“walked to” agarumov -winter"))
    assert results.suggestions[0].query == '"walked to" agarunov -winter'


def test_filters_count(searcher: Searcher) -> None:
    assert searcher.search(Question("agarumov lang:az")).suggestions == ()


@pytest.mark.parametrize("typed", ["qara", "QARA", "Qara"])
def test_words_are_completed_as_search_folds(searcher: Searcher, typed: str) -> None:
    found = [each.text for each in searcher.complete(typed) if each.kind == "word"]
    assert set(found) == {"qarağac", "qarabağ"}


@pytest.mark.parametrize("typed", ["aqar", "агар", "agar", "Аqaр"])
def test_a_name_is_completed_in_the_other_script(searcher: Searcher, typed: str) -> None:
    found = [each.text for each in searcher.complete(typed) if each.kind == "word"]
    meant = {"agarunov", "aqarunov", "агарунов"} if typed != "Аqaр" else set()
    assert set(found) == meant
    if typed == "агар":
        assert found[0] == "агарунов"  # What begins so comes first, however rare.


def test_titles_are_completed(searcher: Searcher) -> None:
    (found,) = searcher.complete("susa")
    assert (found.text, found.kind, found.document) == ("Şuşa çəməni", "title", "meadow")
    assert [each.text for each in searcher.complete("walk 3")] == ["Walk 3"]


def test_what_was_typed_before_is_kept(searcher: Searcher) -> None:
    texts = [each.text for each in searcher.complete("river agaru")]
    assert texts == ["river agarunov", "river aqarunov", "river агарунов"]


@pytest.mark.parametrize("typed", ["", " ", ":)", "a", "qara "])
def test_nothing_to_complete(searcher: Searcher, typed: str) -> None:
    assert [each for each in searcher.complete(typed) if each.kind == "word"] == []


def test_no_more_than_asked(searcher: Searcher) -> None:
    assert len(searcher.complete("wa", 2)) == 2
    assert searcher.complete("wa", 0) == ()

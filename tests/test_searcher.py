"""A question → results: hits with snippets, and what helps when there are few or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from search_service.engines.base import Reader
from search_service.errors import InvalidValue, NotFound, UnknownName
from search_service.model import Results, Rung
from search_service.searcher import duplicates
from search_service.searcher.searching import MAX_WINDOW, Question, Searcher
from search_service.settings import Settings
from tests.small_archive import PAPERS, Paper, reader


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    index = reader(tmp_path_factory.mktemp("index"), PAPERS)
    yield index
    index.close()


@pytest.fixture
def searcher(opened: Reader) -> Searcher:
    return Searcher(opened, "g1")


def ids(results: Results) -> list[str]:
    return [hit.document.id for hit in results.hits]


def test_documents_rank_and_passages_are_shown(searcher: Searcher) -> None:
    results = searcher.search(Question("carpets wool"))
    assert set(ids(results)) == {"carpets", "railway"}
    assert (results.generation, results.limit, results.offset) == ("g1", 10, 0)
    assert results.total_documents == 2
    hit = next(hit for hit in results.hits if hit.document.id == "railway")
    assert hit.document.title == "Oil on rails"
    assert "<mark>wool</mark> and <mark>carpets</mark>" in hit.passages[0].snippet.html
    assert hit.title is not None
    assert hit.title.html == "Oil on rails"


def test_passages_are_in_reading_order_with_marked_headings(searcher: Searcher) -> None:
    (hit,) = searcher.search(Question("loom madder")).hits
    assert [passage.passage.ordinal for passage in hit.passages] == [0, 1]
    assert hit.passages[0].context[0].html == "The <mark>loom</mark>"
    assert hit.passages[0].snippet.matches == ()


def test_missing_words_are_named(searcher: Searcher) -> None:
    results = searcher.search(Question("railway madder"))
    missing = {hit.document.id: hit.missing for hit in results.hits}
    assert missing == {"railway": ("madder",), "carpets": ("railway",)}
    assert results.total_all_words == 0
    assert searcher.search(Question("railway madder", op="and")).hits == ()
    assert searcher.search(Question("railway plough", op="and")).total_documents == 1


def test_offsets_are_the_document_s(searcher: Searcher, opened: Reader) -> None:
    for hit in searcher.search(Question("Qarabağ bəbir winter carpets")).hits:
        document = opened.document(hit.document.id)
        assert document is not None
        for passage in hit.passages:
            for shown in (passage.snippet, *passage.context):
                for match in shown.matches:
                    assert document.text[match.start : match.end] == match.form


@pytest.mark.parametrize("typed", ["QARABAĞDA", "qarabağda", "Qarabağda"])
def test_case_finds_the_same(searcher: Searcher, typed: str) -> None:
    assert ids(searcher.search(Question(typed, match=Rung.EXACT))) == ["leopard"]


def test_group_none_is_one_passage_a_hit(searcher: Searcher) -> None:
    results = searcher.search(Question("winter", group="none", match=Rung.EXACT))
    assert all(len(hit.passages) == 1 for hit in results.hits)
    assert len(results.hits) == results.total_passages


def test_paging_counts_documents(searcher: Searcher) -> None:
    whole = ids(searcher.search(Question("winter leopard carpet", collapse=False)))
    pages = [
        ids(
            searcher.search(
                Question("winter leopard carpet", limit=1, offset=place, collapse=False)
            )
        )
        for place in range(len(whole))
    ]
    assert [document for page in pages for document in page] == whole


@pytest.mark.parametrize("typed", ["", "*", "lang:az", "-nothing"])
def test_browsing(searcher: Searcher, typed: str) -> None:
    results = searcher.search(Question(typed, facets=("year",)))
    assert results.total_documents == (2 if typed == "lang:az" else 4)


def test_no_word_finds_nothing_and_says_so(searcher: Searcher) -> None:
    results = searcher.search(Question(":)"))
    assert results.hits == ()
    assert results.notes == ("no_words",)


def test_filters_by_parameter_and_by_word(searcher: Searcher) -> None:
    assert ids(searcher.search(Question("qadın yun", filters={"source": ("Trend",)}))) == []
    assert ids(searcher.search(Question("Baku lang:ru"))) == ["railway"]
    assert ids(searcher.search(Question("winter source:trend date:2021"))) == ["railway"]
    assert ids(searcher.search(Question("lang:azerbaijani xalça"))) == ["carpets"]
    assert ids(searcher.search(Question("author:leyla* wool"))) == ["carpets"]
    dated = Question("winter", first_day=date(2020, 1, 1), last_day=date(2020, 12, 31))
    assert ids(searcher.search(dated)) == ["leopard"]
    assert ids(searcher.search(Question("winter", document="railway"))) == ["railway"]


def test_facets_have_labels_and_say_what_is_chosen(searcher: Searcher) -> None:
    question = Question("", facets=("language", "year", "source"), filters={"language": ("az",)})
    facets = searcher.search(question).facets
    azerbaijani = next(value for value in facets["language"] if value.value == "az")
    assert azerbaijani.label == "Azərbaycanca"
    assert azerbaijani.selected
    assert not any(value.selected for value in facets["source"])
    everything = searcher.search(Question("", facets=("year",))).facets["year"]
    assert [value.value for value in everything] == ["2021", "2020", "2019", "undated"]


def test_words_tell_how_they_were_met(searcher: Searcher) -> None:
    (winter, wool) = searcher.search(Question("weaver wool")).words
    assert (winter.word, winter.documents) == ("weaver", 1)
    assert ("weavers", Rung.STEM, 1) in winter.forms
    assert wool.documents == 2
    assert wool.forms == ()


def test_a_phrase_that_is_nowhere_offers_the_next_rung(searcher: Searcher) -> None:
    results = searcher.search(Question('"two weaver"'))
    assert results.total_documents == 0
    assert "phrase_not_exact" in results.notes
    (offer,) = results.suggestions
    assert offer.rung is Rung.STEM
    assert offer.documents == 1
    again = searcher.search(Question(offer.query, match=offer.rung))
    assert ids(again) == ["carpets"]
    assert "phrase_not_exact" not in searcher.search(Question('"two weavers"')).notes


def test_nothing_found_tells_what_each_word_finds(searcher: Searcher) -> None:
    results = searcher.search(Question("leopard AND madder"))
    assert results.hits == ()
    assert [(word.word, word.documents) for word in results.words] == [
        ("leopard", 2),
        ("madder", 1),
    ]


def test_nothing_found_tells_which_filter_stands_in_the_way(searcher: Searcher) -> None:
    question = Question("madder lang:en", filters={"source": ("Trend",)})
    results = searcher.search(question)
    assert results.hits == ()
    assert [(found.name, found.values, found.documents) for found in results.obstacles] == [
        ("source", ("Trend",), 1)
    ]
    dated = searcher.search(Question("madder date:1999"))
    assert [(found.name, found.documents) for found in dated.obstacles] == [("date", 1)]


def test_near_duplicates_are_grouped_under_the_earliest(searcher: Searcher) -> None:
    question = Question("leopard dusk rocks")
    grouped = searcher.search(question)
    assert ids(grouped) == ["leopard"], "the letter is undated, so it comes last"
    assert grouped.hits[0].passages[0].duplicates == (("letter", "a1"),)
    assert grouped.total_documents == 2, "totals count before grouping"
    apart = searcher.search(replace(question, collapse=False))
    assert set(ids(apart)) == {"leopard", "letter"}


def test_grouping_keeps_what_a_document_has_of_its_own(searcher: Searcher) -> None:
    results = searcher.search(Question("leopard dusk horses"))
    letter = next(hit for hit in results.hits if hit.document.id == "letter")
    assert [passage.passage.ordinal for passage in letter.passages] == [0]


def test_a_duplicate_on_its_own_page_is_replaced_by_the_earliest(tmp_path: Path) -> None:
    text = "Walnut trees line the old road down to the river and the two stone mills beside it."
    papers = [
        Paper("late", (("en", text),), title="Walnut road mills", date="2022"),
        Paper("early", (("en", text), ("en", "Nothing else. " * 30)), date="2001"),
    ]
    searcher = Searcher(reader(tmp_path, papers))
    first = searcher.search(Question("walnut mills", limit=1))
    assert ids(first) == ["early"]
    assert first.hits[0].passages[0].duplicates == (("late", "a0"),)
    filtered = searcher.search(Question("walnut mills date:2022"))
    assert ids(filtered) == ["late"], "a document that the filters leave out groups nothing"


@pytest.mark.parametrize("group", ["document", "none"])
@pytest.mark.parametrize("window", [100, 6])
def test_every_hit_is_on_one_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: Literal["document", "none"], window: int
) -> None:
    monkeypatch.setattr(duplicates, "WINDOW", window)
    shared = "Walnut trees line the old road down to the river and the two stone mills beside it."
    papers = [
        Paper(
            f"paper{number}",
            (
                *((("en", shared),) * (number % 3 == 0)),
                *((("en", f"Walnut {number} " + "stands by a mill. " * number),) * (number % 2)),
                *((("en", shared),) * (number % 6 == 0)),
                ("en", "Nothing else. " * (20 + number)),
            ),
            date=f"{2020 - number}" if number % 4 else None,
        )
        for number in range(24)
    ]
    searcher = Searcher(reader(tmp_path, papers))
    question = Question("walnut mill river", group=group)
    apart = searcher.search(replace(question, limit=100, collapse=False))
    whole = searcher.search(replace(question, limit=100))
    total = whole.total_passages if group == "none" else whole.total_documents
    assert total == len(apart.hits) > len(whole.hits), "totals count before grouping"
    for limit in (1, 2, 3, 5, 7):
        pages = [
            searcher.search(replace(question, limit=limit, offset=offset))
            for offset in range(0, total, limit)
        ]
        assert [hit for page in pages for hit in page.hits] == list(whole.hits)
    shown = [
        (hit.document.id, found.passage.anchor) for hit in whole.hits for found in hit.passages
    ]
    hidden = [copy for hit in whole.hits for found in hit.passages for copy in found.duplicates]
    assert sorted(shown + hidden) == sorted(
        (hit.document.id, found.passage.anchor) for hit in apart.hits for found in hit.passages
    ), "each passage is shown, or named by the one that it is a copy of"


def test_highlighting_can_be_left_out(searcher: Searcher) -> None:
    results = searcher.search(Question("wool", highlight=False))
    assert "<mark" not in results.hits[0].passages[0].snippet.html


def test_an_open_document_has_all_marks(searcher: Searcher) -> None:
    view = searcher.view("railway", Question("wool snow"))
    assert [(ordinal, match.form) for ordinal, match in view.matches] == [
        (0, "wool"),
        (2, "Snow"),
        (2, "snow"),
    ]
    with pytest.raises(NotFound, match="there is no document nowhere"):
        searcher.view("nowhere", Question("wool"))


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (Question("a", limit=101), InvalidValue),
        (Question("a", limit=-1), InvalidValue),
        (Question("a", offset=MAX_WINDOW), InvalidValue),
        (Question("a", offset=-1), InvalidValue),
        (Question("a", match=Rung.SIMILAR), InvalidValue),
        (Question("a", facets=("colour",)), UnknownName),
        (Question("a", filters={"colour": ("red",)}), UnknownName),
    ],
)
def test_what_cannot_be_answered_is_refused(
    searcher: Searcher, question: Question, error: type[Exception]
) -> None:
    with pytest.raises(error):
        searcher.search(question)


def test_sort_by_date(searcher: Searcher) -> None:
    results = searcher.search(Question("", sort="-date"))
    assert ids(results) == ["railway", "leopard", "carpets", "letter"]
    assert ids(searcher.search(Question("", sort="date")))[0] == "carpets"


def test_a_day_is_as_many_words_as_it_has(tmp_path: Path) -> None:
    papers = [
        Paper("whole", (("en", "The fair opened on 8 November with horse races."),)),
        Paper("apart", (("en", "Eight looms, No. 8 the oldest."), ("en", "A cold November."))),
        Paper("other", (("en", "The fair of 8.11.2019 had no races."),)),
        Paper("half", (("en", "In November the passes close."),)),
    ]
    searcher = Searcher(reader(tmp_path, papers))
    found = searcher.search(Question("8 November"))
    missing = {hit.document.id: hit.missing for hit in found.hits}
    assert missing.pop("half") == ("8",)
    asked = searcher.search(Question("8 November", op="and"))
    assert set(ids(asked)) == {name for name, words in missing.items() if not words}
    assert found.total_all_words == asked.total_documents
    assert {"whole", "apart"} <= set(ids(asked))


def test_the_owner_s_synonyms_are_found_and_reread(opened: Reader, tmp_path: Path) -> None:
    file = tmp_path / "synonyms.txt"
    searcher = Searcher.of(opened, "g1", Settings(corpus=tmp_path))
    asked = Question("funicular", match=Rung.TRANSLIT)
    assert searcher.search(asked).hits == ()
    file.write_text("funicular, railway\n", "utf-8")
    results = searcher.search(asked)
    assert ids(results) == ["railway"]
    assert '<mark class="synonym">railway</mark>' in results.hits[0].passages[0].snippet.html
    file.write_text("funicular\n", "utf-8")
    broken = searcher.search(asked)
    assert ids(broken) == ["railway"], "the last good ones stay in force"
    assert "synonyms_unreadable" in broken.notes
    file.unlink()
    assert searcher.search(asked).hits == ()

"""What every engine must do: the same documents, the same scores, the same counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from whoosh import query as q
from whoosh.query import Query

from search_service.engines import ENGINES, get
from search_service.engines.base import Answer, Engine, Reader, Request
from search_service.engines.whoosh.evaluation import executor
from search_service.engines.whoosh.evaluation.kernel import chosen_kernel
from search_service.errors import IndexDamaged, InvalidValue, QueryTooCostly, UnknownName
from search_service.languages.analysis import analyser
from search_service.model import Document, Rung
from search_service.nodes import Word, WordPhrase, Words
from tests.engines.archive import CARPETS, RECIPE, TRAINS, TUNES, make_document
from tests.engines.memory import MemoryEngine

EVERYTHING: Query = q.Every()  # type: ignore[no-untyped-call]
KINDS = sorted({*ENGINES, "memory", *({"whoosh in numpy"} if chosen_kernel() != "numpy" else ())})

DOCUMENTS = [
    make_document(
        "weaving", [CARPETS, "Wool is dyed before it is spun."], title="Dyes", date="2020-11-08"
    ),
    make_document("music", [("az", TUNES), ("az", "Tar Qarabağda sevilir.")], date="2021"),
    make_document("railway", [("ru", TRAINS)], date="2020-11", source="Timetable"),
    make_document("kitchen", [("az", RECIPE), "Rice is washed; wool is not."], heading="Plov"),
]


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Engine:
    if request.param == "memory":
        return MemoryEngine()
    name, _, kernel = request.param.partition(" in ")
    if kernel:
        monkeypatch.setattr(executor, "chosen_kernel", lambda: kernel)
    return get(name)


@pytest.fixture
def publish(engine: Engine, tmp_path: Path) -> Callable[..., tuple[Reader, Path]]:
    numbers = iter(range(100))

    def published(
        documents: list[Document], previous: Path | None = None, deleted: tuple[str, ...] = ()
    ) -> tuple[Reader, Path]:
        directory = tmp_path / str(next(numbers))
        directory.mkdir()
        writer = engine.writer(directory, previous)
        for document in documents:
            writer.add(engine.prepare(document))
        for document_id in deleted:
            assert writer.delete(document_id)
        writer.commit()
        return engine.reader(directory), directory

    return published


@pytest.fixture
def reader(publish: Callable[..., tuple[Reader, Path]]) -> Reader:
    return publish(DOCUMENTS)[0]


def word(text: str, **more: object) -> Word:
    readings = tuple((code, analyser(code).form(text)) for code in ("az", "en", "ru"))
    return Word("text", text, readings, **more)  # type: ignore[arg-type]


def ids(answer: Answer) -> list[str]:
    return [found.document_id for found in answer.found]


def find(reader: Reader, query: Query, **more: object) -> Answer:
    return reader.search(Request(query, **more))  # type: ignore[arg-type]


def test_plain_words_find_any_and_prefer_all(reader: Reader) -> None:
    answer = find(reader, Words((word("wool", similar=False), word("rice", similar=False))))
    assert ids(answer) == ["kitchen", "weaving"]
    assert answer.found[1].missing == (1,)
    assert (answer.total_documents, answer.total_all_words) == (2, 1)
    assert answer.word_documents == (2, 1)


def test_every_word_is_asked_of_the_document_or_of_the_passage(reader: Reader) -> None:
    words = Words((word("madder"), word("spun")), every=True)
    assert ids(find(reader, words)) == ["weaving"]
    assert find(reader, words, group="passage").total_passages == 0


def test_stop_words_never_decide(reader: Reader) -> None:
    answer = find(reader, Words((word("the", similar=False), word("wool", similar=False))))
    assert set(ids(answer)) == {"weaving", "kitchen"}
    assert all(not found.missing for found in answer.found)
    only = find(reader, Words((word("the", similar=False),)))
    assert ids(only) == ["weaving"], "a query of stop words is taken at its word"


def test_what_is_found_has_its_signature(reader: Reader) -> None:
    for group in ("document", "passage"):
        for query in (Words((word("wool"),)), EVERYTHING, q.Not(word("wool"))):
            for found in find(reader, query, group=group).found:
                kept = {
                    p.ordinal: p.signature for p, _ in reader.passages(found.document_id, range(9))
                }
                assert all(p.signature == kept[p.ordinal] != 0 for p in found.passages)


def test_the_forms_that_meet_a_word_are_told_without_similar_ones(reader: Reader) -> None:
    assert set(reader.forms_meeting([word("Qarabağ"), word("wools")])) == {
        (0, Rung.STEM, "qarabagda", "qarabağda", "az"),
        (1, Rung.STEM, "wool", "wool", "en"),
    }
    assert not set(reader.forms_meeting([word("qarabag", rung=Rung.EXACT)]))
    assert not set(reader.forms_meeting([]))


def test_a_word_is_met_without_diacritics_and_by_its_stem(reader: Reader) -> None:
    assert "music" in ids(find(reader, word("qarabag")))
    assert ids(find(reader, word("Qarabağ", rung=Rung.EXACT, similar=False))) == []
    assert ids(find(reader, word("Qarabağda", rung=Rung.EXACT, similar=False))) == ["music"]


def test_a_title_is_true_of_all_passages_and_a_heading_is_found(reader: Reader) -> None:
    title = Word("title", "dyes", word("dyes").readings)
    assert find(reader, q.And([title, word("spun")]), group="passage").total_passages == 1
    assert "kitchen" in ids(find(reader, word("Plov", similar=False)))


def test_words_of_a_phrase_stand_side_by_side(reader: Reader) -> None:
    near = WordPhrase((word("weavers"), word("Quba")))
    assert ids(find(reader, near)) == []
    assert ids(find(reader, WordPhrase(near.words, slop=1))) == ["weaving"]
    assert ids(find(reader, WordPhrase((word("Quba"), word("dye"))))) == ["weaving"]


def test_words_that_stand_near_one_another_come_first(
    publish: Callable[..., tuple[Reader, Path]],
) -> None:
    filler = "of the old town on the hill by the river and under the bridge"
    near = make_document("z-near", [f"A carpet weaver {filler}."])
    far = make_document("a-far", [f"A carpet {filler} weaver."])
    reader, _ = publish([near, far])
    answer = find(reader, Words((word("carpet"), word("weaver"))))
    assert ids(answer) == ["z-near", "a-far"]
    alone = find(reader, Words((word("carpet"),)))
    assert ids(alone) == ["a-far", "z-near"], "as long and as often, so a tie"


def test_prohibited_passages_are_left_out(reader: Reader) -> None:
    answer = find(reader, q.AndNot(word("wool"), word("rice")))
    assert ids(answer) == ["weaving"]


def test_filters_and_facets_count_documents(reader: Reader) -> None:
    answer = find(
        reader,
        EVERYTHING,
        filters={"language": ("az",)},
        facets=("language", "year", "source", "format"),
    )
    assert set(ids(answer)) == {"music", "kitchen"}
    assert answer.facets["language"] == {"az": 2, "en": 2, "ru": 1}, "a facet ignores its filter"
    assert answer.facets["year"] == {"2021": 1, "undated": 1}
    assert answer.facets["source"] == {}
    assert answer.facets["format"] == {"text": 2}


def test_a_date_is_a_span_of_days(reader: Reader) -> None:
    day = date(2020, 11, 30).toordinal()
    assert ids(find(reader, EVERYTHING, first_day=day, last_day=day)) == ["railway"]
    ranged = q.NumericRange("date", day, None)
    assert set(ids(find(reader, ranged))) == {"railway", "music"}


def test_the_undated_come_last_whichever_way(reader: Reader) -> None:
    assert ids(find(reader, EVERYTHING, sort="date")) == ["railway", "weaving", "music", "kitchen"]
    assert ids(find(reader, EVERYTHING, sort="-date")) == ["music", "weaving", "railway", "kitchen"]


def test_pages_follow_one_another_and_ties_go_by_id(reader: Reader) -> None:
    pages = [find(reader, EVERYTHING, offset=n, limit=1) for n in range(5)]
    assert [ids(page) for page in pages] == [["kitchen"], ["music"], ["railway"], ["weaving"], []]
    assert {page.total_documents for page in pages} == {4}


def test_the_best_passages_come_in_reading_order(reader: Reader) -> None:
    answer = find(reader, word("wool"), passages=1)
    assert [len(found.passages) for found in answer.found] == [1] * len(answer.found)
    everything = find(reader, EVERYTHING, document="weaving")
    assert [p.ordinal for p in everything.found[0].passages] == [0, 1]


def test_what_is_only_similar_is_marked_and_not_counted(reader: Reader) -> None:
    answer = find(reader, Words((word("washing", rung=Rung.EXACT),)))
    assert ids(answer) == ["kitchen"]
    assert answer.total_documents == 0
    assert all(p.similar_only for p in answer.found[0].passages)
    assert not find(reader, Words((word("washing", rung=Rung.EXACT),)), sort="date").found


def test_no_history_changes_an_answer(
    publish: Callable[..., tuple[Reader, Path]], reader: Reader
) -> None:
    extra = make_document("extra", ["Wool and rice and wool again, the tar and the train."])
    _, first = publish([DOCUMENTS[2], extra])
    _, second = publish([DOCUMENTS[0]], first)
    after, _ = publish([DOCUMENTS[1], DOCUMENTS[3]], second, deleted=("extra",))
    for query in (
        Words((word("wool"), word("rice"), word("tar"))),
        q.Or([word("the"), word("Baku"), q.Prefix("text", "w", constantscore=False)]),
    ):
        for group in ("document", "passage"):
            request = Request(query, group=group, facets=("language",))
            assert after.search(request) == reader.search(request)
    assert (after.document_count, after.passage_count) == (4, reader.passage_count)


def test_documents_come_back_as_they_were(reader: Reader) -> None:
    assert reader.document("music") == DOCUMENTS[1]
    assert reader.document("nowhere") is None
    [(passage, text)] = reader.passages("weaving", [1])
    assert (passage.ordinal, text) == (1, "Wool is dyed before it is spun.")
    assert [summary.id for summary in reader.summaries()] == sorted(d.id for d in DOCUMENTS)
    assert reader.languages() == {"en": 3, "az": 3, "ru": 1}


def test_errors_name_the_cure(reader: Reader, engine: Engine, tmp_path: Path) -> None:
    if engine.name != "memory":
        with pytest.raises(InvalidValue, match="Regex"):
            find(reader, q.Regex("text", "a+"))
        with pytest.raises(UnknownName, match="context"):
            find(reader, q.Term("body", "wool"))
        with pytest.raises(UnknownName, match="folder"):
            find(reader, EVERYTHING, facets=("colour",))
        with pytest.raises(QueryTooCostly):
            find(reader, EVERYTHING, deadline=time.monotonic() - 1)
    with pytest.raises(IndexDamaged):
        engine.reader(tmp_path)

"""Other programs open a generation with Whoosh, and it answers as an index of Whoosh's own."""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.index import open_dir
from whoosh.qparser import QueryParser
from whoosh.writing import NO_MERGE

from search_service.engines.whoosh.engine import WhooshEngine
from search_service.engines.whoosh.writing import toc
from search_service.languages.analysis import analyser
from search_service.model import Document
from search_service.schema import UNDATED, whoosh_schema
from tests.engines.archive import CARPETS, RECIPE, TRAINS, TUNES, make_document
from tests.engines.test_packed_codec import info, postings

texts = st.lists(
    st.tuples(
        st.sampled_from(["az", "en"]),
        st.lists(st.sampled_from(["tar", "Saz", "şah", "ney", "7"]), max_size=6).map(" ".join),
    ),
    max_size=3,
)
archives = st.dictionaries(
    st.sampled_from("abcd"),
    st.tuples(
        texts, st.sampled_from([None, "1923", "1923-05-02"]), st.sampled_from([None, "News"])
    ),
    max_size=4,
)


def words(text: str, language: str) -> list[str]:
    reader = analyser(language)
    return [reader.form(surface).exact for surface in reader.surfaces(text)]


def whooshs_own(documents: list[Document]) -> Any:
    """The same passages in an index by Whoosh's codec."""
    index = RamStorage().create_index(whoosh_schema())
    with index.writer(codec=W3Codec()) as writer:
        for document in documents:
            date = document.metadata.date
            source = document.metadata.source
            title = words(document.title, (*document.languages, "und")[0])
            for passage in document.passages:
                text = document.text[passage.start : passage.end]
                values = {
                    "document": document.id,
                    "anchor": passage.anchor,
                    "language": passage.language,
                    "source": source.value if source else None,
                    "folder": "folder",
                    "format": "text",
                    "year": date.value.text[:4] if date else UNDATED,
                    "date": date.value.first_day.toordinal() if date else None,
                }
                writer.add_document(
                    **{name: value for name, value in values.items() if value is not None},
                    text=words(text, passage.language),
                    _stored_text=text,
                    title=title,
                    _stored_title=document.title,
                    context=title if passage.ordinal == 0 else [],
                )
    return index.reader()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(archives)
def test_every_method_answers_as_for_an_index_of_whooshs_own(archive: Any) -> None:
    documents = [
        make_document(name, content, title=f"Saz of {name}", date=date, source=source)
        for name, (content, date, source) in archive.items()
    ]
    engine = WhooshEngine()
    with TemporaryDirectory() as folder:
        writer = engine.writer(Path(folder), None)
        for document in documents:
            writer.add(engine.prepare(document))
        writer.commit()
        reader = open_dir(str(folder)).reader()
        expected = whooshs_own(documents)
        assert reader.doc_count() == expected.doc_count()
        assert list(reader.all_stored_fields()) == list(expected.all_stored_fields())
        terms = list(expected.all_terms())
        assert list(reader.all_terms()) == terms
        if terms:
            assert sorted(reader.indexed_field_names()) == sorted(expected.indexed_field_names())
        for field, text in terms:
            assert postings(reader, field, text) == postings(expected, field, text)
            assert reader.frequency(field, text) == expected.frequency(field, text)
            assert reader.doc_frequency(field, text) == expected.doc_frequency(field, text)
            if field in {"text", "title", "context"}:
                assert info(reader, field, text) == info(expected, field, text)
        for field in ("text", "title", "context") if terms else ():
            assert reader.field_length(field) == expected.field_length(field)
            assert list(reader.lexicon(field)) == list(expected.lexicon(field))
            assert list(reader.terms_within(field, "saz", 1)) == list(
                expected.terms_within(field, "saz", 1)
            )
            assert [reader.doc_field_length(n, field) for n in range(reader.doc_count())] == [
                expected.doc_field_length(n, field) or 0 for n in range(reader.doc_count())
            ]


def archive_of_four(folder: Path) -> Path:
    engine = WhooshEngine()
    (folder / "1").mkdir()
    (folder / "2").mkdir()
    writer = engine.writer(folder / "1", None)
    for document in (
        make_document("carpets", [CARPETS, "Wool is dyed in spring."], date="1979-06-01"),
        make_document("music", [("az", TUNES)], date="1923", title="Tar və saz"),
        make_document("trains", [("ru", TRAINS)], source="Rail News"),
    ):
        writer.add(engine.prepare(document))
    writer.commit()
    writer = engine.writer(folder / "2", folder / "1")
    writer.add(engine.prepare(make_document("recipe", [("az", RECIPE), ("az", TUNES)])))
    writer.delete("trains")
    writer.commit()
    return folder / "2"


def test_whooshs_searcher_works_over_a_generation(tmp_path: Path) -> None:
    folder = archive_of_four(tmp_path)
    index = open_dir(str(folder))
    assert index.doc_count() == 5
    with index.searcher() as searcher:

        def found(asked: query.Query) -> list[tuple[str, str]]:
            return sorted((hit["document"], hit["anchor"]) for hit in searcher.search(asked))

        parser = QueryParser("text", index.schema)
        assert found(parser.parse("wool")) == [("carpets", "a0"), ("carpets", "a1")]
        assert found(parser.parse('"dyed in spring"')) == [("carpets", "a1")]
        assert found(parser.parse("tarı AND language:az")) == [("music", "a0"), ("recipe", "a1")]
        assert found(query.Term("title", "saz")) == [("music", "a0")]
        assert found(query.Prefix("text", "zəf")) == [("recipe", "a0")]
        assert found(query.Term("text", "поезд")) == []
        assert found(query.NumericRange("date", 700_000, None)) == [
            ("carpets", "a0"),
            ("carpets", "a1"),
            ("music", "a0"),
        ]
        (hit,) = searcher.search(query.Term("text", "spring"))
        assert hit["text"] == "Wool is dyed in spring."
        assert "spring" in hit.highlights("text")


def test_another_program_may_write_beside_our_segments(tmp_path: Path) -> None:
    folder = archive_of_four(tmp_path)
    before = WhooshEngine().reader(folder).document("music")
    index = open_dir(str(folder))
    writer = index.writer()
    writer.delete_by_term("document", "music")
    writer.add_document(document="note", anchor="n", text="A note on wool")
    writer.commit(mergetype=NO_MERGE)
    with index.searcher() as searcher:
        assert searcher.doc_count() == 5
        hits = searcher.search(query.Term("text", "wool"))
        assert {hit["document"] for hit in hits} == {"carpets", "note"}
    # Our own readers go by our own state, which nobody else writes.
    assert WhooshEngine().reader(folder).document("music") == before
    writer = index.writer()
    writer.commit(optimize=True)
    with index.searcher() as searcher:
        assert {hit["document"] for hit in searcher.search(query.Term("text", "wool"))} == {
            "carpets",
            "note",
        }


def test_the_table_of_contents_can_be_told_from_a_damaged_one(tmp_path: Path) -> None:
    folder = archive_of_four(tmp_path)
    files = {path.name for path in WhooshEngine().files(folder)}
    assert toc.TOC_FILE in files
    # What only other programs read is nothing to our own reader.
    (folder / toc.TOC_FILE).write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    assert WhooshEngine().reader(folder).document_count == 3

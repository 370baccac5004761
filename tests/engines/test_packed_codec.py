"""Whoosh's reader interface over our postings answers as over its own, method by method."""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import fields, formats, query, scoring
from whoosh.analysis import KeywordAnalyzer, SpaceSeparatedTokenizer
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.reading import TermNotFound
from whoosh.searching import Searcher

from search_service.engines.whoosh.codec.packedcodec import PackedCodec


class Marked(formats.Positions):
    """Looks like `Positions`, and encodes otherwise for all we know."""


def schema() -> fields.Schema:
    space: Any = SpaceSeparatedTokenizer()
    return fields.Schema(
        key=fields.ID(unique=True, stored=True),
        text=fields.TEXT(analyzer=space, phrase=True, stored=True, vector=True),
        bare=fields.TEXT(analyzer=space, phrase=False),
        boosted=fields.TEXT(analyzer=space, phrase=True, field_boost=1.7),
        chars=fields.TEXT(analyzer=space, chars=True),
        tags=fields.KEYWORD(sortable=True),
        year=fields.NUMERIC(stored=True, sortable=True),
    )


INSTRUMENTS = ["tar", "saz", "ney", "daf", "zurna", "qaval", "ûd", "kaval"]
words = st.lists(st.sampled_from(INSTRUMENTS), max_size=9).map(" ".join)
documents = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(words, words, st.integers(-3, 3000)), max_size=6
)
histories = st.lists(
    st.tuples(documents, st.sets(st.sampled_from("abcdefgh"), max_size=2)), min_size=1, max_size=3
)


def build(codec: W3Codec, history: Any, optimise: bool) -> Any:
    index = RamStorage().create_index(schema())
    for added, deleted in history:
        with index.writer(codec=codec) as writer:
            for key in deleted:
                writer.delete_by_term("key", key)
            for key, (text, other, year) in added.items():
                writer.update_document(
                    key=key, text=text, bare=other, boosted=text, chars=other, tags=other, year=year
                )
            writer.merge = False
    if optimise:
        with index.writer(codec=codec) as writer:
            writer.optimize = True
    return index.reader()


def postings(reader: Any, field: str, text: bytes) -> list[Any]:
    matcher = reader.postings(field, text)
    found = []
    while matcher.is_active():
        kinds = ("frequency", "positions", "characters", "weight")
        found.append(
            (
                matcher.id(),
                matcher.weight(),
                matcher.value(),
                {kind: matcher.value_as(kind) for kind in kinds if matcher.supports(kind)},
                [
                    (span.start, span.end)
                    for span in (matcher.spans() if matcher.supports("positions") else ())
                ],
            )
        )
        matcher.next()
    return found


def info(reader: Any, field: str, text: bytes) -> tuple[Any, ...]:
    known = reader.term_info(field, text)
    return (
        known.weight(),
        known.doc_frequency(),
        known.min_length(),
        known.max_length(),
        known.max_weight(),
        known.min_id(),
        known.max_id(),
    )


def report(reader: Any) -> dict[str, Any]:
    """What every method of the reader answers."""
    names = schema().names()
    terms = list(reader.all_terms())
    found: dict[str, Any] = {
        "terms": terms,
        "names": sorted(reader.indexed_field_names()),
        "counts": (reader.doc_count(), reader.doc_count_all(), reader.has_deletions()),
        "ids": list(reader.all_doc_ids()),
        "stored": list(reader.all_stored_fields()),
        "docs": list(reader.iter_docs()),
        "deleted": [reader.is_deleted(number) for number in range(reader.doc_count_all())],
        "walk": [(term, known.doc_frequency(), known.weight()) for term, known in reader],
        "contains": [term in reader for term in [*terms, ("text", "lute"), ("nowhere", b"x")]],
    }
    for field, text in terms:
        found[f"{field}:{text!r}"] = (
            reader.frequency(field, text),
            reader.doc_frequency(field, text),
            info(reader, field, text),
            postings(reader, field, text),
            reader.first_id(field, text) if not reader.has_deletions() else None,
        )
    for field in names:
        found[field] = (
            reader.field_length(field),
            list(reader.lexicon(field)),
            list(reader.field_terms(field)),
            list(reader.expand_prefix(field, b"za")),
            list(reader.terms_from(field, b"q")),
            [term for term, _ in reader.iter_from(field, b"n")],
            [reader.doc_field_length(number, field) for number in reader.all_doc_ids()],
            reader.has_column(field),
            reader.frequency(field, b"lute"),
            reader.doc_frequency(field, b"lute"),
            [reader.has_vector(number, field) for number in reader.all_doc_ids()],
        )
    for field in ("text", "bare", "boosted", "chars", "tags"):
        found[f"most of {field}"] = (
            list(reader.most_frequent_terms(field, 3)),
            sorted(reader.most_distinctive_terms(field, 3)) if reader.doc_count() else None,
            list(reader.terms_within(field, "sar", 1)),
            reader.corrector(field).suggest("zurma", limit=3),
        )
    for field in ("text", "chars"):
        cursors = [leaf.cursor(field) for leaf, _ in reader.leaf_readers()] if terms else []
        found[f"cursor of {field}"] = [
            (cursor.first(), cursor.find("n"), cursor.next(), cursor.text(), cursor.is_valid())
            for cursor in cursors
        ]
    found["vectors"] = [
        list(reader.vector(number, "text").all_ids())
        for number in reader.all_doc_ids()
        if reader.has_vector(number, "text")
    ]
    return found


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.booleans())
def test_every_method_answers_as_whooshs_own(history: Any, optimise: bool) -> None:
    expected = report(build(W3Codec(), history, optimise))
    found = report(build(PackedCodec(), history, optimise))
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == value, name


QUERIES: list[Callable[[], query.Query]] = [
    lambda: query.Term("text", "tar"),
    lambda: query.And([query.Term("text", "tar"), query.Term("bare", "saz")]),
    lambda: query.Or([query.Term("text", "ney"), query.Term("text", "daf")]),
    lambda: query.Phrase("text", ["tar", "saz"]),
    lambda: query.Phrase("text", ["ney", "daf"], slop=3),
    lambda: query.Prefix("bare", "z"),
    lambda: query.FuzzyTerm("text", "taz"),
    lambda: query.NumericRange("year", 100, 2000),
    lambda: query.Wildcard("tags", "*a*"),
    lambda: query.AndMaybe(query.Term("text", "tar"), query.Term("boosted", "ney")),
]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(0, len(QUERIES) - 1))
def test_whooshs_searcher_finds_and_scores_alike(history: Any, number: int) -> None:
    hits = []
    for codec in (W3Codec(), PackedCodec()):
        reader = build(codec, history, optimise=False)
        with Searcher(reader, weighting=scoring.BM25F()) as searcher:
            results = searcher.search(QUERIES[number](), limit=None)
            hits.append([(hit["key"], hit.score) for hit in results])
    assert dict(hits[1]) == pytest.approx(dict(hits[0]))


def test_a_missing_term_is_an_error_of_whooshs_kind() -> None:
    reader = build(PackedCodec(), [({"a": ("tar", "saz", 3)}, set())], optimise=False)
    with pytest.raises(TermNotFound):
        reader.term_info("text", "lute")
    with pytest.raises(TermNotFound):
        reader.postings("text", "lute")


def test_a_format_of_ones_own_goes_to_whooshs_codec() -> None:
    spaces: Any = KeywordAnalyzer()
    index = RamStorage().create_index(
        fields.Schema(text=fields.FieldType(Marked(), spaces, scorable=True))
    )
    with index.writer(codec=PackedCodec()) as writer:
        writer.add_document(text="tar saz tar")
    matcher = index.reader().postings("text", b"tar")
    assert type(matcher).__module__.startswith("whoosh.")
    assert matcher.value_as("positions") == [0, 2]


def test_another_whoosh_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    import whoosh

    from search_service.engines.whoosh.whoosh_version import check_version

    check_version()
    monkeypatch.setattr(whoosh, "versionstring", lambda: "2.7.5")
    with pytest.raises(ImportError, match=r"install whoosh3==3\.54\.0"):
        check_version()

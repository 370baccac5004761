"""The small parts of the pages: parameters, citations, histograms, catalogue, dates, catalogues."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from search_service.errors import UnknownName
from search_service.model import Document, Metadata, PublicationDate, Sourced
from search_service.web import citation, histogram, language, params
from search_service.web.asked import MAX_LIMIT, MAX_OFFSET, RUNGS
from search_service.web.catalogue import Catalogue
from search_service.web.links import Links
from search_service.web.typeface import beyond

UNHURRIED = examples(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A laden machine is no defect."""

_ASKED = st.fixed_dictionaries(
    {"q": st.text("abə &+#/?=%ж", min_size=1, max_size=20).filter(str.strip)},
    optional={
        "op": st.sampled_from(params.OPS),
        "match": st.sampled_from(list(RUNGS)),
        "group": st.sampled_from(params.GROUPS),
        "sort": st.sampled_from(params.SORTS),
        "from": st.sampled_from(["1999", "2020-11", "2020-02-29"]),
        "lang": st.sampled_from(["az", "en"]),
        "limit": st.integers(1, 99).map(str),
        "offset": st.integers(0, 9_900).map(str),
    },
)


@UNHURRIED
@given(_ASKED)
def test_an_address_asks_what_was_asked(given_: dict[str, str]) -> None:
    asked = params.read(MultiDict(given_), strict=True)
    assert params.read(MultiDict(asked.pairs()), strict=True) == asked


@UNHURRIED
@given(st.dictionaries(st.sampled_from([p.name for p in params.SEARCH]), st.text()))
def test_a_page_understands_anything(given_: dict[str, str]) -> None:
    asked = params.read(MultiDict(given_))
    assert 0 <= asked.offset <= MAX_OFFSET
    assert 0 <= asked.limit <= MAX_LIMIT


def test_an_unknown_parameter_lists_the_choices() -> None:
    with pytest.raises(UnknownName, match="choose one of q, op"):
        params.read(MultiDict({"qq": "1"}), strict=True)


def test_a_filter_comes_and_goes() -> None:
    asked = params.read(MultiDict([("q", "tea"), ("lang", "az"), ("lang", "en"), ("offset", "20")]))
    assert ("offset", "20") in asked.pairs()
    assert asked.without_filter("language", "az") == [("q", "tea"), ("lang", "en")]
    assert asked.without_filter("language") == [("q", "tea")]
    assert asked.with_filter("source", "Letters")[-1] == ("source", "Letters")


def _document(title: str, **known: Sourced[object]) -> Document:
    code = "az" if "ə" in title.lower() or "ı" in title else "tr"
    return Document(
        id=re.sub(r"\W", "", title) or "x",
        path=f"folder/{title}.txt",
        key="",
        format="text",
        text="",
        metadata=Metadata(title=Sourced(title, "test"), **known),  # type: ignore[arg-type]
        blocks=(),
        passages=(),
        languages=(code,),
    )


def _cited(document: Document) -> citation.Citation:
    return citation.of(document, "The Room", "https://x.org/doc/1#p-a", date(2024, 3, 1))


def test_citations_say_what_is_known_and_no_more() -> None:
    full = _cited(
        _document(
            "Tea & bread_100%",
            author=Sourced("A. Author", "t"),
            source=Sourced("An Agency", "t"),
            date=Sourced(PublicationDate("2020-11"), "t"),
        )
    )
    said = citation.Words(published="November 2020", accessed="accessed 1 March 2024")
    assert full.plain(said) == (
        "“Tea & bread_100%”. A. Author. An Agency. November 2020. The Room. "
        "https://x.org/doc/1#p-a (accessed 1 March 2024)."
    )
    quoted = replace(said, quoted="«%(title)s»", page="page 4")
    assert full.plain(quoted).startswith("«Tea & bread_100%». A. Author.")
    assert "November 2020, page 4. The Room." in full.plain(quoted)
    assert r"title = {{Tea \& bread\_100\%}}" in full.bibtex()
    assert "date = {2020-11}" in full.bibtex()
    assert "url = {https://x.org/doc/1#p-a}" in full.bibtex()
    item = json.loads(full.csl_json())[0]
    assert item["issued"] == {"date-parts": [[2020, 11]]}
    assert item["author"] == [{"literal": "A. Author"}]
    assert "langid = {turkish}" in full.bibtex()
    assert "undated" not in full.bibtex() + full.csl_json()
    arabic = _cited(_document("شاي")).plain(citation.Words())
    assert arabic.startswith("“\u2068شاي\u2069”. Undated.")
    bare = _cited(_document("Tea... and Mr. B."))
    assert bare.plain(said).startswith("“Tea... and Mr. B.”. Undated. The Room.")
    assert "undated" in bare.bibtex()
    assert bare.csl()["note"] == "undated"
    assert "issued" not in bare.csl()


@UNHURRIED
@given(st.dictionaries(st.integers(1, 2100).map(str), st.integers(0, 10_000), max_size=60))
def test_a_histogram_counts_everything_in_few_bars(years: dict[str, int]) -> None:
    found = histogram.of({**years, "undated": 7})
    bars = found.bars
    assert (found.undated is not None) == bool(bars)
    if bars:
        assert found.undated is not None
        assert found.undated.count == 7
        assert max(found.undated.height, *(bar.height for bar in bars)) == 100
        assert sum(bar.count for bar in bars) == sum(years.values())
        assert len(bars) <= histogram.BARS
        filled = [int(year) for year, count in years.items() if count]
        assert (bars[0].first, bars[-1].last) == (min(filled), max(filled))
        assert all(0 <= bar.height <= 100 for bar in bars)
        assert all((bar.height > 0) == (bar.count > 0) for bar in bars)


@pytest.mark.parametrize(
    ("years", "undated", "named"),
    [
        ((2019, 2020), 0, ["2019", "2020"]),
        ((2014, 2020), 0, ["2014", "2015", "2016", "2017", "2018", "2019", "2020"]),
        ((2015, 2020), 3, ["2015", None, None, None, None, "2020"]),
        ((1897, 2024), 3, ["1897", None, None, None, None, "2024"]),
    ],
)
def test_bars_fill_their_room_and_name_the_years_that_can_be_read(
    years: tuple[int, int], undated: int, named: list[str | None]
) -> None:
    found = histogram.of({**dict.fromkeys(map(str, years), 1), "undated": undated})
    labels = [found.named(place) for place in range(len(found.bars))]
    assert [label[1] if label else None for label in labels] == named
    assert found.unit >= 24  # WCAG 2.5.8
    assert found.width <= histogram.ROOM


def test_authors_are_named_without_their_mailboxes() -> None:
    assert citation.names("A. Nur <nur@example.org>, B. Su <b@x.org>") == "A. Nur, B. Su"
    assert citation.names("<only@example.org>") == "<only@example.org>"
    assert citation.names("C <3 music") == "C <3 music"


def test_titles_stand_in_the_order_of_the_alphabet() -> None:
    titles = ["İpək", "Qar", "Çay", "Cəviz", "Irmaq ı", "Zirvə", "Şəki", "Sal ı", "Əncir", "Xurma"]
    catalogue = Catalogue(map(_document, titles))
    ordered = catalogue.grouped("title", "az")
    assert list(ordered) == ["C", "Ç", "Ə", "X", "I", "İ", "Q", "S", "Ş", "Z"]
    assert [each.title for each in ordered["İ"]] == ["İpək"]
    assert list(catalogue.grouped("title", "en")) == [
        "C",
        "Ç",
        "Ə",
        "I",
        "İ",
        "Q",
        "S",
        "Ş",
        "X",
        "Z",
    ]


def test_letters_of_other_scripts_stand_behind_script_by_script() -> None:
    titles = ["Жало", "Zirvə", "Ёлка", "Bal", "Ежи", "قهوة", "Kar", "Кот", "Ҹејран", "Ωδή", "北"]
    catalogue = Catalogue(map(_document, titles))
    behind = ["Ω", "Е", "Ё", "Ж", "К", "Ҹ", "ق", "北"]
    assert list(catalogue.grouped("title", "az")) == ["B", "K", "Z", *behind]
    russian = ["Е", "Ё", "Ж", "К", "Ҹ", "B", "K", "Z", "Ω", "ق", "北"]
    assert list(catalogue.grouped("title", "ru")) == russian


def test_the_undated_stand_last() -> None:
    dated = _document("A", date=Sourced(PublicationDate("2001"), "t"))
    catalogue = Catalogue([_document("B"), dated])
    assert list(catalogue.grouped("date")) == ["2001", "undated"]
    assert [each.title for each in catalogue.recent(2)] == ["A", "B"]


@pytest.mark.parametrize(
    ("code", "text", "written"),
    [
        ("en", "2020-11-08", "8 Nov 2020"),
        ("az", "2020-11-08", "8 noy 2020"),
        ("tr", "2020-11-08", "8 Kas 2020"),
        ("ru", "2020-11-08", "8 нояб. 2020\u202fг."),
        ("en", "2020-11", "November 2020"),
        ("az", "2020", "2020"),
    ],
)
def test_dates_are_in_the_form_of_each_language(
    app: Flask, code: str, text: str, written: str
) -> None:
    with app.test_request_context(f"/?ui={code}"):
        app.preprocess_request()
        assert language.day(PublicationDate(text)) == written


def test_the_zone_of_a_time_is_said(app: Flask) -> None:
    with app.test_request_context("/"):
        app.preprocess_request()
        moment = PublicationDate("2022-11-08T10:23+04:00")
        assert language.day(moment, long=True) == "8 November 2022, 10:23 (UTC+04:00)"


@pytest.mark.parametrize("code", ["az", "tr", "ru"])
def test_catalogues_are_complete(code: str) -> None:
    methods = [("**.py", "python"), ("**/templates/**", "jinja2")]
    options = {"**/templates/**": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    keywords = {"gettext": None, "gettext_noop": None, "_": None, "ngettext": (1, 2)}
    found = extract_from_dir(
        language.TRANSLATIONS.parent,
        methods,
        options,
        keywords,
    )
    used = {message[2] for message in found}
    path = language.TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as source:
        catalogue = read_po(source, locale=code, abort_invalid=True)
    held = {message.id: message for message in catalogue if message.id}
    assert used == set(held)
    for message in held.values():
        assert not message.fuzzy
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in map(str, texts):
            assert text.strip()
            places = set(re.findall(r"%\(\w+\)s", str(ids[0])))
            assert set(re.findall(r"%\(\w+\)s", text)) == places


def test_a_text_is_set_in_one_face() -> None:
    assert not beyond("Şuşa, Ağdam, Əlincə: “1992” – café")
    assert not beyond("Каспий зимой, 1992")
    assert beyond("طريق القوافل")
    assert beyond("Гарабағ һаггында ҝөзәл")
    assert not beyond("A long English text with one name in it, مثل, and no more. " * 4)


def test_links_keep_the_language_where_pages_are_and_not_where_they_are_cited() -> None:
    links = Links("/prefix", "az")
    assert links.search([("q", "a b&c")]) == "/prefix/search?q=a+b%26c&ui=az"
    assert links.permanent("d", "x") == "/prefix/doc/d?p=x#p-x"
    assert links.document("d", "x", [("q", "t")]) == "/prefix/doc/d?p=x&q=t&ui=az#p-x"

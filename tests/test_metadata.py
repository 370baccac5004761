"""Metadata from first lines, from declarations and from the owner's table."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.errors import InvalidValue
from search_service.formats.base import Source
from search_service.formats.text import FORMAT
from search_service.metadata import OVERRIDES_FILE, Overrides, complete, lacks
from search_service.model import Metadata, PublicationDate, Sourced

BODY = (
    "\n\nThe gazelles come down to the lake at dusk, when the wind has dropped and the reeds are"
    " still, and they drink for a long time before the first of them looks up again.\n"
)


def of(text: str, path: str = "a.txt") -> Metadata:
    (extract,) = FORMAT.read(Source(path, text.encode()))
    return complete(extract, path)


def values(metadata: Metadata) -> dict[str, tuple[str, str]]:
    names = ("title", "author", "date", "source", "section", "url")
    found = {name: getattr(metadata, name) for name in names}
    return {
        name: (getattr(one.value, "text", one.value), one.where)
        for name, one in found.items()
        if one is not None
    }


def test_title_byline_and_date_below_each_other() -> None:
    text = f"Seals return to the northern shore\n\nBy | Ann Miller\n\nNovember 8, 2020\xa0{BODY}"
    assert values(of(text)) == {
        "title": ("Seals return to the northern shore", "text, line 1"),
        "author": ("Ann Miller", "text, line 3"),
        "date": ("2020-11-08", "text, line 5"),
    }


def test_a_day_without_a_year_is_a_title() -> None:
    assert values(of(f"8 November{BODY}")) == {"title": ("8 November", "text, line 1")}


def test_a_known_section_under_the_title_is_no_author() -> None:
    text = f"May 9: the morning the storks came\nEditorial\n{BODY.strip()}\n{BODY.strip()}"
    assert values(of(text)) == {
        "title": ("May 9: the morning the storks came", "text, line 1"),
        "section": ("Editorial", "text, line 2"),
    }


def test_a_page_printed_with_its_masthead() -> None:
    text = (
        "Sunday July 21 2024\n\nNotes on birds: May 8, 2020\n\n8 May 2022 10:23 (UTC+04:00)\n"
        f"Notes on birds: May 8, 2020\n\nBy Reuters{BODY}"
    )
    assert values(of(text)) == {
        "title": ("Notes on birds: May 8, 2020", "text, line 3"),
        "date": ("2022-05-08T10:23+04:00", "text, line 5"),
        "source": ("Reuters", "text, line 8"),
    }


def test_a_subtitle_and_a_signature_are_left_alone() -> None:
    text = f" A walk to the spring\n\nThree hours through the oaks of the upper valley\n\n{BODY}"
    assert values(of(text)) == {"title": ("A walk to the spring", "text, line 1")}


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("By Laman Hasanova", "author", "Laman Hasanova"),
        ("by Jean-Luc de la Tour and Ann O’Hara", "author", "Jean-Luc de la Tour and Ann O’Hara"),
        ("BY ANN MILLER", "author", "ANN MILLER"),
        ("Müəllif: Ülviyyə Əliyeva", "author", "Ülviyyə Əliyeva"),
        ("Müəllif: Xəzri", "author", "Xəzri"),
        ("Yazan: Ayşe Işık", "author", "Ayşe Işık"),
        ("Автор: Мария Белова", "author", "Мария Белова"),
        ("By AFP", "source", "AFP"),
        ("By Reuters", "source", "Reuters"),
        ("By Caspian News Agency", "source", "Caspian News Agency"),
        ("By Example.Org", "source", "Example.Org"),
        ("Mənbə: Dağ xəbərləri", "source", "Dağ xəbərləri"),
        ("Müsahibə", "section", "Müsahibə"),
        ("Kültür Sanat", "section", "Kültür Sanat"),
        ("https://example.org/seals", "url", "https://example.org/seals"),
        ("8 noyabr 2020-ci il", "date", "2020-11-08"),
        ("Bakı, 8 noyabr 2020", "date", "2020-11-08"),
        ("Опубликовано: 27 сентября 2020 года", "date", "2020-09-27"),
        ("Cümə, 14 may 2021", "date", "2021-05-14"),
        ("10:23, 08.11.2020", "date", "2020-11-08T10:23"),
        ("[10:23] 08.11.2020", "date", "2020-11-08T10:23"),
        ("By Ann Miller, staff writer", "author", "Ann Miller"),
        ("By Ann Miller for the Shore Gazette", "author", "Ann Miller"),
        ("Published: 8 November 2020 | Updated: 9 November 2020", "date", "2020-11-08"),
    ],
)
def test_lines_below_a_title(line: str, field: str, value: str) -> None:
    found = values(of(f"Seals return to the shore\n\n{line}{BODY}"))
    assert found.pop("title") == ("Seals return to the shore", "text, line 1")
    assert found == {field: (value, "text, line 3")}


def test_a_byline_with_its_date() -> None:
    found = values(of(f"Seals return\n\nBy Ann Miller | 8 November 2020{BODY}"))
    assert found["author"] == ("Ann Miller", "text, line 3")
    assert found["date"] == ("2020-11-08", "text, line 3")


@pytest.mark.parametrize(
    "line",
    [
        "by the river, in the morning",
        "By then it was too late",
        "03/04/2020",
        "Updated: 8 November 2020",
        "Updated 8 November 2020",
        "Photo taken on 8 November 2020",
        "8 November",
        "In the year 2020",
        "Ann Miller | 8 November 2020",
        "Shore Gazette",
    ],
)
def test_what_is_not_sure_is_not_guessed(line: str) -> None:
    assert values(of(f"Seals return to the shore\n\n{line}{BODY}")).keys() == {"title"}


TRAIN = (
    "The train leaves Baku in the evening and follows the shore until the lights\nof the last"
    " platform are gone. Then the steppe begins, and for a long time\nthere is nothing."
)


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "Dear Samir,\n\nthe parcel has come.",
        "the wind has dropped\n\nand so on",
        "- bread\n- salt\n- tea",
        TRAIN,
        "Apples red and apples green,\nthe sweetest I have seen,\nhang above the water.",
        "1234\n\n5678",
    ],
)
def test_a_text_that_begins_at_once_has_no_title(text: str) -> None:
    assert of(text) == Metadata()


def test_labels_before_the_text() -> None:
    text = f"Title: Seals return\nAuthor: Ann Miller\nDate: 8 November 2020\nURL: https://a.example{BODY}"
    assert values(of(text)) == {
        "title": ("Seals return", "text, line 1"),
        "author": ("Ann Miller", "text, line 2"),
        "date": ("2020-11-08", "text, line 3"),
        "url": ("https://a.example", "text, line 4"),
    }


@pytest.mark.parametrize(
    ("header", "author", "date", "title"),
    [
        (
            "From: Ann Lee <a@b.org>\nDate: Sun, 8 Nov 2020 10:23 +0400\nSubject: Seals,\n and us.",
            ("Ann Lee", 1),
            ("2020-11-08T10:23+04:00", 2),
            ("Seals, and us.", 3),
        ),
        (
            "From: ann@a.example\nSent: Sunday, November 8, 2020 10:23 AM\nCc:\nSubject: Seals",
            ("ann@a.example", 1),
            ("2020-11-08T10:23", 2),
            ("Seals", 4),
        ),
        (
            "Kimdən: Nigar\nTarix: 8 noyabr 2020\nKimə: Samir\nMövzu: Çay",
            ("Nigar", 1),
            ("2020-11-08", 2),
            ("Çay", 4),
        ),
        (
            "Subject: Seals\nFrom: Ann Lee [mailto:ann@a.example]",
            ("Ann Lee", 2),
            None,
            ("Seals", 1),
        ),
    ],
)
def test_a_mail_saved_as_text(
    header: str, author: tuple[str, int], date: tuple[str, int] | None, title: tuple[str, int]
) -> None:
    said = {"author": author, "date": date, "title": title}
    assert values(of(header + BODY)) == {
        name: (each[0], f"text, line {each[1]}") for name, each in said.items() if each
    }


@pytest.mark.parametrize(
    "text",
    [
        "From: Baku\nTo: Sheki\nDate: 8 November 2020",
        "From: the shore\nSubject: Seals",
        "A walk\nFrom: ann@a.example\nSubject: Seals",
    ],
)
def test_what_is_no_header_of_a_mail_names_no_author(text: str) -> None:
    assert "author" not in values(of(text + BODY))


def test_a_menu_of_sections_names_none() -> None:
    found = values(of(f"Home | News | Culture\n\nSeals return\n\n8 November 2020{BODY}"))
    assert "section" not in found
    assert found["title"][0] == "Seals return"


def test_the_furniture_of_a_page_is_no_title() -> None:
    found = values(of(f"Home » News » Nature\n\nShare\n\nSeals return\n\n8 November 2020{BODY}"))
    assert found == {
        "title": ("Seals return", "text, line 5"),
        "date": ("2020-11-08", "text, line 7"),
    }


def test_the_date_of_a_masthead_alone_is_not_believed() -> None:
    assert "date" not in values(of(f"Sunday July 21 2024\n\nSeals return{BODY}"))
    assert values(of(f"21 July 2024\n\nSeals return{BODY}"))["date"] == (
        "2024-07-21",
        "text, line 1",
    )


def test_a_file_named_by_its_date() -> None:
    named = of(BODY, "blog/2018-11-27-seals.txt")
    assert named.date == Sourced(PublicationDate("2018-11-27"), "file name")
    assert of(BODY, "blog/no-2018-11-27.txt").date is None


@given(st.text(alphabet="By Anə8.:|\n2020 November-", max_size=200))
def test_titles_and_lines_are_in_the_text(text: str) -> None:
    if text.strip():
        (extract,) = FORMAT.read(Source("a.txt", text.encode()))
        title = complete(extract, "a.txt").title
        if title:
            line = int(title.where.removeprefix("text, line "))
            assert title.value == " ".join(extract.text.split("\n")[line - 1].split())


def overrides(folder: Path, table: str | bytes) -> Overrides:
    data = table if isinstance(table, bytes) else table.encode()
    (folder / OVERRIDES_FILE).write_bytes(data)
    return Overrides.load(folder)


def test_the_owner_corrects_adds_and_clears(tmp_path: Path) -> None:
    table = overrides(tmp_path, "path,title,author,date,shelf\nb/a.txt,Seals,-,8.11.2020,B 7\n")
    found = Metadata(
        author=Sourced("Nobody", "text, line 2"), section=Sourced("News", "text, line 3")
    )
    corrected = table.apply(found, "b/a.txt")
    assert corrected.title == Sourced("Seals", "metadata.csv")
    assert corrected.author is None
    assert corrected.date == Sourced(PublicationDate("2020-11-08"), "metadata.csv")
    assert corrected.section == found.section
    assert corrected.extra["shelf"] == Sourced("B 7", "metadata.csv")
    assert table.apply(found, "other.txt") == found


def test_no_table_changes_nothing(tmp_path: Path) -> None:
    assert Overrides.load(tmp_path).apply(Metadata(), "a.txt") == Metadata()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1254"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_as_spreadsheets_save_it(tmp_path: Path, encoding: str, mark: str) -> None:
    text = (
        mark.join(("Path", "Title"))
        + "\r\n"
        + mark.join(("a.txt", '"Çay bağları, kışın"'))
        + "\r\n"
    )
    found = overrides(tmp_path, text.encode(encoding)).apply(Metadata(), "a.txt")
    assert found.title == Sourced("Çay bağları, kışın", "metadata.csv")


def test_a_row_for_a_file_and_a_row_for_one_of_its_documents(tmp_path: Path) -> None:
    table = overrides(tmp_path, "path,key,source,title\na.csv,,Radio,\na.csv,7,,Seven\n")
    assert table.apply(Metadata(), "a.csv", "6").source == Sourced("Radio", "metadata.csv")
    seven = table.apply(Metadata(), "a.csv", "7")
    assert (seven.source, seven.title) == (
        Sourced("Radio", "metadata.csv"),
        Sourced("Seven", "metadata.csv"),
    )


def test_rows_that_name_no_document_are_told(tmp_path: Path) -> None:
    table = overrides(tmp_path, "path,key,title\na.txt,,A\nb.txt,,B\nc.csv,9,C\nd.csv,,D\n")
    said = table.unused([("a.txt", ""), ("c.csv", "1"), ("d.csv", "1")])
    assert said == [
        "metadata.csv, row 3: there is no b.txt",
        "metadata.csv, row 4: there is no c.csv 9",
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("title\nSeals\n", "row 1 .* name a column path"),
        ("path,date\na.txt,03/04/2020\n", "row 2, column date cannot be '03/04/2020': write it as"),
        ("path,language\na.txt,klingonese\n", "row 2, column language"),
        ("path,url\na.txt,example.org\n", "row 2, column url"),
        ("path,title\na.txt,A\n\na.txt,B\n", "row 4, column path .* row 2 has it too"),
        ("path,title\n,A\n", "row 2, column path"),
        ("path,title\na.txt,A,B\n", "row 2 cannot be 'B': there are 2 columns"),
        ("path,title,title\na.txt,A,B\n", "row 1 .* name each column once"),
        ('path,title\na.txt,"A\n', "row 2 .* close each quote"),
    ],
)
def test_a_wrong_cell_is_named_with_its_row(tmp_path: Path, table: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        overrides(tmp_path, table)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    found = Metadata(
        title=Sourced('=Çay; "bağ", -1', "text, line 1"),
        date=Sourced(PublicationDate("2022-11-08T10:23+04:00"), "text, line 5"),
        language=Sourced("az", "front matter"),
    )
    written = "".join(
        Overrides.load(tmp_path).table([("a.txt", "", found), ("b.csv", "7", Metadata())])
    )
    assert "'=Çay" in written  # a spreadsheet would run it
    again = overrides(tmp_path, written).apply(Metadata(), "a.txt")
    assert again.title is not None
    assert again.title.value == '=Çay; "bağ", -1'
    assert again.date == Sourced(PublicationDate("2022-11-08T10:23+04:00"), "metadata.csv")


def test_what_the_owner_says_already_stays_in_the_table(tmp_path: Path) -> None:
    said = (
        "Path;ID;title;Shelf;;date\n"
        "./b.txt;tea-1;-;B 7;a note;\n"
        "gone.txt;;Gone;;;2020\n"
        "a.csv;;All of them;;;\n"
    )
    found = Metadata(
        title=Sourced("Found", "text, line 1"),
        date=Sourced(PublicationDate("2021-05"), "text, line 2"),
        author=Sourced("Ann", "text, line 3"),
    )
    documents = [("b.txt", "", found), ("a.csv", "7", found), ("c.txt", "", Metadata())]
    written = "".join(overrides(tmp_path, said).table(documents))
    assert written == (
        "\ufeffPath,ID,title,Shelf,,date,key,author,source,section,url,language\n"
        "./b.txt,tea-1,-,B 7,a note,2021-05,,Ann,,,,\n"
        "gone.txt,,Gone,,,2020,,,,,,\n"
        "a.csv,,All of them,,,,,,,,,\n"
        "a.csv,,Found,,,2021-05,7,Ann,,,,\n"
        "c.txt,,,,,,,,,,,\n"
    )
    assert "".join(overrides(tmp_path, written).table(documents)) == written


def test_what_a_document_lacks() -> None:
    assert lacks(Metadata()) == ("title", "date")
    assert lacks(Metadata(title=Sourced("A", ""))) == ("date",)

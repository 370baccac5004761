"""Dates as written: what is one, what is none, and that no precision is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.dates import _MONTHS, find_date, find_date_span, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8 November 2022 10:23 (UTC+04:00)", "2022-11-08T10:23+04:00"),
        ("8 November 2022 10:23 (UTC-03:30)", "2022-11-08T10:23-03:30"),
        ("8 November 2022, 10:23 GMT+4", "2022-11-08T10:23+04:00"),
        ("8 November 2022 10:23 UTC", "2022-11-08T10:23+00:00"),
        ("8 November 2022 at 3:05 pm", "2022-11-08T15:05"),
        ("8 November 2022 12:05 a.m.", "2022-11-08T00:05"),
        ("8 November 2022 10:99", "2022-11-08"),
        ("November 8, 2020\xa0", "2020-11-08"),
        ("Sunday July 21 2024", "2024-07-21"),
        ("the 8th of March, 1914", "1914-03-08"),
        ("8 noyabr 2020-ci il", "2020-11-08"),
        ("2020-ci il 8 noyabr", "2020-11-08"),
        ("28 İyul 1998-ci il", "1998-07-28"),
        ("28 IYUL 1998", "1998-07-28"),
        ("28 ијул 1998", "1998-07-28"),
        ("8 Kasım 2020 Pazar", "2020-11-08"),
        ("8 KASIM 2020", "2020-11-08"),
        ("8 Ağustos 2020'de", "2020-08-08"),
        ("27 сентября 2020 года", "2020-09-27"),
        ("1 мая 1999 г., 18:30", "1999-05-01T18:30"),
        ("8 листопада 2020 р.", "2020-11-08"),
        ("1. Mai 1950", "1950-05-01"),
        ("14 juillet 1990", "1990-07-14"),
        ("3 de mayo de 1980", "1980-05-03"),
        ("08.11.2020", "2020-11-08"),
        ("08.11.2020 14:05", "2020-11-08T14:05"),
        ("2020-11-08", "2020-11-08"),
        ("2020/11/08", "2020-11-08"),
        ("2020-11-08T10:23:45Z", "2020-11-08T10:23+00:00"),
        ("2020-11-08 10:23:45.123+04:00", "2020-11-08T10:23+04:00"),
        ("2020年11月8日", "2020-11-08"),
        ("13/04/2020", "2020-04-13"),
        ("04/13/2020", "2020-04-13"),
        ("07/07/2020", "2020-07-07"),
        ("Noyabr 2020", "2020-11"),
        ("November 2020", "2020-11"),
        ("29 February 2020", "2020-02-29"),
        ("2020-ci il noyabrın 8-də", "2020-11-08"),
        ("2020-ci ilin noyabrın 8-i", "2020-11-08"),
        ("2020-ci il iyunun 8-dən", "2020-06-08"),
        ("2020-ҹи ил нојабрын 8-дә", "2020-11-08"),
        ("8 noyabr 2020-ci ildə", "2020-11-08"),
        ("2020, November 8", "2020-11-08"),
        ("8.XI.2020", "2020-11-08"),
        ("8. XI. 2020", "2020-11-08"),
        ("8/IV/1998", "1998-04-08"),
        ("8 Nov 2020 25:61", "2020-11-08"),
        ("8 de novembro de 2020", "2020-11-08"),
        ("8 maart 2020", "2020-03-08"),
        ("8 sierpnia 2020 r.", "2020-08-08"),
        ("8 noiembrie 2020", "2020-11-08"),
        ("8 Νοεμβρίου 2020", "2020-11-08"),
        ("8 ΝΟΕΜΒΡΙΟΥ 2020", "2020-11-08"),
        ("Νοέμβριος 2020", "2020-11"),
        ("2020 წლის 8 ნოემბერს", "2020-11-08"),
        ("8 նոյեմբերի 2020 թ.", "2020-11-08"),
        ("2020 թ. նոյեմբերի 8", "2020-11-08"),
        ("2020 жылғы 8 қараша", "2020-11-08"),
        ("8-noyabr 2020-yil", "2020-11-08"),
        ("2020-yil 8-noyabr", "2020-11-08"),
        ("2020-nji ýylyň 8-nji noýabry", "2020-11-08"),
        ("8 نوفمبر 2020", "2020-11-08"),
        ("8 تشرين الثاني 2020", "2020-11-08"),
        ("8 نوامبر 2020", "2020-11-08"),
        ("8 בנובמבר 2020", "2020-11-08"),
        ("1. Jänner 1950", "1950-01-01"),
    ],
)
def test_a_date_is_read_as_written(text: str, expected: str) -> None:
    found = find_date(text)
    assert found is not None
    assert found.text == expected


@pytest.mark.parametrize(
    "text",
    [
        "8 November",
        "November 8: a day",
        "8 noyabr",
        "2020",
        "in 2020 we went",
        "03/04/2020",
        "3-4-2020",
        "29 February 2021",
        "31 February 2020",
        "45.11.2020",
        "7–8 November 2020",
        "192.168.2020.1",
        "ISBN 978-1-2020-11-08",
        "8 November 20",
        "8 November 9999",
        "8.11.20",
        "8.xi.2020",
        "8.XIII.2020",
        "31.II.2020",
        "V.2020",
        "2020-ci il noyabrın 31-də",
        "2020-ci il noyabrın 8-9-da",
        "",
    ],
)
def test_what_can_be_read_two_ways_or_is_not_whole_is_none(text: str) -> None:
    assert find_date(text) is None


def test_the_first_of_several_dates_counts_with_its_place() -> None:
    text = "Written on 3 May 1980, printed on 8 June 1981."
    found = find_date_span(text)
    assert found is not None
    assert (found[0].text, text[found[1] : found[2]]) == ("1980-05-03", "3 May 1980")


BAKU = timezone(timedelta(hours=4))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2020, 11, 8), "2020-11-08"),
        (datetime(2020, 11, 8, 10, 23, 59), "2020-11-08T10:23"),
        (datetime(2020, 11, 8, 10, 23, tzinfo=BAKU), "2020-11-08T10:23+04:00"),
        (2020, "2020"),
        ("2020", "2020"),
        ("2020-11", "2020-11"),
        ("20201108", "2020-11-08"),
        ("20201108T102300Z", "2020-11-08T10:23+00:00"),
        ("D:20201108102300+04'00'", "2020-11-08T10:23+04:00"),
        ("D:20201108102300Z", "2020-11-08T10:23+00:00"),
        ("Sun, 08 Nov 2020 10:23:00 +0400", "2020-11-08T10:23+04:00"),
        ("8 Nov 2020 10:23:00 -0000", "2020-11-08T10:23"),
        ("8 noyabr 2020-ci il", "2020-11-08"),
        ("8 Nov 2020 25:61", "2020-11-08"),
        ("Sun, 8 Nov 2020 10:61:00 +0400", "2020-11-08"),
    ],
)  # fmt: skip
def test_a_declared_date_is_read_in_machine_forms_too(value: object, expected: str) -> None:
    found = parse_date(value)
    assert found is not None
    assert found.text == expected


@pytest.mark.parametrize("value", ["", "soon", None, "D:99999999", "32 Nov 2020 10:23:00 +0400"])
def test_what_is_no_date_is_none(value: object) -> None:
    assert parse_date(value) is None


@given(st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(2199, 12, 31)))
def test_iso_dates_come_back_as_they_are(moment: datetime) -> None:
    written = moment.replace(tzinfo=UTC).isoformat(timespec="minutes")
    found = find_date(written)
    assert found is not None
    assert found.text == written
    assert found.moment == moment.replace(second=0, microsecond=0, tzinfo=UTC)


MONTHS = "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık"


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2199, 12, 31)))
def test_day_month_year_in_words_names_the_same_day(day: date) -> None:
    found = find_date(f"{day.day} {MONTHS.split()[day.month - 1]} {day.year}")
    assert found is not None
    assert found.first_day == found.last_day == day


@given(st.text(alphabet="0123456789 .:/-–NovemberT+()UTCZил", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    found = find_date_span(text)
    if found:
        assert found[0].first_day <= found[0].last_day
        assert 0 <= found[1] < found[2] <= len(text)
        assert found[0].moment is None or "T" in found[0].text


def test_no_name_means_two_months() -> None:
    months: dict[str, set[int]] = {}
    for names in _MONTHS.values():
        for place, name in enumerate(names.split()):
            if name != "-":
                months.setdefault(name, set()).add(place % 12 + 1)
    assert [name for name, numbers in months.items() if len(numbers) > 1] == []
    assert all(len(names.split()) % 12 == 0 for names in _MONTHS.values())

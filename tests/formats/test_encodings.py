"""Any encoding is read without loss, and what is no text is refused."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.errors import UnreadableFile
from search_service.formats.base import Source
from search_service.formats.text import decode
from tests.formats.reading import read_one

AZ = "Gözəl çiçəklər açılanda arılar bağda uçur, qoca bağban isə kölgədə çay içir."
TR = (
    "Sabah güneş doğarken balıkçılar kıyıya döndü; çocuklar ağların yanında oynuyor,"
    " şarkılar söylüyordu. Işıklı vadide küçük bir köy vardı."
)
RU = "Поезд шёл вдоль моря, и в окнах мелькали сады, станции и белые паруса рыбачьих лодок."
UK = "Потяг їхав уздовж моря, і у вікнах миготіли сади, станції та білі вітрила човнів."
FR = "L’été, les pêcheurs réparaient leurs filets près du café où l’on chantait déjà à midi."


def test_encodings_with_a_mark_are_sure() -> None:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ):
        decoded = decode(Source("a.txt", mark + AZ.encode(encoding)))
        assert (decoded.text, decoded.sure, decoded.warnings) == (AZ, True, ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [AZ, RU], ids=["az", "ru"])
def test_utf_16_needs_no_mark(text: str, encoding: str) -> None:
    assert decode(Source("a.txt", text.encode(encoding))).text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TR, "windows-1254"),
        (RU, "windows-1251"),
        (RU, "koi8-r"),
        (RU, "cp866"),
        (UK, "windows-1251"),
        (FR, "windows-1252"),
        ("Sarı ışık", "windows-1254"),
    ],
)
def test_old_encodings_are_told_by_their_letters(text: str, encoding: str) -> None:
    decoded = decode(Source("a.txt", text.encode(encoding)))
    assert decoded.text == text
    assert not decoded.sure
    assert decoded.warnings != ()


def test_a_declared_encoding_comes_before_statistics() -> None:
    # "Ýstanbul" would be Icelandic to statistics, were it not declared.
    page = "<html><meta charset=iso-8859-9><body><p>İstanbul, kısa yaz</p></body></html>"
    assert "İstanbul, kısa" in read_one("a.html", page.encode("iso8859-9")).text


def test_a_wrong_declaration_is_not_believed() -> None:
    page = f"<html><meta charset=us-ascii><body><p>{AZ}</p></body></html>"
    assert AZ in read_one("a.html", page.encode()).text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_utf_8_is_never_taken_for_anything_else(text: str) -> None:
    try:
        decoded = decode(Source("a.txt", text.encode()))
    except UnreadableFile:
        return  # control characters, or letters of an old font
    assert decoded.text == text.removeprefix("\ufeff")


@given(st.binary(max_size=400))
def test_bytes_are_decoded_without_loss_or_refused(data: bytes) -> None:
    try:
        decoded = decode(Source("a.txt", data))
    except UnreadableFile:
        return
    assert (
        "\ufffd" not in decoded.text
        or "\ufffd".encode() in data
        or b"\xfd\xff" in data
        or b"\xff\xfd" in data
    )


@pytest.mark.parametrize(
    "text",
    [
        "Azərbaycanda ýþýq sönəndə ağaclar daðlarýn kölgəsində qalýr və qaþ qaralýr.",
        "Qarý quþlarý yemlədi, qýz isə þəkil çəkdi: aðac, dað, yaðýþ.",
        "Azÿrbaycanýn daðlarý",
    ],
)
def test_letters_of_an_old_azerbaijani_font_are_refused(text: str) -> None:
    with pytest.raises(UnreadableFile, match="from before Unicode"):
        decode(Source("a.txt", text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "Það var einu sinni karl og kerling í koti sínu. Þau áttu sér kú og það var allt og sumt.",
        "Býr ein maður í húsi við sjógvin, og hann sær út á fjørðin á hvørjum morgni, sum ljós er.",
        "Türkmençe ýazylan kitaplar köp, ýöne meniň halaýan kitabym ýok.",
        "Nový rok, starý strýc a zlatý dým nad vodou.",
        "Louÿs and Aÿ are names that have a rare letter.",
    ],
    ids=["Icelandic", "Faroese", "Turkmen", "Czech", "French"],
)
def test_languages_that_have_those_letters_are_read(text: str) -> None:
    assert decode(Source("a.txt", text.encode())).text == text


@pytest.mark.parametrize(
    ("data", "cure"),
    [
        (b"%PDF-1.4\n", r"\.pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "DOCX"),
        (b"PK\x03\x04abc", "zip"),
        (b"\x89PNG\r\n", "picture"),
        (bytes(range(256)) * 8, "binary data"),
        (b"\xff\xfeA\x00B", "damaged or cut off"),
        (b"", "no text"),
        (b"  \n\n ", "no text"),
    ],
)
def test_what_is_no_text_is_named_with_its_cure(data: bytes, cure: str) -> None:
    with pytest.raises(UnreadableFile, match=cure):
        read_one("a.txt", data)

"""Broken and hostile files: each is refused with a cure, or read, and nothing else happens."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from search_service.errors import UnreadableFile
from tests.formats.reading import SAMPLES, golden_names, read, read_one


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def changed(sample: str, part: str, old: bytes, new: bytes) -> bytes:
    """A zipped sample with one part altered."""
    with zipfile.ZipFile(SAMPLES / sample) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    return zipped(parts)


@pytest.mark.parametrize("name", golden_names())
@pytest.mark.parametrize("seed", range(12))
def test_a_mutated_file_is_read_or_refused(name: str, seed: int) -> None:
    source = random.Random(f"{name} {seed}")
    data = bytearray((SAMPLES / name).read_bytes())
    for _ in range(source.choice([1, 5, 50])):
        data[source.randrange(len(data))] = source.randrange(256)
    if seed % 3 == 0:
        del data[source.randrange(len(data)) :]
    try:
        extracts = read(name, bytes(data))
    except UnreadableFile:
        return
    for extract in extracts:
        assert extract.text.strip()
        extract.text.encode()  # no lone surrogates


@pytest.mark.parametrize("name", golden_names())
@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xff" * 100, b"PK\x03\x04", b"{\\rtf1", b"%PDF-1.7"]
)
def test_a_stub_is_read_or_refused(name: str, data: bytes) -> None:
    try:
        read(name, data)
    except UnreadableFile:
        return


def test_a_scan_is_told_with_its_pages() -> None:
    with pytest.raises(UnreadableFile, match="3 pages, no text: run OCR first"):
        read("scan.pdf")


def test_an_encrypted_pdf_is_told() -> None:
    with pytest.raises(UnreadableFile, match="is encrypted: remove its password"):
        read("locked.pdf")


@pytest.mark.parametrize("suffix", ["docx", "odt", "epub"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(suffix: str) -> None:
    bomb = zipped({"word/document.xml": b"0" * 20_000_000, "content.xml": b"<a/>"})
    assert len(bomb) < 100_000
    with pytest.raises(UnreadableFile, match="zip bomb"):
        read(f"a.{suffix}", bomb)


@pytest.mark.parametrize("suffix", ["docx", "odt", "epub"])
def test_an_old_or_another_file_under_a_new_name_is_told(suffix: str) -> None:
    with pytest.raises(UnreadableFile, match="old Office file"):
        read(f"a.{suffix}", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500)
    with pytest.raises(UnreadableFile, match=r"right suffix|save it anew|of another format"):
        read(f"a.{suffix}", zipped({"other.xml": b"<a/>"}))


ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY l0 "LOL">'
    + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]>"
)


@pytest.mark.parametrize(
    ("sample", "part", "spot"),
    [
        ("tea.docx", "word/document.xml", b"Tea came"),
        ("tea.odt", "content.xml", b"Tea came"),
        ("tea.epub", "EPUB/text/ch001.xhtml", b"Tea came"),
    ],
)
def test_entities_are_not_expanded(sample: str, part: str, spot: bytes) -> None:
    data = changed(sample, part, spot, b"Tea &x;&l9; came")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read(part)
    at = text.index(b"?>") + 2
    data = changed_part(
        data, part, text[:at] + ENTITIES + text[at:].replace(b"<!DOCTYPE html>", b"")
    )
    try:
        extracts = read(sample, data)
    except UnreadableFile:
        return
    assert all("root:" not in extract.text and "LOLLOL" not in extract.text for extract in extracts)


def changed_part(data: bytes, part: str, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**parts, part: new})


def test_front_matter_makes_no_objects_and_no_bombs() -> None:
    evil = "---\ntitle: !!python/object/apply:os.system [exit]\na: &a [x,x]\n"
    evil += "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(20)
    )
    extract = read_one("a.md", (evil + "---\n\nSeals bask on the warm stones.").encode())
    assert extract.text == "Seals bask on the warm stones."
    assert sum(len(value.value) for value in extract.metadata.extra.values()) < 10_000


def test_broken_front_matter_is_told_and_read_as_text() -> None:
    extract = read_one("a.md", b"---\ntitle: [\n---\n\nSeals bask.")
    assert "Seals bask." in extract.text
    assert any("front matter" in warning for warning in extract.warnings)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("deep.html", b"<div>" * 20_000 + b"Seals bask." + b"</div>" * 20_000),
        ("deep.html", b"<ul><li>Seals" * 5_000),
        ("deep.html", b"<table><tr><td>Seals" * 2_000),
        ("deep.html", b"<b>" * 20_000 + b"Seals"),
        ("deep.md", b"> " * 5_000 + b"Seals bask."),
        ("deep.md", b"[" * 20_000 + b"Seals"),
        ("deep.md", b"*a_ " * 10_000),
        ("deep.rst", b"".join(b" " * n + b"- Seals\n\n" for n in range(300))),
        ("deep.rtf", b"{\\rtf1 " + b"{" * 20_000 + b"Seals" + b"}" * 20_001),
        ("deep.jsonl", b'{"text": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
        ("deep.eml", b"From: a\n" + b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 500),
    ],
)
@pytest.mark.timeout(120)
def test_deep_nesting_is_read_or_refused(name: str, data: bytes) -> None:
    try:
        read(name, data)
    except UnreadableFile:
        return


@pytest.mark.timeout(120)
@pytest.mark.parametrize("suffix", ["txt", "md", "html", "eml", "rtf"])
def test_a_line_of_megabytes_is_read(suffix: str) -> None:
    head = {"eml": b"From: a@example.org\n\n", "rtf": b"{\\rtf1 "}.get(suffix, b"")
    tail = b"}" if suffix == "rtf" else b""
    data = head + b"seals and storks " * 120_000 + tail
    extract = read_one(f"a.{suffix}", data)
    assert len(extract.blocks) == 1
    assert len(extract.text) > 2_000_000


def test_rst_includes_no_file_and_runs_nothing() -> None:
    text = (
        b"Seals\n\n.. include:: /etc/passwd\n\n.. raw:: html\n   :file: /etc/passwd\n\n"
        b".. csv-table::\n   :file: /etc/passwd\n"
    )
    extract = read_one("a.rst", text)
    assert "root:" not in extract.text


def test_rows_that_are_wrong_are_named() -> None:
    for name, data, message in (
        ("a.jsonl", b'{"text": \n{"title": "a"}\n', "line 1: no JSON"),
        ("a.jsonl", b'["text"]\n', "line 1: no object"),
        ("a.jsonl", b'{"title": "a"}\n', "no row with text"),
        ("a.csv", b"title,date\na,2020\n", "no column of text"),
        ("a.csv", b"title,text\na,b,c\n", "line 2: 3 cells"),
        ("a.csv", b'title,text\na,"b\n', "line 2"),
        ("a.csv", b'id,"text\na,b\n', "line 1: unexpected end"),
        ("a.eml", b"Seals bask on the stones.\n", "no mail headers"),
    ):
        with pytest.raises(UnreadableFile, match=message):
            read(name, data)


@pytest.mark.parametrize(
    ("name", "data", "left_out"),
    [
        ("a.jsonl", b'{"text": "One."}\n{"text": \n[1]\n{"text": "Two."}\n', (2, 3)),
        ("a.csv", b"\nid,text\na,One.\nb,more,cells\nc,Two.\n", (4,)),
        ("a.csv", b'id,text\na,"never closed\nb,One.\nc,"two\nlines: Two."\n', (2,)),
        ("a.csv", b'id,text\na,One.\nb,"Two."\nc,"a "quoted" word"\n', (4,)),
        ("a.csv", b'id,text\na,One.\nb,Two.\nc,"open to the end\n', (4,)),
    ],
)
def test_a_bad_row_is_left_out_and_named(name: str, data: bytes, left_out: tuple[int, ...]) -> None:
    found = read(name, data)
    assert [extract.text.strip()[-4:] for extract in found] == ["One.", "Two."]
    said = [warning for warning in found[0].warnings if "is left out" in warning]
    assert [int(warning.split()[1]) for warning in said] == list(left_out)


def test_every_bad_row_is_named() -> None:
    found = read("a.jsonl", b'{"text": "Seals bask."}\n' + b"{\n" * 30)
    said = "; ".join(found[0].warnings)
    assert all(f" {line}" in said for line in range(2, 32))
    assert "and 10 more, in rows 22, 23" in said


def test_a_docx_reads_no_file_that_it_links_to() -> None:
    data = changed(
        "tea.docx",
        "word/_rels/document.xml.rels",
        b"</Relationships>",
        b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/image" Target="file:///etc/passwd" TargetMode="External"/></Relationships>',
    )
    assert "root:" not in read_one("a.docx", data).text

"""Hostile and broken files: the run completes, the limits hold, each is named, neighbours stay."""

from __future__ import annotations

import os
import random
import resource
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from search_service.indexer import running
from search_service.settings import Settings
from tests.faults.tally import Tally
from tests.faults.world import prose, state_of, write

SECONDS = 5.0
MEMORY = 300 * 10**6

Maker = Callable[[Path, random.Random], None]


def _zip(path: Path, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def zip_bomb(folder: Path, _: random.Random) -> None:
    """A DOCX of a megabyte that unpacks to a gigabyte."""
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as member:
            chunk = b"<w:t>tar</w:t>" * 70_000
            for _part in range(1000):
                member.write(chunk)


def entities(folder: Path, _: random.Random) -> None:
    """A billion laughs, and an entity that reads a file, in what ODT and EPUB are made of."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{laughs}]><d>&l9;</d>'
    _zip(folder / "laughs.odt", mimetype=b"application/vnd.oasis.opendocument.text")
    with zipfile.ZipFile(folder / "laughs.odt", "a") as archive:
        archive.writestr("content.xml", xml)
        archive.writestr("META-INF/manifest.xml", xml)
    outside = '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]><d>&f;</d>'
    _zip(folder / "outside.epub", mimetype=b"application/epub+zip")
    with zipfile.ZipFile(folder / "outside.epub", "a") as archive:
        archive.writestr("META-INF/container.xml", outside)


def long_line(folder: Path, rng: random.Random) -> None:
    """Twenty megabytes without a line end."""
    (folder / "line.txt").write_text(prose(rng, 30) * 12_000, encoding="utf-8")


def deep_html(folder: Path, _: random.Random) -> None:
    """A hundred thousand open elements, and a Markdown file of as many brackets."""
    (folder / "deep.html").write_text("<div>" * 100_000 + "tar", encoding="utf-8")
    (folder / "deep.md").write_text("[" * 50_000 + "> " * 5_000 + "tar", encoding="utf-8")


def looping_pdf(folder: Path, _: random.Random) -> None:
    """A PDF whose pages are their own children, and one whose table is where it says it is not."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    loop = b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9999999>>endobj\n"
    (folder / "loop.pdf").write_bytes(head + loop + b"trailer<</Root 1 0 R>>\n%%EOF")
    (folder / "table.pdf").write_bytes(head + b"startxref\n99999999\n%%EOF")


def no_files(folder: Path, _: random.Random) -> None:
    """A FIFO, links in a circle, out of the folder and to nothing, a name that is not UTF-8."""
    os.mkfifo(folder / "pipe.txt")
    (folder / "circle").symlink_to(folder)
    (folder / "one").symlink_to(folder / "two")
    (folder / "two").symlink_to(folder / "one")
    (folder / "out.txt").symlink_to("/etc/passwd")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("tar", encoding="utf-8")


def wrong_text(folder: Path, rng: random.Random) -> None:
    """Bytes of no encoding, NULs, one character a million times, lone surrogates."""
    (folder / "noise.txt").write_bytes(rng.randbytes(5000))
    (folder / "nul.txt").write_bytes(b"\0" * 5000)
    (folder / "same.txt").write_text("a" * 10**6, encoding="utf-8")
    (folder / "surrogate.txt").write_bytes(b"tar \xed\xa0\x80 kilim " * 100)
    (folder / "marks.txt").write_text("a" + "\u0301" * 200_000, encoding="utf-8")


def wrong_rows(folder: Path, rng: random.Random) -> None:
    """Tables with a quote that never ends, rows without cells, ids given twice, deep JSON."""
    (folder / "quote.csv").write_text('id,text\n1,"' + prose(rng) * 100, encoding="utf-8")
    (folder / "twice.csv").write_text(
        "id,text\n1,The tar.\n1,The kamancha.\n,\n\n2\n", encoding="utf-8"
    )
    (folder / "deep.jsonl").write_text("[" * 100_000 + "\n{}\n", encoding="utf-8")


def mutated(folder: Path, rng: random.Random) -> None:
    """Sample documents with some of their bytes changed."""
    samples = sorted(Path("corpus").glob("*")) + sorted(Path("tests/formats").rglob("sample*"))
    choices = [path for path in samples if path.is_file() and path.stat().st_size < 500_000]
    for number in range(6):
        source = rng.choice(choices)
        data = bytearray(source.read_bytes())
        for _ in range(rng.randrange(1, 30)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        cut = data[: rng.randrange(len(data) + 1)] if rng.random() < 0.3 else data
        (folder / f"mutated{number}{source.suffix}").write_bytes(cut)


MAKERS: tuple[Maker, ...] = (
    zip_bomb, entities, long_line, deep_html, looping_pdf, no_files, wrong_text, wrong_rows,
    mutated,
)  # fmt: skip


def read_them(root: Path, seed: int, trials: int) -> Tally:
    """Hostile files between two good ones; after the first round of all, mutated ones alone."""
    tally = Tally("hostile files", seed)
    rng = random.Random(seed)
    round_ = 0
    while tally.trials < trials:
        maker = MAKERS[round_] if round_ < len(MAKERS) else mutated
        round_ += 1
        folder = root / f"round{round_}"
        settings = Settings(
            corpus=folder / "corpus",
            index=folder / "index",
            file_seconds=SECONDS,
            file_memory=MEMORY,
            index_processes=2,
        )
        write(settings, "aaa.txt", prose(rng))
        write(settings, "zzz.txt", prose(rng))
        maker(settings.corpus, rng)
        made = [path for path in settings.corpus.iterdir() if path.name not in GOOD]
        problem = _judge(settings, made, tally, maker)
        for number in range(max(1, len(made))):
            tally.trial(problem if number == 0 else None)
        shutil.rmtree(folder)
    return tally


GOOD = frozenset({"aaa.txt", "zzz.txt", ".search-service"})


def _judge(settings: Settings, made: list[Path], tally: Tally, maker: Maker) -> str | None:
    began = time.monotonic()
    try:
        report = running.run(settings)
    except BaseException as problem:  # noqa: BLE001 -- anything at all is a failure
        return f"{maker.__name__}: the run fails: {type(problem).__name__}: {problem}"
    tally.see("s a run", time.monotonic() - began)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 10**6
    tally.see("MB in a worker", peak)
    found = state_of(settings) or {}
    if not {"aaa.txt", "zzz.txt"} <= found.keys():
        return f"{maker.__name__}: a neighbour is missing"
    named = {path for path, _ in report.left_out} | {name.split("#")[0] for name in found}
    for path in made:
        shown = path.name.encode(errors="surrogateescape").decode(errors="backslashreplace")
        if shown not in named:
            return f"{maker.__name__}: {shown} is neither read nor named"
    if time.monotonic() - began > 20 * SECONDS:
        return f"{maker.__name__}: the run took {time.monotonic() - began:.0f} s"
    if peak > (MEMORY + 300 * 10**6) / 10**6:
        return f"{maker.__name__}: a worker took {peak:.0f} MB"
    return None

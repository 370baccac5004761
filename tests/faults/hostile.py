"""Hostile and broken files: the run completes, the limits hold, each is named, neighbours stay."""

from __future__ import annotations

import os
import random
import resource
import shutil
import socket
import stat
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

from search_service.indexer import running
from search_service.indexer.report import Report
from search_service.settings import Settings
from tests.faults.tally import Tally
from tests.faults.world import prose, state_of, write

QUICK = Settings(file_seconds=5.0, file_memory=300 * 10**6)
"""Limits that are met soon."""
DEFAULT = Settings()
"""Thirty seconds, 512 MB: for the soak."""
SLACK = 10.0
"""Processor seconds that a run may take beside its files' limits."""
PROGRAM = 32 * 10**6
"""Bytes of a reader that are no file's: libraries it maps when it first meets a format. What is
mapped is not limited, what it may write to is; the system tells the peak of both together."""

Maker = Callable[[Path, random.Random], threading.Thread | None]


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
    """A hundred megabytes without a line end."""
    with (folder / "line.txt").open("w", encoding="utf-8") as file:
        text = prose(rng, 30) * 500
        for _ in range(10**8 // len(text) + 1):
            file.write(text)


def deep_html(folder: Path, _: random.Random) -> None:
    """A hundred thousand open elements, and a Markdown file of as many brackets."""
    (folder / "deep.html").write_text("<div>" * 100_000 + "tar", encoding="utf-8")
    (folder / "deep.md").write_text("[" * 50_000 + "> " * 5_000 + "tar", encoding="utf-8")


def looping_pdf(folder: Path, _: random.Random) -> None:
    """PDFs whose pages, forms or tables lead back to themselves, or to where there is nothing."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    loop = b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9999999>>endobj\n"
    (folder / "loop.pdf").write_bytes(head + loop + b"trailer<</Root 1 0 R>>\n%%EOF")
    (folder / "table.pdf").write_bytes(head + b"startxref\n99999999\n%%EOF")
    page = b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    itself = b"/Resources<</XObject<</F 4 0 R>>>>"
    draws = b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R" + itself + b">>endobj\n"
    form = b"4 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 11" + itself + b">>"
    body = head + page + draws + form + b"stream\n/F Do /F Do\nendstream endobj\n"
    (folder / "form.pdf").write_bytes(body + b"trailer<</Root 1 0 R>>\n%%EOF")
    at = len(body)
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 5/Prev %d>>\n" % at
    (folder / "prev.pdf").write_bytes(body + table + b"startxref\n%d\n%%%%EOF" % at)


def no_files(folder: Path, _: random.Random) -> None:
    """A FIFO, a socket, a device, links in a circle, out of the folder and to nothing."""
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.fspath(folder / "socket.txt"))
    with suppress(PermissionError):  # Only root may make devices.
        os.mknod(folder / "zero.txt", stat.S_IFCHR | 0o600, os.makedev(1, 5))
    (folder / "nothing.txt").symlink_to(folder / "gone")
    (folder / "circle").symlink_to(folder)
    (folder / "one").symlink_to(folder / "two")
    (folder / "two").symlink_to(folder / "one")
    (folder / "out.txt").symlink_to("/etc/passwd")


def strange_names(folder: Path, _: random.Random) -> None:
    """Names that are not UTF-8, with line ends, as long as may be, and files that none may read."""
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("tar", encoding="utf-8")
    (folder / "two\nlines\x1b[2J.txt").write_text("The tar.", encoding="utf-8")
    (folder / f"{'n' * 251}.txt").write_text("The saz.", encoding="utf-8")
    (folder / "<b>&amp;.txt").write_text("The daf.", encoding="utf-8")
    (folder / "locked.txt").write_text("The ney.", encoding="utf-8")
    (folder / "locked.txt").chmod(0)


def other_centuries(folder: Path, _: random.Random) -> None:
    """Files of 1970, 2100 and before 1970, that speak of such dates and of ones that are none."""
    dates = ("1 January 1970", "31 December 2100", "30 February 2020", "0000-00-00", "9999-12-31")
    for number, date in enumerate(dates):
        path = folder / f"date{number}.txt"
        path.write_text(f"The carpet\n{date}\n\nIt was woven then.", encoding="utf-8")
        stamp = (0, 4_102_444_800, -86_400, 1, 2**33)[number]
        os.utime(path, (stamp, stamp))


def changing(folder: Path, rng: random.Random) -> threading.Thread:
    """A file that grows, one that shrinks and one that comes and goes while they are read."""
    text = prose(rng, 200)

    def change() -> None:
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and folder.exists():
            with suppress(FileNotFoundError):
                with (folder / "grows.txt").open("a", encoding="utf-8") as file:
                    file.write(text)
                (folder / "shrinks.txt").write_text(text[: rng.randrange(len(text))])
                (folder / "comes.txt").unlink(missing_ok=True)
                (folder / "comes.txt").write_text(text)

    for name in ("grows.txt", "shrinks.txt", "comes.txt"):
        (folder / name).write_text(text)
    writer = threading.Thread(target=change)
    writer.start()
    return writer


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
    entities, zip_bomb, long_line, deep_html, looping_pdf, no_files, strange_names,
    other_centuries, changing, wrong_text, wrong_rows, mutated,
)  # fmt: skip


def read_them(root: Path, seed: int, trials: int, *, both: bool = False) -> Tally:
    """Hostile files between two good ones; after a round of all, mutated ones alone.

    With `both`, there is a round with short limits and one with the default ones.
    """
    tally = Tally("hostile files", seed)
    rng = random.Random(seed)
    rounds = [(maker, QUICK) for maker in MAKERS]
    if both:
        rounds += [(maker, DEFAULT) for maker in MAKERS]
    number = 0
    while tally.trials < trials:
        maker, limits = rounds[number] if number < len(rounds) else (mutated, QUICK)
        number += 1
        folder = root / f"round{number}"
        settings = replace(
            limits, corpus=folder / "corpus", index=folder / "index", index_processes=2
        )
        write(settings, "aaa.txt", prose(rng))
        write(settings, "zzz.txt", prose(rng))
        writer = maker(settings.corpus, rng)
        made = [path for path in settings.corpus.iterdir() if path.name not in GOOD]
        problem = _judge(settings, made, tally, maker, writer)
        for place in range(max(1, len(made))):
            tally.trial(problem if place == 0 else None)
        if writer:  # It would write into the folder while that is removed.
            writer.join()
        shutil.rmtree(folder)
    return tally


GOOD = frozenset({"aaa.txt", "zzz.txt", ".search-service"})


def _judge(
    settings: Settings,
    made: list[Path],
    tally: Tally,
    maker: Maker,
    writer: threading.Thread | None,
) -> str | None:
    began = time.monotonic()
    try:
        report, used, peak = _run(settings)
    except RuntimeError as problem:
        return f"{maker.__name__}: the run fails: {problem}"
    tally.see("s a run", time.monotonic() - began)
    tally.see("MB for a file", peak / 10**6)
    found = state_of(settings) or {}
    if not {"aaa.txt", "zzz.txt"} <= found.keys():
        return f"{maker.__name__}: a neighbour is missing"
    named = {path for path, _ in report.left_out} | {name.split("#")[0] for name in found}
    if writer and not {path.name for path in made} <= named:
        # A file that comes and goes may be away just when its folder is read: the next run has it.
        writer.join()
        named |= {path for path, _ in _run(settings)[0].left_out}
        named |= {name.split("#")[0] for name in state_of(settings) or {}}
    for path in made:
        shown = path.name.encode(errors="surrogateescape").decode(errors="backslashreplace")
        if shown not in named:
            return f"{maker.__name__}: {shown} is neither read nor named"
    if used > len(made) * settings.file_seconds + SLACK:
        return f"{maker.__name__}: the run took {used:.0f} s for {len(made)} files"
    if peak > settings.file_memory + PROGRAM:
        return f"{maker.__name__}: a file took {peak / 10**6:.0f} MB"
    return None


def _run(settings: Settings) -> tuple[Report, float, int]:
    """A run's report, its readers' processor seconds, and the most bytes that one of them took.

    It runs in a fork: the peak of the children of a process is that of all it ever had, and this
    one has had browsers and compilers. A reader is a fork, too, that begins with what its parent
    has; the limit is of what it takes beyond that. Raises `RuntimeError` where the run fails.
    """
    ours, theirs = Pipe(duplex=False)
    child = os.fork()
    if not child:
        try:
            theirs.send(_measured(settings))
        except BaseException as problem:  # noqa: BLE001 -- anything at all is a failure
            theirs.send(f"{type(problem).__name__}: {problem}")
        finally:
            os._exit(0)
    theirs.close()
    with ours:
        try:
            told: tuple[Report, float, int] | str = ours.recv()
        except EOFError:
            told = "it ended without a word"
    os.waitpid(child, 0)
    if not isinstance(told, str):
        return told
    raise RuntimeError(told)


def _measured(settings: Settings) -> tuple[Report, float, int]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = running.run(settings)
    readers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return report, readers.ru_utime + readers.ru_stime, 1024 * (readers.ru_maxrss - before)

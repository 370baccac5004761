"""Whether a text in one script finds the same text in the other, among many languages.

ONE and OTHER are the Universal Declaration of Human Rights in two scripts of a language, FURTHER
the same in other languages, all as XML of Unicode's project. The first eight words of each article
of ONE, without headings and digits, are asked in an index of all articles (their paragraphs) of
OTHER and FURTHER, and the reverse: a file's own articles would be found first, so they are left
out. Recall@1 is the share of articles whose counterpart comes first. Index and queries are those of
`search-service evaluate`.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from lxml import etree

from search_service.evaluate import CORPUS, QRELS, QUERIES, evaluate
from search_service.languages import UNDETERMINED
from search_service.languages.analysis import analyser

WORDS = 8

Articles = Mapping[str, str]
"""Number of an article -> its paragraphs."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the articles of one file found."""

    articles: int
    missed: tuple[str, ...]
    """Numbers of those whose counterpart did not come first."""

    @property
    def recall(self) -> float:
        """Recall@1."""
        return 1 - len(self.missed) / self.articles


def articles(path: Path) -> Articles:
    """The articles of a file. Raises `ValueError` where it is not the Declaration."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.parse(path, parser).getroot()
    except etree.XMLSyntaxError as error:
        raise ValueError(f"{path}: {error}") from error
    found = {
        str(article.get("number")): "\n\n".join(
            " ".join("".join(map(str, para.itertext())).split())
            for para in article.iterfind(".//{*}para")
        )
        for article in root.iterfind("{*}article")
    }
    if not found:
        raise ValueError(f"{path}: it has no articles; give files of the Unicode UDHR project")
    return found


def beginning(text: str) -> str:
    """The first words of an article, numbers left out."""
    words = analyser(UNDETERMINED).surfaces(text)
    words = [word for word in words if not any(letter.isdigit() for letter in word)]
    return " ".join(words[:WORDS])


def finds(asking: Articles, answering: Articles, further: Sequence[Articles]) -> Found:
    """Ask for the articles of one file in an index of the others."""
    grades = [(number, f"0-{number}") for number in asking if number in answering]
    corpus = [
        {"_id": f"{file}-{number}", "title": "", "text": text}
        for file, of in enumerate([answering, *further])
        for number, text in of.items()
    ]
    queries = [{"_id": number, "text": beginning(text)} for number, text in asking.items()]
    with tempfile.TemporaryDirectory(prefix="search-service-declaration-") as name:
        folder = Path(name)
        (folder / CORPUS).write_bytes(b"\n".join(map(orjson.dumps, corpus)))
        (folder / QUERIES).write_bytes(b"\n".join(map(orjson.dumps, queries)))
        with (folder / QRELS).open("w", encoding="utf-8", newline="") as lines:
            rows = csv.writer(lines, delimiter="\t")
            rows.writerow(("query", "document", "grade"))
            rows.writerows((*pair, 1) for pair in grades)
        (report,) = evaluate([folder]).sets
    # One article is right for each query: its reciprocal rank is 1 where it comes first.
    missed = [number for number, of in report.queries.items() if of["mrr@10"] < 1]
    return Found(len(grades), tuple(missed))


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("further", nargs="+", type=Path)


def run(given: argparse.Namespace) -> str:
    """One line a direction."""
    one, other = articles(given.one), articles(given.other)
    away = {given.one.resolve(), given.other.resolve()}
    further = [articles(path) for path in given.further if path.resolve() not in away]
    lines = []
    for names, asking, answering in (
        (f"{given.one.name} -> {given.other.name}", one, other),
        (f"{given.other.name} -> {given.one.name}", other, one),
    ):
        found = finds(asking, answering, further)
        missed = f"; not first: {', '.join(found.missed)}" if found.missed else ""
        among = f"among {len(further) + 1} files"
        lines.append(f"{names}: recall@1 {found.recall:.4f} of {found.articles}, {among}{missed}")
    return "\n".join(lines)

"""A small archive in an index of the embedded engine, for tests of the read side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from search_service import engines
from search_service.engines.base import Reader
from search_service.model import (
    Block,
    BlockKind,
    Document,
    Metadata,
    Passage,
    PublicationDate,
    Sourced,
)
from search_service.passages import near


@dataclass(frozen=True)
class Paper:
    """A document to be: paragraphs of (language, text); a text that begins with # is a heading."""

    id: str
    paragraphs: tuple[tuple[str, str], ...]
    title: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None


def document(paper: Paper) -> Document:
    """The document with one passage a paragraph."""
    text = ""
    blocks: list[Block] = []
    passages: list[Passage] = []
    heading: tuple[tuple[int, int], ...] = ()
    for language, paragraph in paper.paragraphs:
        start = len(text)
        if paragraph.startswith("#"):
            text += paragraph.removeprefix("#") + "\n\n"
            heading = ((start, len(text) - 2),)
            blocks.append(Block(start, len(text) - 2, BlockKind.HEADING, 1))
            continue
        text += paragraph + "\n\n"
        end = len(text) - 2
        blocks.append(Block(start, end, BlockKind.PARAGRAPH))
        passages.append(
            Passage(
                len(passages),
                start,
                end,
                language,
                f"a{len(passages)}",
                heading,
                signature=near.signature(paragraph),
            )
        )
    metadata = Metadata(
        title=Sourced(paper.title, "test") if paper.title else None,
        date=Sourced(PublicationDate(paper.date), "test") if paper.date else None,
        source=Sourced(paper.source, "test") if paper.source else None,
        author=Sourced(paper.author, "test") if paper.author else None,
    )
    return Document(
        id=paper.id,
        path=f"{paper.id}.txt",
        key="",
        format="text",
        text=text,
        metadata=metadata,
        blocks=tuple(blocks),
        passages=tuple(passages),
        languages=tuple(dict.fromkeys(passage.language for passage in passages)),
    )


def reader(directory: Path, papers: Iterable[Paper]) -> Reader:
    """An open index of these papers."""
    engine = engines.get("whoosh")
    writer = engine.writer(directory, None)
    for paper in papers:
        writer.add(engine.prepare(document(paper)))
    writer.commit()
    return engine.reader(directory)


CARPETS = Paper(
    "carpets",
    (
        ("en", "#The loom"),
        ("en", "A carpet takes two weavers most of a winter. The wool is spun by hand."),
        ("en", "Madder gives the red of the ground; walnut gives the brown of the border."),
        ("az", "Quba xalçası yundan toxunur. Xalçaçı qadınlar naxışı əzbər bilirlər."),
    ),
    title="Carpets of Quba",
    date="2019-05-04",
    source="Museum Letter",
    author="Leyla Quliyeva",
)
RAILWAY = Paper(
    "railway",
    (
        ("en", "The railway from Baku to Batumi carried oil, wool and carpets to the ships."),
        ("ru", "Железная дорога из Баку в Батуми перевозила нефть и ковры."),
        ("en", "Snow closed the pass in winter. A snow plough opened it in the spring."),
    ),
    title="Oil on rails",
    date="2021-11",
    source="Trend",
)
LEOPARD = Paper(
    "leopard",
    (
        ("en", "The leopard of the Caucasus hunts at dusk and sleeps by day in the rocks."),
        ("az", "Qafqaz bəbiri alatoranda ov edir. Qarabağda da bəbir izləri görülüb."),
    ),
    title="A leopard in winter",
    date="2020-02-10",
    source="Trend",
)
LETTER = Paper(
    "letter",
    (
        ("en", "She wrote of Karabakh horses, of the races on the plain and of the first prize."),
        ("en", "The leopard of the Caucasus hunts at dusk and sleeps by day in the rocks."),
    ),
)
PAPERS = (CARPETS, RAILWAY, LEOPARD, LETTER)

"""Small documents for tests of engines, and what an index of them must hold, by plain loops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from search_service.languages.analysis import analyser
from search_service.model import Document, Metadata, Passage, PublicationDate, Sourced
from search_service.passages.near import signature

TUNES = "Muğam ustası tarı əlinə aldı və bəstəni asta-asta çalmağa başladı."
CARPETS = "The weavers of Quba dye their wool with madder, walnut and indigo."
TRAINS = "Поезд из Баку в Гянджу идёт через Кюрдамир и Евлах."
RECIPE = "Plovun düyüsünü isladın, sonra süzün və zəfəran əlavə edin."


def make_document(
    document_id: str,
    passages: Sequence[str | tuple[str, str]],
    *,
    path: str | None = None,
    title: str | None = None,
    heading: str | None = None,
    date: str | None = None,
    source: str | None = None,
    author: str | None = None,
) -> Document:
    """A document of these passages, English unless (language, text); all below one heading."""
    text = ""
    headings: tuple[tuple[int, int], ...] = ()
    if heading:
        text = heading + "\n\n"
        headings = ((0, len(heading)),)
    made = []
    for ordinal, given in enumerate(passages):
        language, words = ("en", given) if isinstance(given, str) else given
        made.append(
            Passage(
                ordinal=ordinal,
                start=len(text),
                end=len(text) + len(words),
                language=language,
                anchor=f"a{ordinal}",
                headings=headings,
                page=ordinal + 1 if ordinal % 2 else None,
                lead_in=headings[0] if headings and ordinal % 3 == 2 else None,
                signature=signature(words),
            )
        )
        text += words + "\n\n"
    return Document(
        id=document_id,
        path=path or f"folder/{document_id}.txt",
        key="",
        format="text",
        text=text,
        metadata=Metadata(
            title=Sourced(title, "text, line 1") if title else None,
            author=Sourced(author, "front matter") if author else None,
            source=Sourced(source, "front matter") if source else None,
            date=Sourced(PublicationDate(date), "text, line 2") if date else None,
        ),
        blocks=(),
        passages=tuple(made),
        languages=tuple(dict.fromkeys(passage.language for passage in made)),
    )


Place = tuple[str, int, tuple[int, ...]]
"""(document id, ordinal, positions)."""


def text_postings(documents: Iterable[Document]) -> dict[tuple[str, str, str], list[Place]]:
    """(folded, exact, language) -> where in the `text` field, sorted: an inverted index."""
    index: dict[tuple[str, str, str], list[Place]] = defaultdict(list)
    for document in documents:
        for passage in document.passages:
            reader = analyser(passage.language)
            places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
            words = reader.surfaces(document.text[passage.start : passage.end])
            for position, surface in enumerate(words):
                form = reader.form(surface)
                places[form.folded, form.exact, passage.language].append(position)
            for row, positions in places.items():
                index[row].append((document.id, passage.ordinal, tuple(positions)))
    return {row: sorted(places) for row, places in index.items()}

"""Documents are asked for by their own words: what an index must answer before it goes live."""

from __future__ import annotations

from collections.abc import Iterator

from search_service import languages
from search_service.engines.base import Reader, Request
from search_service.errors import RunRefused
from search_service.indexer.register import Register
from search_service.query.parsed import Options
from search_service.query.parsing import parse

SAMPLES = 25
"""So many documents are asked for."""


def sampled(reader: Reader, register: Register) -> Iterator[tuple[str, str, bool]]:
    """(path, word, whether it finds) for some documents, spread over all.

    The word is the longest of a passage in the middle, as it is written: a query must read it as
    the index does, or nothing is found that has it.
    """
    documents = [(path, held) for path, held in register.documents() if held.passages]
    for path, held in documents[:: max(1, len(documents) // SAMPLES)]:
        document = reader.document(held.id)
        if document is None:
            continue
        passage = document.passages[len(document.passages) // 2]
        text = document.text[passage.start : passage.end]
        words = [token.surface for token in languages.get(passage.language).tokenise(text)]
        if not words:
            continue
        word = max(words, key=len)
        tree = parse(f'"{word}"', Options((passage.language,))).tree
        yield path, word, bool(reader.search(Request(tree, document=held.id)).found)


def refuse_unfound(reader: Reader, register: Register) -> None:
    """Raise `RunRefused` where more than half of the samples are not found."""
    samples = list(sampled(reader, register))
    lost = [(path, word) for path, word, found in samples if not found]
    if len(lost) * 2 > len(samples):
        path, word = lost[0]
        raise RunRefused(
            f"of {len(samples)} documents of the new index {len(lost)} are not found by a word of "
            f"theirs ({path} by {word}), so the old one stays: if the program was changed, go back "
            "to the version before; index --allow-empty takes the new index as it is"
        )

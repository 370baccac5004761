"""Verifies an index: its files, its structure, that documents are found, and what looks wrong."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from search_service import corpus, engines, languages, suspicion
from search_service.engines.base import Reader
from search_service.errors import IndexDamaged, IndexUnavailable
from search_service.generations import CURRENT, Generations
from search_service.indexer import sampling
from search_service.indexer.batching import batches
from search_service.indexer.messages import Brief, Task, unpack
from search_service.indexer.register import Held, Register
from search_service.indexer.workers import Pool, processors
from search_service.ledger import Departed, Ledger
from search_service.metadata import Overrides
from search_service.model import Document
from search_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or that the owner should look at."""

    kind: Literal["damage", "notice"]
    where: str
    what: str
    """And what to do."""


def check(settings: Settings, *, deep: bool = False) -> Iterator[Finding]:
    """All that can be found; with `deep`, every file is read again and compared.

    That a file of the index is damaged is noted for the next run (see `suspicion`).
    Raises `IndexUnavailable` where there is no index at all.
    """
    generations = Generations(settings.index)
    names = generations.names()
    if not names:
        raise IndexUnavailable(f"there is no index in {settings.index}: run the index command")
    if generations.named() is None:
        what = f"{settings.index / CURRENT} or what it names is damaged: run the index command"
        yield Finding("damage", names[0], what)
    damages = [each for name in names for each in _damages(generations, name)]
    if damages:
        suspicion.note(settings.state_folder, (each.what for each in damages))
    yield from damages
    try:
        live = generations.current()
        generations.verify_all()
        live = generations.current()
    except IndexUnavailable:
        return  # Nothing is left, and why has been told.
    if live.quarantined:
        return
    engine = engines.get(settings.engine)
    reader = engine.reader(live.directory)
    try:
        register = Register.read(live.directory)
        yield from _structure(register, reader)
        yield from _samples(register, reader)
        yield from _quality(register, reader)
    finally:
        reader.close()
    if deep:
        yield from _again(settings, register)


def _damages(generations: Generations, name: str) -> Iterator[Finding]:
    """The files of one generation that are not what they were written as."""
    try:
        manifest = generations.manifest(name)
    except IndexDamaged as damage:
        yield Finding("damage", name, str(damage))
        return
    for damaged in generations.damages(manifest, bulk=True).values():
        yield Finding("damage", name, f"{damaged}: run the index command")


def _structure(register: Register, reader: Reader) -> Iterator[Finding]:
    """Whether the register, the catalogue and the passages say the same."""
    held = {document.id: (path, document) for path, document in register.documents()}
    stored = {document.id for document in reader.summaries()}
    for document_id in held.keys() ^ stored:
        where = held[document_id][0] if document_id in held else document_id
        yield Finding("damage", where, "register and index disagree: run index --full")
    for document_id in sorted(held.keys() & stored):
        path, expected = held[document_id]
        document = reader.document(document_id)
        if document is None or not _sound(document, expected):
            yield Finding("damage", path, "its passages do not fit its text: run index --full")


def _sound(document: Document, expected: Held) -> bool:
    ends = [0, *(passage.end for passage in document.passages)]
    in_order = all(
        end <= passage.start < passage.end <= len(document.text)
        for end, passage in zip(ends, document.passages, strict=False)
    )
    return (
        in_order
        and len(document.passages) == expected.passages
        and len(document.text) == expected.characters
        and len({passage.anchor for passage in document.passages}) == expected.passages
    )


def _samples(register: Register, reader: Reader) -> Iterator[Finding]:
    """Whether documents are found by a word of theirs."""
    for path, word, found in sampling.sampled(reader, register):
        if not found:
            yield Finding("damage", path, f"it is not found by its word {word}: run index --full")


def _quality(register: Register, reader: Reader) -> Iterator[Finding]:
    """What reads as if it had not been read well."""
    strange: Counter[str] = Counter()
    example: dict[str, str] = {}
    for path, held in register.documents():
        if not held.passages:
            yield Finding("notice", path, "it has no text: if it is a scan, run OCR first")
        elif held.indexed * 2 < held.characters:
            yield Finding(
                "notice",
                path,
                f"only {held.indexed:,} of {held.characters:,} characters are in passages",
            )
        unknown = held.languages.get(languages.UNDETERMINED, 0)
        if unknown * 2 > held.passages:
            yield Finding(
                "notice",
                path,
                f"the language of {unknown:,} of {held.passages:,} passages is not known: declare "
                "it in metadata.csv",
            )
        document = reader.document(held.id)
        if document is not None:
            found = _no_letters(document)
            strange.update(found)
            for character in found:
                example.setdefault(character, path)
    for character, number in strange.most_common(20):
        name = unicodedata.name(character, "unnamed")
        yield Finding(
            "notice",
            example[character],
            f"{character!r} (U+{ord(character):04X} {name}) stands {number:,} times outside of "
            "words: such words are not found",
        )


def _no_letters(document: Document) -> Counter[str]:
    """Letters and digits that are in no word."""
    found: Counter[str] = Counter()
    for passage in document.passages:
        text = document.text[passage.start : passage.end]
        words = {
            at
            for token in languages.get(passage.language).tokenise(text)
            for at in range(token.start, token.end)
        }
        found.update(
            character
            for at, character in enumerate(text)
            if at not in words and unicodedata.category(character)[0] in "LN"
        )
    return found


def _again(settings: Settings, register: Register) -> Iterator[Finding]:
    """Whether every file still reads as it did."""
    scan = corpus.scan(settings.corpus)
    overrides = Overrides.load(settings.corpus)
    ledger = Ledger(settings.corpus, settings.state_folder)
    brief = Brief(
        settings=settings,
        overrides=overrides,
        digests=overrides.digests(),
        departed=Departed(),
        taken=frozenset(),
        marks={},
        withdrawn=frozenset(),
    )
    _ = brief.reader  # Made before the workers are forked.
    states = register.states()
    tasks = []
    for path, state in scan.files.items():
        if states.get(path) == state and not register.rows[path][3]:
            entry = register.get(path)
            forced = {held.key: held.id for held in entry.documents} if entry else {}
            tasks.append(Task(state, "", ledger.ids(path), forced))
    with Pool(brief, processors(), settings.file_seconds) as pool:
        for batch, answer in pool.run(batches(tasks)):
            if not isinstance(answer, bytes):
                yield from (Finding("damage", t.state.path, answer.reason) for t in batch)
                continue
            for outcome in unpack(answer):
                entry = register.get(outcome.path)
                if entry is None:
                    continue
                now = tuple(read.held for read in outcome.documents)
                if outcome.sha != entry.sha:
                    yield Finding(
                        "damage",
                        outcome.path,
                        "its content changed and nothing else of it did: run index --full",
                    )
                elif outcome.reason or now != entry.documents:
                    why = outcome.reason or "it reads otherwise than when it was indexed"
                    yield Finding("damage", outcome.path, f"{why}: run index --full")

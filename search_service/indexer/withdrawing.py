"""Taking documents away for good, and going back to the generation before.

A deleted document is only left out of answers: its text stays in the files until they are merged,
and in the generation before. `purge` writes the files anew and drops that generation; `forget` does
so after taking a document out, and keeps a tombstone, by which its link says that it is gone and
the next run leaves it out even if its file is still there.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from search_service import drift, engines, runs
from search_service.durable import sync_folder, write_file
from search_service.errors import IndexUnavailable, NotFound
from search_service.generations import Generations, Live
from search_service.indexer import touched
from search_service.indexer.publishing import Origin, publish
from search_service.indexer.register import Register
from search_service.indexer.resume import discard
from search_service.indexer.telling import telling
from search_service.ledger import Ledger
from search_service.settings import Settings


def forget(settings: Settings, document_id: str) -> tuple[str, str]:
    """Withdraw a document; returns the path of its file, and the new generation's name.

    Raises `NotFound`, `IndexLocked` while another process is writing, and `IndexUnavailable`
    where the index is damaged.
    """
    generations = Generations(settings.index)
    with telling(), generations.lock():
        generations.tidy()
        live = _whole(generations)
        register = Register.read(live.directory)
        path = register.owners().get(document_id)
        ledger = Ledger(settings.corpus, settings.state_folder)
        known = ledger.known.get(document_id)
        if path is None and known is None and document_id not in ledger.withdrawn:
            raise NotFound(f"there is no document {document_id}: give an id as `search` shows it")
        # If this is interrupted, the next run finishes it: it finds the note, and the tombstone.
        _begun(settings).parent.mkdir(parents=True, exist_ok=True)
        write_file(_begun(settings), [])
        sync_folder(_begun(settings).parent)
        if document_id not in ledger.withdrawn:
            ledger.forget(document_id, datetime.now(UTC).date().isoformat())
            ledger.save(compact=True)
        name = _rewrite(settings, generations, live, register, {document_id})
        _begun(settings).unlink()
    return path or (known.path if known else ""), name


def interrupted(settings: Settings) -> bool:
    """Whether a document was being withdrawn when the process died."""
    return _begun(settings).exists()


def finish(settings: Settings, generations: Generations) -> None:
    """Withdraw what an interrupted `forget` was to; call it with the lock held."""
    live = _whole(generations)
    register = Register.read(live.directory)
    withdrawn = Ledger(settings.corpus, settings.state_folder).withdrawn
    _rewrite(settings, generations, live, register, withdrawn & register.owners().keys())
    _begun(settings).unlink()


def _begun(settings: Settings) -> Path:
    return settings.state_folder / "withdrawing"


def purge(settings: Settings) -> str:
    """Leave nothing of what was deleted; returns the new generation's name.

    The ledger forgets where gone documents were, too; their ids stay, with the date. Raises as
    `forget` does.
    """
    generations = Generations(settings.index)
    with telling(), generations.lock():
        generations.tidy()
        live = _whole(generations)
        ledger = Ledger(settings.corpus, settings.state_folder)
        register = Register.read(live.directory)
        present = register.owners()
        for document_id in set(ledger.known) - present.keys():
            ledger.shed(document_id)
        ledger.save(compact=True)
        return _rewrite(settings, generations, live, register, ())


def rollback(settings: Settings) -> str:
    """Let the generation before answer again; returns its name.

    The next run brings the index up to the folder again. Raises `IndexUnavailable` where there is
    none, or where it is damaged.
    """
    generations = Generations(settings.index)
    with telling(), generations.lock():
        generations.tidy()
        live = generations.current()
        older = [name for name in generations.names() if name < live.name]
        if not older:
            raise IndexUnavailable(
                f"there is no generation before {live.name}: run the index command with --full"
            )
        manifest = generations.verify(older[0], bulk=True)
        generations.point(manifest)
        return older[0]


def _whole(generations: Generations) -> Live:
    """The live generation. Raises `IndexUnavailable` where it is not all that was published."""
    live = generations.current()
    if live.degraded:
        raise IndexUnavailable(
            f"the index is damaged ({'; '.join(live.degraded)}): run the index command, which "
            "repairs it, and then this one again"
        )
    return live


def _rewrite(
    settings: Settings,
    generations: Generations,
    live: Live,
    register: Register,
    gone: Collection[str],
) -> str:
    """Publish the live generation without `gone` and without anything that was deleted before.

    All other generations, and what runs have noted of its file, go too.
    """
    engine = engines.get(settings.engine)
    directory = generations.begin()
    writer = engine.writer(directory, live.directory)
    paths: set[str] = set()
    try:
        for document_id in sorted(gone):
            writer.delete(document_id)
            paths |= register.withdraw(document_id)
        made = live.manifest
        origin = Origin(made.engine, made.fingerprint, made.corrections)
        publish(generations, directory, writer, register, origin, purge=True)
    except BaseException:
        writer.abort()
        with suppress(OSError):
            generations.abandon(directory)
        raise
    generations.clean({directory.name})
    discard(settings)
    touched.clear(settings.state_folder)
    drift.clear(settings.state_folder)
    if paths:
        runs.redact(settings.state_folder, paths)
    return directory.name

"""What the faults happen to: an archive before and after some changes, and how to judge it."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search_service import engines
from search_service.engines.whoosh.writing import policy
from search_service.errors import IndexUnavailable
from search_service.generations import Generations
from search_service.indexer import building, running, withdrawing
from search_service.ledger import FOLDER
from search_service.settings import Settings

State = dict[str, tuple[str, str]]
"""Path, and #key of a row -> (document id, hash of its text). None where there is no index."""

_SUBJECTS = ("tar", "kamancha", "carpet", "saffron", "plane tree", "funicular", "copper", "tea")
_VERBS = ("stands beside", "is older than", "is sold with", "was drawn after", "sounds like")


def prose(rng: random.Random, sentences: int = 6) -> str:
    """A text that reads like one, of our own words."""
    made = []
    for _ in range(sentences):
        one, other = rng.sample(_SUBJECTS, 2)
        made.append(f"The {one} {rng.choice(_VERBS)} the {other} number {rng.randrange(1000)}.")
    return " ".join(made)


class Inline:
    """In place of a pool of workers: reads in this process, which is what is being killed."""

    def __init__(self, function: Callable[[Any], bytes], *_: object) -> None:
        self._function = function

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(self, jobs: Any, *_: object) -> Iterator[tuple[Any, bytes]]:
        for job in jobs:
            yield job, self._function(job)


@dataclass
class World:
    """An archive whose folder has changed since its index was published."""

    name: str
    settings: Settings
    change: Callable[[Settings], object]
    """What is interrupted: a run, or another command that writes."""
    before: State | None = None
    after: State | None = None
    saved: Path = field(default_factory=Path)

    def restore(self) -> None:
        """Index and ledger as they were before the change."""
        index, ledger = self.settings.index, self.settings.corpus / FOLDER
        for live, kept in ((index, self.saved / "index"), (ledger, self.saved / "ledger")):
            shutil.rmtree(live, ignore_errors=True)
            if kept.exists():
                copy_with_links(kept, live)

    @property
    def roots(self) -> tuple[Path, ...]:
        """Where the program writes."""
        return (self.settings.index, self.settings.corpus / FOLDER)


def state_of(settings: Settings) -> State | None:
    """What is searchable, whole: every document is read, every file of the index verified."""
    generations = Generations(settings.index)
    try:
        live, reader = generations.open(engines.get(settings.engine).reader)
    except IndexUnavailable:
        return None
    generations.verify(live.name, bulk=True)
    found = {}
    for summary in reader.summaries():
        document = reader.document(summary.id)
        assert document is not None
        for passage in document.passages:
            assert document.text[passage.start : passage.end].strip()
        digest = hashlib.sha256(document.text.encode()).hexdigest()
        found[f"{document.path}#{document.key}".rstrip("#")] = (document.id, digest)
    assert len(found) == reader.document_count
    reader.close()
    return found


def answering(settings: Settings) -> State | None:
    """What is searchable now, of an index that is degraded too; None where nothing is."""
    try:
        live, reader = Generations(settings.index).open(engines.get(settings.engine).reader)
    except IndexUnavailable:
        return None
    reader.close()
    return read(live.directory, live.manifest.engine, live.quarantined)


def read(directory: Path, engine: str, without: frozenset[str] = frozenset()) -> State:
    """What a generation has, but for what needs certain files."""
    reader = engines.get(engine).reader(directory, without)
    found = {}
    for summary in reader.summaries():
        document = reader.document(summary.id)
        text = document.text if document else "it is listed and not there"
        digest = hashlib.sha256(text.encode()).hexdigest()
        found[f"{summary.path}#{summary.key}".rstrip("#")] = (summary.id, digest)
    reader.close()
    return found


def opening_seconds(settings: Settings) -> float:
    """How long it takes until the index answers, in processor seconds."""
    began = time.process_time()
    with suppress(IndexUnavailable):
        _, reader = Generations(settings.index).open(engines.get(settings.engine).reader)
        reader.close()
    return time.process_time() - began


def copy_with_links(source: Path, target: Path) -> None:
    """Copy a folder; files that are one file there are one file here."""
    copied: dict[int, Path] = {}
    target.mkdir(parents=True)
    for path in sorted(source.rglob("*")):
        other = target / path.relative_to(source)
        if path.is_dir():
            other.mkdir()
        elif (inode := path.stat().st_ino) in copied:
            other.hardlink_to(copied[inode])
        else:
            shutil.copy2(path, other)
            copied[inode] = other


def size_of(folder: Path) -> int:
    """Bytes on the disk below a folder, hard links counted once."""
    sizes = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        sizes[status.st_ino] = status.st_size
    return sum(sizes.values())


def write(settings: Settings, name: str, text: str) -> None:
    """Write a document that is not too young to be trusted."""
    path = settings.corpus / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(settings: Settings) -> None:
    """One run."""
    running.run(settings)


@contextmanager
def inline() -> Iterator[None]:
    """Read in this process; small segments count as large; no file is too young."""
    from search_service import corpus

    changes = (
        (building, "Pool", Inline),
        (running, "early_worker", lambda *_: nullcontext()),
        (building, "WORTH", 1),
        (corpus, "SETTLED_NS", 0),
        (policy, "SMALL", policy.SMALL),
        (policy, "choose", policy.choose),
    )
    kept = [(module, name, getattr(module, name)) for module, name, _ in changes]
    for module, name, value in changes:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in kept:
            setattr(module, name, value)


def worlds(root: Path, rng: random.Random) -> Iterator[World]:
    """First build, update, delete, merge, rebuild, forget: each with its index before."""

    def fresh(name: str) -> Settings:
        settings = Settings(corpus=root / name / "corpus", index=root / name / "index")
        settings.corpus.mkdir(parents=True)
        for number in range(3):
            write(settings, f"d{number}.txt", prose(rng))
        return settings

    first = fresh("first build")
    yield _world(first, run)

    update = fresh("update")
    for _ in range(2):
        run(update)
        write(update, "d1.txt", prose(rng))
        write(update, "sub/new.txt", prose(rng))
    (update.corpus / "d2.txt").rename(update.corpus / "moved.txt")
    yield _world(update, run)

    delete = fresh("delete")
    run(delete)
    (delete.corpus / "d0.txt").unlink()
    yield _world(delete, run)

    merge = fresh("merge")
    small, policy.SMALL = policy.SMALL, 1  # So that merging is a run of its own, after publishing.
    try:
        for number in range(6):
            write(merge, f"more{number}.txt", prose(rng))
            if number < 5:
                run(merge)
        yield _world(merge, run)
    finally:
        policy.SMALL = small

    rebuild = fresh("rebuild")
    run(rebuild)
    write(rebuild, "d0.txt", prose(rng))
    yield _world(rebuild, lambda settings: running.run(settings, full=True))

    forget = fresh("forget")
    run(forget)
    withdrawn = (state_of(forget) or {})["d1.txt"][0]
    yield _world(forget, lambda settings: withdrawing.forget(settings, withdrawn))


def shared(root: Path, rng: random.Random) -> World:
    """An archive of two generations that share two segments, each with one of its own.

    Nothing is merged in it, and what is deleted is in files that are shared, or not.
    """
    vars(policy)["choose"] = lambda *_, **__: []  # `inline` puts it back.
    settings = Settings(corpus=root / "shared" / "corpus", index=root / "shared" / "index")
    for names in ("abc", "de", "f"):
        for name in names:
            write(settings, f"{name}.txt", prose(rng))
        if names == "de":
            (settings.corpus / "c.txt").unlink()
        if names == "f":
            write(settings, "b.txt", prose(rng))
            world = World("shared", settings, run, state_of(settings))
        run(settings)
    world.after = state_of(settings)
    world.saved = root / "shared" / "saved"
    copy_with_links(settings.index, world.saved / "index")
    copy_with_links(settings.corpus / FOLDER, world.saved / "ledger")
    return world


def _world(settings: Settings, change: Callable[[Settings], object]) -> World:
    name = settings.index.parent.name
    world = World(name, settings, change, saved=settings.index.parent / "saved")
    for live, kept in ((settings.index, "index"), (settings.corpus / FOLDER, "ledger")):
        if live.exists():
            copy_with_links(live, world.saved / kept)
    world.before = state_of(settings)
    change(settings)
    world.after = state_of(settings)
    assert world.before != world.after
    world.restore()
    return world


def in_child(work: Callable[[], None]) -> int:
    """Do something in a forked process; its exit code, or minus the signal that ended it."""
    child = os.fork()
    if not child:
        code = 70
        try:
            code = _guarded(work)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


REPORTED = 3
"""Exit code of a child whose error was one made on purpose."""


def _guarded(work: Callable[[], None]) -> int:
    import traceback

    from search_service.errors import SearchServiceError

    try:
        work()
    except SearchServiceError:
        return REPORTED
    except BaseException:  # noqa: BLE001 -- told, and judged by its code
        traceback.print_exc()
        return 70
    return 0

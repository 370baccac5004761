"""Where an index keeps its generations, and how one is published: all of it or nothing.

    index/CURRENT            the name of the live generation, and a seal
    index/00000012/          a generation: the engine's files, `files.json`, `manifest.json`
    index/00000011/          the one before, kept to fall back on
    index/lock               held by the one process that writes

A generation is written beside the live one, put on the disk file by file and folder by folder,
and goes live with the renaming of `CURRENT`. It is never changed afterwards; files that two
generations share are hard links. The manifest has the size and SHA-256 of every file, computed
while it was written: a copy of the file's own damage can not bless it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from typing import Any, TypeVar

import orjson

from search_service.durable import hash_file, sync_folder, write_file
from search_service.errors import IndexDamaged, IndexLocked, IndexUnavailable, RunFailed

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
_ORPHANS_TAKE = 5.0
"""Seconds for which the children of a killed run may still hold its lock."""
LOCK = "lock"

SMALL = 1 << 18
"""Files up to this size in bytes are hashed whenever a generation is opened. Larger ones, which
hold postings and text, are hashed in the background and by `check`."""

Reader = TypeVar("Reader")

_NAME = re.compile(r"[0-9]{8}")


_FULL = (ENOSPC, EDQUOT, EFBIG)


@contextmanager
def telling() -> Iterator[None]:
    """Raise `RunFailed` with the cure for what the system refuses: a full disk, a broken one."""
    try:
        yield
    except OSError as problem:
        cure = "make room" if problem.errno in _FULL else "see to that"
        raise RunFailed(
            f"the run stopped ({problem}): {cure}, and run it again; what was searchable still is"
        ) from problem


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of. Its `seal` proves that it is as it was written."""

    generation: str
    made: str
    """When, in ISO 8601, UTC."""
    engine: str
    fingerprint: str
    """Of the schema, of the analysers and of what reads files: another one asks for a rebuild."""
    corrections: str
    """SHA-256 of the owner's `metadata.csv`; empty where there is none."""
    files: Mapping[str, tuple[int, str]]
    """Path within the generation -> (size in bytes, SHA-256)."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """What else the engine told when it had written them."""

    @property
    def seal(self) -> str:
        """The SHA-256 of all the rest."""
        return _seal(self._body())

    def dump(self) -> bytes:
        """As JSON with its seal."""
        return orjson.dumps(self._body() | {"seal": self.seal}, option=orjson.OPT_INDENT_2)

    def _body(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def parse(data: bytes) -> Manifest:
        """Read what `dump` wrote. Raises `ValueError` for anything else."""
        body = orjson.loads(data)
        if not isinstance(body, dict) or body.pop("seal", None) != _seal(body):
            raise ValueError("its seal is broken")
        files = {name: (size, digest) for name, (size, digest) in body.pop("files").items()}
        return Manifest(files=files, **body)


@dataclass(frozen=True, slots=True)
class Live:
    """The generation that answers now."""

    name: str
    directory: Path
    manifest: Manifest
    degraded: tuple[str, ...] = ()
    """Why it is not the one that it should be, in words; empty when all is well."""
    quarantined: frozenset[str] = frozenset()
    """Damaged files that no other generation has whole: it is opened without them."""


class Generations:
    """The generations of one index folder."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self._asked: bytes | None = None
        self._live: Live | None = None
        self._damaged: dict[str, dict[str, str]] = {}
        """Generation -> damaged file -> what is wrong with it, as found in the background."""
        self._whole: set[tuple[int, str]] = set()
        """(inode, SHA-256) of files that were verified in the background: not again."""
        self._unusable: dict[str, str] = {}
        """Generation -> why it could not be opened."""

    def current(self) -> Live:
        """The generation to serve: the published one, or if it is damaged the one before.

        Asked before each request: as long as `CURRENT` is the same it costs reading a few bytes.
        Raises `IndexUnavailable` where nothing may be served.
        """
        pointer = self._pointer()
        while self._live is None or pointer != self._asked:
            self._damaged.clear()
            self._unusable.clear()
            self._asked = pointer
            try:
                self._live = self._choose(pointer)
            except IndexUnavailable:
                self._live = None
                if pointer == (pointer := self._pointer()):
                    raise
        return self._live

    def open(self, opener: Callable[[Path, frozenset[str]], Reader]) -> tuple[Live, Reader]:
        """Open the live generation with an engine's `reader`.

        A generation that is removed meanwhile, because two newer ones were published, is no
        error: the newer one is opened.
        """
        while True:
            live = self.current()
            try:
                return live, opener(live.directory, live.quarantined)
            except (OSError, IndexDamaged) as problem:
                if self._pointer() == self._asked:
                    self._unusable[live.name] = str(problem)
                    self._live = self._choose(self._asked)

    def names(self) -> list[str]:
        """All generations with a manifest, the newest first."""
        with suppress(FileNotFoundError):
            return sorted(
                (
                    entry.name
                    for entry in os.scandir(self.index)
                    if _NAME.fullmatch(entry.name) and self._manifest_path(entry.name).exists()
                ),
                reverse=True,
            )
        return []

    def manifest(self, name: str) -> Manifest:
        """The manifest of a generation. Raises `IndexDamaged`."""
        path = self._manifest_path(name)
        try:
            manifest = Manifest.parse(path.read_bytes())
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise IndexDamaged(f"{path} is damaged ({problem}): run the index command") from None
        if manifest.generation != name:
            raise IndexDamaged(f"{path} is of another generation: run the index command")
        return manifest

    def verify(self, name: str, *, bulk: bool = False) -> Manifest:
        """Compare a generation with its manifest, large files too if `bulk`.

        Raises `IndexDamaged`, which names every file that is not what it was.
        """
        manifest = self.manifest(name)
        damages = self.damages(manifest, bulk=bulk)
        if damages:
            raise IndexDamaged(f"{'; '.join(damages.values())}: run the index command")
        return manifest

    def damages(self, manifest: Manifest, *, bulk: bool) -> dict[str, str]:
        """Every file that is not what the manifest says, with what is wrong, in words."""
        found = {}
        folder = self.index / manifest.generation
        for name, (size, digest) in manifest.files.items():
            path = folder / name
            try:
                actual = path.stat().st_size
                if actual != size:
                    found[name] = f"{path} has {actual} bytes instead of {size}"
                elif (bulk or size <= SMALL) and hash_file(path) != (size, digest):
                    found[name] = f"{path} has changed since it was written"
            except (OSError, IndexDamaged) as problem:
                found[name] = f"{path} cannot be read ({problem})"
        return found

    def verify_in_background(self) -> None:
        """Hash all files of the live generation, and if one is damaged of the others too.

        `current` then answers with the generation before, or if the damaged file is its own too,
        without what needs that file; and says so in `degraded`.
        """
        try:
            live = self.current()
        except IndexUnavailable:
            return  # Whoever asks next is told.
        if self._news(live.manifest).keys() <= live.quarantined:
            return
        for name in self.names():
            with suppress(IndexDamaged):
                self._damaged[name] = self.damages(self.manifest(name), bulk=True)
        self._live = self._choose(self._asked)

    def _news(self, manifest: Manifest) -> dict[str, str]:
        """Damages among the files that were not verified before."""
        folder = self.index / manifest.generation
        files = {}
        for name, (size, digest) in manifest.files.items():
            with suppress(FileNotFoundError):
                if ((folder / name).stat().st_ino, digest) not in self._whole:
                    files[name] = (size, digest)
        found = self.damages(replace(manifest, files=files), bulk=True)
        for name, (_, digest) in files.items():
            with suppress(FileNotFoundError):
                if name not in found:
                    self._whole.add(((folder / name).stat().st_ino, digest))
        return found

    @contextmanager
    def lock(self) -> Iterator[int]:
        """Be the only process that writes this index. Raises `IndexLocked` with the owner's pid.

        The system gives the lock back when its owner dies, however it dies. Yields the lock's
        file descriptor, for child processes to close: a child that lives on would hold it too.
        """
        self.index.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.index / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._take(handle)
            os.ftruncate(handle, 0)
            os.pwrite(handle, b"%d\n" % os.getpid(), 0)
            yield handle
        finally:
            os.close(handle)

    def _take(self, handle: int) -> None:
        """Lock a file, or raise `IndexLocked`.

        A process that was killed may leave children that have not yet learnt of it and hold its
        lock for some milliseconds more: those are waited for, a living owner is not.
        """
        patience = time.monotonic() + _ORPHANS_TAKE
        while True:
            with suppress(BlockingIOError):
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            owner = os.pread(handle, 20, 0).decode(errors="replace").strip()
            if _lives(owner) or time.monotonic() > patience:
                raise IndexLocked(
                    f"process {owner or 'unknown'} is writing {self.index}: wait until it is done"
                )
            time.sleep(0.01)

    def begin(self) -> Path:
        """An empty folder for a new generation; call it with the lock held."""
        numbers = [int(path.name) for path in self.index.iterdir() if _NAME.fullmatch(path.name)]
        directory = self.index / f"{max(numbers, default=0) + 1:08d}"
        directory.mkdir()
        return directory

    def tidy(self) -> None:
        """Remove what an interrupted run has left behind; call it with the lock held."""
        self.clean(self.kept())
        for path in self.index.glob(f".{CURRENT}.*"):
            path.unlink()

    def publish(self, manifest: Manifest, *, replacing: str = "") -> None:
        """Make a complete generation the live one, and remove those before the last.

        Its files are on the disk already; `manifest` lists them. Where it has the same documents
        as the live one, written otherwise, it replaces that, and the one before that is kept.
        Call it with the lock held.
        """
        folder = self.index / manifest.generation
        before = self.named()
        if replacing:
            before = next((name for name in self.names() if name < replacing), None)
        write_file(folder / MANIFEST, [manifest.dump()])
        for parent in sorted({(folder / name).parent for name in manifest.files} | {folder}):
            sync_folder(parent)
        sync_folder(self.index)
        self.point(manifest)
        self.clean({manifest.generation, before or ""})

    def point(self, manifest: Manifest) -> None:
        """Let `CURRENT` name this generation: the one moment in which anything changes."""
        write_file(self.index / CURRENT, [_pointer(manifest)])
        sync_folder(self.index)

    def kept(self) -> set[str]:
        """The live generation and the one before it, by `CURRENT` and the manifests."""
        names = self.names()
        live = self.named()
        older = [name for name in names if live is None or name < live]
        return {*names[:1], *older[:1], *([live] if live else [])}

    def clean(self, keep: set[str]) -> None:
        """Remove every generation but these. Readers may still have them open."""
        for entry in list(os.scandir(self.index)):
            if _NAME.fullmatch(entry.name) and entry.name not in keep:
                self.remove(entry.name)

    def remove(self, name: str) -> None:
        """Remove a generation, its manifest first: half of one is none."""
        self._manifest_path(name).unlink(missing_ok=True)
        shutil.rmtree(self.index / name)

    def _manifest_path(self, name: str) -> Path:
        return self.index / name / MANIFEST

    def _pointer(self) -> bytes | None:
        try:
            return (self.index / CURRENT).read_bytes()
        except OSError:
            return None

    def named(self) -> str | None:
        """The generation that `CURRENT` names, if its seal and its manifest are whole."""
        pointer = self._pointer()
        name = (pointer or b"")[:8].decode(errors="replace")
        if _NAME.fullmatch(name):
            with suppress(IndexDamaged):
                return name if _pointer(self.manifest(name)) == pointer else None
        return None

    def _choose(self, pointer: bytes | None) -> Live:
        """The published generation if it is whole, or another, or what is left of one."""
        reasons = []
        named = self.named()
        if pointer is not None and named is None:
            reasons.append(f"{self.index / CURRENT} or what it names is damaged")
        names = self.names()
        if named is not None:
            names.sort(key=lambda name: name != named)
        partial: Live | None = None
        for name in names:
            if name in self._unusable:
                reasons.append(self._unusable[name])
                continue
            try:
                manifest = self.manifest(name)
            except IndexDamaged as damage:
                reasons.append(str(damage))
                continue
            found = self.damages(manifest, bulk=False) | self._damaged.get(name, {})
            if not found:
                return Live(name, self.index / name, manifest, tuple(reasons))
            reasons.extend(found.values())
            partial = partial or Live(
                name, self.index / name, manifest, quarantined=frozenset(found)
            )
        if partial is not None:
            return replace(partial, degraded=tuple(reasons))
        if reasons:
            raise IndexUnavailable(f"{'; '.join(reasons)}: run the index command")
        raise IndexUnavailable(f"there is no index in {self.index}: run the index command")


def _seal(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _pointer(manifest: Manifest) -> bytes:
    """`CURRENT`'s bytes: with the seal, a flipped bit can not name another generation."""
    return f"{manifest.generation} {manifest.seal[:16]}\n".encode()


def _lives(owner: str) -> bool:
    """Whether a process is there; an owner that has not yet written its number is taken to be."""
    if not owner.isdigit():
        return True
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

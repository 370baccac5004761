"""Where an index keeps its generations, and how one is published: all of it or nothing.

    index/CURRENT            the name of the live generation, and a seal
    index/00000012/          a generation: the engine's files, `files.json`, `manifest.json`
    index/00000011/          the one before, kept to fall back on
    index/lock               held by the one process that writes

A generation is written beside the live one, put on the disk file by file and folder by folder,
and goes live with the renaming of `CURRENT`. It is never changed afterwards; files that two
generations share are hard links.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from search_service.durable import sync_folder, write_file
from search_service.errors import IndexDamaged, IndexUnavailable
from search_service.locking import only_writer
from search_service.manifest import ALONE, MANIFEST, Manifest

CURRENT = "CURRENT"

Reader = TypeVar("Reader")

_NAME = re.compile(r"[0-9]{8}")


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
                if self._pointer() != self._asked:
                    continue
                self.verify_all()  # A damaged file is left aside, and the rest can be opened.
                if self._live == live:
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
        return Manifest.read(self.index / name)

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
        return manifest.damages(self.index / manifest.generation, bulk=bulk)

    def verify_all(self) -> None:
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

    def drop_damaged(self) -> None:
        """Remove what could not be fallen back on; call it with the lock held."""
        live = self.current()
        for name in self.names():
            if name != live.name:
                try:
                    self.verify(name, bulk=True)
                except IndexDamaged:
                    self.remove(name)

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

    def lock(self) -> AbstractContextManager[int]:
        """Be the only process that writes this index: see `only_writer`."""
        return only_writer(self.index)

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

    def publish(self, manifest: Manifest, *, keep: str = "") -> None:
        """Make a complete generation the live one, and remove all others but `keep`.

        Its files are on the disk already; `manifest` lists them. `keep` is what to fall back on:
        the generation that this one goes on from, if that is whole. Call it with the lock held.
        """
        folder = self.index / manifest.generation
        # The names of the files before the manifest's: a power cut between them must not leave a
        # manifest whose files are not there, which where nothing else is would be served.
        for parent in sorted({(folder / name).parent for name in manifest.files} | {folder}):
            sync_folder(parent)
        write_file(folder / MANIFEST, [manifest.dump()])
        sync_folder(folder)
        sync_folder(self.index)
        self.point(manifest)
        with suppress(OSError):  # It is published; what cannot be removed is left to `tidy`.
            self.clean({manifest.generation, keep})

    def abandon(self, directory: Path) -> None:
        """Remove a generation in the making, unless `CURRENT` names it already."""
        if self.named() != directory.name:
            self.remove(directory.name)

    def point(self, manifest: Manifest) -> None:
        """Let `CURRENT` name this generation: the one moment in which anything changes."""
        write_file(self.index / CURRENT, [manifest.pointer])
        sync_folder(self.index)

    def kept(self) -> set[str]:
        """The live generation, the one before it and the newest; all, if `CURRENT` is damaged."""
        names = self.names()
        live = self.named()
        if live is None:
            return set(names)  # Whichever of them is whole serves.
        older = [name for name in names if name < live]
        if self.manifest(live).state.get(ALONE):
            older.clear()
        newer = [name for name in names if name > live]
        return {live, *newer[:1], *older[:1]}

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
                return name if self.manifest(name).pointer == pointer else None
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
        partial: list[Live] = []
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
            partial.append(Live(name, self.index / name, manifest, quarantined=frozenset(found)))
        if partial:
            # Where a segment that they share is damaged and a file of the newest is too, the one
            # before has more to give.
            best = min(partial, key=lambda live: len(live.quarantined))
            return replace(best, degraded=tuple(reasons))
        if reasons:
            raise IndexUnavailable(f"{'; '.join(reasons)}: run the index command")
        raise IndexUnavailable(f"there is no index in {self.index}: run the index command")

"""Power loss: what was not fsynced is lost, halved or zeroed, and renamings are undone.

A run's operations are recorded with the contents of its files. For a point among them the disk is
then made as a power cut there might leave it: a file has what its last fsync put on the disk, and
of what came after it all, nothing, half, or zeroes; a folder has the names that its last fsync put
there, and of later changes some. This is a model; no plug was pulled.
"""

from __future__ import annotations

import os
import random
import shutil
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.faults.crashes import judge
from tests.faults.shim import Shim
from tests.faults.tally import Tally
from tests.faults.world import World, in_child, inline, worlds

Event = tuple[str, str, Any]
"""Kind, path, and what it takes to do it again."""


def record(world: World) -> tuple[Disk, list[Event]]:
    """The disk before a change, and the operations of that in order."""
    world.restore()
    disk = Disk(world.roots)
    disk.load()
    log = world.saved.parent / "events.jsonl"
    log.unlink(missing_ok=True)

    def work() -> None:
        events: list[Event] = []
        lives: dict[int, int] = {}

        def identity(inode: int) -> int:
            """An inode's number is given again when its file is gone: this one is not."""
            return lives.get(inode, 0) * 10**12 + inode

        def before(kind: str, path: str, _: Any) -> None:
            if kind in {"unlink", "rename"} and Path(path).exists():
                status = Path(path).stat()
                if status.st_nlink == 1:
                    lives[status.st_ino] = lives.get(status.st_ino, 0) + 1

        def after(kind: str, path: str, detail: Any) -> None:
            if kind in {"write", "ftruncate", "pwrite", "create"}:
                handle = detail[0] if isinstance(detail, tuple) else detail
                with Path(f"/proc/self/fd/{handle}").open("rb") as file:
                    data = file.read().decode("latin-1")
                events.append(("data", path, [identity(os.fstat(handle).st_ino), data]))
            elif kind == "fsync":
                folder = Path(path).is_dir()
                inode = identity(os.fstat(detail[0]).st_ino)
                events.append(("sync folder" if folder else "sync", path, inode))
            elif kind == "link":
                events.append((kind, path, [detail, identity(Path(path).stat().st_ino)]))
            else:
                events.append((kind, path, detail))

        Shim(world.roots, before, after).install()
        world.change(world.settings)
        log.write_bytes(orjson.dumps(events))

    assert in_child(work) == 0, world.name
    return disk, [(kind, path, more) for kind, path, more in orjson.loads(log.read_bytes())]


@dataclass
class Disk:
    """What is on the disk for certain, and what is on its way there."""

    roots: tuple[Path, ...]
    inodes: dict[int, list[bytes]] = field(default_factory=dict)
    """Inode -> contents, the durable one first, then each later one."""
    names: dict[str, dict[str, int | None]] = field(default_factory=dict)
    """Folder -> name -> inode, or None for a folder: what is durable."""
    pending: dict[str, list[tuple[tuple[str, int | None, bool], ...]]] = field(default_factory=dict)
    """Folder -> changes of its names since, each of (name, inode, whether it is there)."""

    written: dict[int, str] = field(default_factory=dict)
    """Inode -> where `crash` has written it first."""

    def load(self) -> None:
        """All that lies below the roots now is durable."""
        for root in self.roots:
            self._folder(root)
            for path in sorted(root.rglob("*")) if root.exists() else ():
                if path.is_dir():
                    self._folder(path)
                else:
                    inode = path.stat().st_ino
                    self.inodes[inode] = [path.read_bytes()]
                    self.names[os.fspath(path.parent)][path.name] = inode

    def _folder(self, path: Path) -> None:
        if path.exists():
            self.names.setdefault(os.fspath(path), {})
        above = os.fspath(path.parent)
        if above in self.names:
            self.names[above][path.name] = None

    def take(self, event: Event) -> None:
        """An operation happens."""
        kind, path, detail = event
        folder, name = os.path.split(path)
        if kind == "data":
            inode, text = detail
            known = self.inodes.setdefault(inode, [b""])
            known.append(text.encode("latin-1"))
            if self._lookup(path) != inode:
                self._change(folder, (name, inode, True))
        elif kind == "sync":
            self.inodes[detail] = self.inodes.get(detail, [b""])[-1:]
        elif kind == "sync folder":
            for change in self.pending.pop(path, []):
                self._apply(self.names.setdefault(path, {}), change)
        elif kind == "rename":
            self._rename(detail, path)
        else:
            inode = detail[1] if kind == "link" else None
            self._change(folder, (name, inode, kind in {"mkdir", "link"}))

    def _rename(self, source: str, target: str) -> None:
        above, old = os.path.split(source)
        folder, name = os.path.split(target)
        inode = self._lookup(source)
        if above == folder:
            self._change(folder, (old, None, False), (name, inode, True))
        else:
            self._change(above, (old, None, False))
            self._change(folder, (name, inode, True))

    def _change(self, folder: str, *changes: tuple[str, int | None, bool]) -> None:
        self.pending.setdefault(folder, []).append(changes)

    @staticmethod
    def _apply(
        names: dict[str, int | None], changes: tuple[tuple[str, int | None, bool], ...]
    ) -> None:
        for name, inode, there in changes:
            if there:
                names[name] = inode
            else:
                names.pop(name, None)

    def _lookup(self, path: str) -> int | None:
        folder, name = os.path.split(path)
        found = self.names.get(folder, {}).get(name)
        for changes in self.pending.get(folder, []):
            for each, inode, there in changes:
                if each == name:
                    found = inode if there else None
        return found

    def crash(self, rng: random.Random) -> None:
        """Make the folders on the real disk what a power cut now might leave."""
        contents = {inode: _left(versions, rng) for inode, versions in self.inodes.items()}
        in_order = rng.random() < 0.5
        for root in self.roots:
            shutil.rmtree(root, ignore_errors=True)
        folders = {}
        for folder in {*self.names, *self.pending}:
            names = dict(self.names.get(folder, {}))
            changes = self.pending.get(folder, [])
            kept = rng.randrange(len(changes) + 1) if in_order else None
            for number, change in enumerate(changes):
                if number < kept if kept is not None else rng.random() < 0.5:
                    self._apply(names, change)
            folders[folder] = names
        for root in self.roots:
            if os.fspath(root) in folders:
                self._write(os.fspath(root), folders, contents)

    def _write(
        self, folder: str, folders: dict[str, dict[str, int | None]], contents: dict[int, bytes]
    ) -> None:
        Path(folder).mkdir(parents=True)
        written = self.written
        for name, inode in folders.get(folder, {}).items():
            path = f"{folder}/{name}"
            if inode is None:
                self._write(path, folders, contents)
            elif inode in written:
                Path(path).hardlink_to(written[inode])
            else:
                Path(path).write_bytes(contents.get(inode, b""))
                written[inode] = path


def _left(versions: list[bytes], rng: random.Random) -> bytes:
    """What is left of a file whose later contents were on their way to the disk."""
    if len(versions) == 1:
        return versions[0]
    durable, last = versions[0], rng.choice(versions)
    if not last.startswith(durable):
        return rng.choice([last, durable, last[: len(last) // 2], bytes(len(last)), b""])
    # What was appended is in danger, not what was there.
    tail = last[len(durable) :]
    return durable + rng.choice([tail, b"", tail[: len(tail) // 2], bytes(len(tail))])


def lose_power(root: Path, seed: int, trials: int) -> Tally:
    """A power cut after any operation, and a minute after the last."""
    tally = Tally("power loss, simulated", seed)
    rng = random.Random(seed)
    with inline():
        for world in worlds(root, random.Random(seed)):
            before, events = record(world)
            current = os.fspath(world.settings.index / "CURRENT")
            published = next(
                number
                for number, (kind, path, _) in enumerate(events)
                if kind == "rename" and path == current
            )
            for _ in range(-(-trials // 6)):
                disk = deepcopy(before)
                point = rng.randrange(len(events) + 1) if rng.random() < 0.8 else len(events)
                for event in events[:point]:
                    disk.take(event)
                disk.crash(rng)
                # The folder is synced right after the renaming: then it has happened.
                done = point > published + 1
                problem = judge(world, tally, done=done)
                tally.trial(f"{problem} (cut after {point} of {len(events)})" if problem else None)
    return tally

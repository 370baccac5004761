"""What is in the folder of documents, and what has changed there since the last run.

Nothing is opened here: a scan costs one `lstat` a file, so that twenty thousand unchanged files
are passed in a fraction of a second. Nothing that a folder can hold makes a scan fail either:
what cannot be read is named with the reason.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from errno import ELOOP
from pathlib import Path
from typing import NamedTuple

from search_service.errors import InvalidValue
from search_service.formats import FORMATS

OVERRIDES_FILE = "metadata.csv"
SYNONYMS_FILE = "synonyms.txt"
_SUFFIXES = tuple(suffix for suffixes in FORMATS.values() for suffix in suffixes)
_OWNER_FILES = (OVERRIDES_FILE, SYNONYMS_FILE)
"""The owner's corrections, in the root of the folder: no document."""
_ODD = frozenset((".", "~", *(name[0] for name in _OWNER_FILES)))
"""What the names begin with that may be passed over."""

SETTLED_NS = 2 * 10**9
"""File systems stamp changes as coarsely as two seconds (FAT): a file that was younger when it
was looked at may have changed afterwards without looking different."""

_KIND = 0o170000
_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


class FileState(NamedTuple):
    """How a file looks from outside. Equal states mean equal contents, if `settled`."""

    path: str
    """Relative to the corpus, with `/`."""
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    def settled(self, moment_ns: int) -> bool:
        """Whether a change after `moment_ns` would show: not so just after a change.

        A stamp of the year 2100 is settled: a later change would not have it.
        """
        return all(abs(moment_ns - stamp) >= SETTLED_NS for stamp in (self.mtime_ns, self.ctime_ns))


class LeftOut(NamedTuple):
    """Something in the folder that is no document, and why, with what to do."""

    path: str
    reason: str


@dataclass(slots=True)
class Scan:
    """What one look at the folder found."""

    files: dict[str, FileState] = field(default_factory=dict)
    """By path, in order of path."""
    left_out: list[LeftOut] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """Folders that could not be listed, each ended by `/`: what was in them is not gone."""

    def hides(self, path: str) -> bool:
        """Whether a path lies in a folder that could not be listed."""
        return any(path.startswith(folder) for folder in self.unreadable)


def scan(root: Path) -> Scan:
    """Look at everything below `root`. Raises `InvalidValue` where that is no folder.

    Hidden folders and files, the owner's `metadata.csv` and `synonyms.txt`, and the lock files of
    office programs are passed over in silence; a hidden file that could be a document is named.
    Links are never followed: one that leads to a place inside the folder would show a document
    twice, and one that leads out of it would publish what was not put there.
    """
    found = Scan()
    try:
        top = os.path.realpath(root, strict=True)
        entries = _entries(top)
    except OSError as problem:
        raise InvalidValue(
            "corpus", str(root), f"it must be a folder that can be read ({problem.strerror})"
        ) from None
    stack = [("", entries)]
    # Nearly all entries are files with plain names: for those nothing more is called than must be.
    files = found.files
    make = tuple.__new__
    while stack:
        prefix, entries = stack.pop()
        for entry in entries:
            name = entry.name
            path = prefix + name
            if name[0] in _ODD and _is_passed_over(found, prefix, name):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
                if status.st_mode & _KIND == stat.S_IFREG and path.isascii():
                    looks = (
                        path,
                        status.st_size,
                        status.st_mtime_ns,
                        status.st_ctime_ns,
                        status.st_ino,
                    )
                    files[path] = make(FileState, looks)
                elif _look(found, path, entry, status, top):
                    stack.append((path + "/", _entries(entry.path)))
            except FileNotFoundError:
                continue  # Removed while we looked: the next run would not see it either.
            except OSError as problem:
                found.left_out.append(LeftOut(path, unreadable(problem)))
                found.unreadable.append(path + "/")
    found.files = {path: files[path] for path in sorted(files)}
    found.left_out.sort()
    return found


def _is_passed_over(found: Scan, prefix: str, name: str) -> bool:
    """Whether an entry is no document, or hidden: then it is named if it could be one."""
    if name.startswith(".") and name.lower().endswith(_SUFFIXES):
        found.left_out.append(LeftOut(prefix + name, "its name begins with a dot: rename it"))
    return name.startswith((".", "~$")) or (not prefix and name in _OWNER_FILES)


def _look(
    found: Scan, path: str, entry: os.DirEntry[str], status: os.stat_result, top: str
) -> bool:
    """Take one entry into `found`; whether it is a folder, to be looked into."""
    try:
        path.encode()
    except UnicodeEncodeError:
        shown = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
        found.left_out.append(LeftOut(shown, "its name is not UTF-8: rename it"))
        return False
    if stat.S_ISREG(status.st_mode):
        found.files[path] = FileState(
            path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
        )
    elif not stat.S_ISDIR(status.st_mode):
        found.left_out.append(LeftOut(path, _no_file(entry, status.st_mode, top)))
    return stat.S_ISDIR(status.st_mode)


def unreadable(problem: OSError) -> str:
    """The reason and cure for a file that the system does not let us read."""
    if isinstance(problem, PermissionError):
        return "it may not be read: give the service's user the right to"
    return f"it cannot be read: {problem.strerror or problem}"


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _no_file(entry: os.DirEntry[str], mode: int, top: str) -> str:
    if not stat.S_ISLNK(mode):
        return f"it is {_KINDS.get(stat.S_IFMT(mode), 'no file')}: remove it"
    try:
        target = os.path.realpath(entry.path, strict=True)
    except OSError as problem:
        return (
            f"it is a link {'in a circle' if problem.errno == ELOOP else 'to nothing'}: remove it"
        )
    if os.path.commonpath([top, target]) == top:
        return f"it is a link to {os.path.relpath(target, top)}, which is read where it is"
    return "it is a link out of the folder: put the file itself here"


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between two looks at the folder, each list in order of path."""

    new: tuple[FileState, ...]
    changed: tuple[FileState, ...]
    """Also those that had been too young to tell."""
    renamed: tuple[tuple[str, FileState], ...]
    """(old path, file): the same inode with the same content stamps under another name."""
    gone: tuple[str, ...]
    hidden: tuple[str, ...]
    """In a folder that could not be listed this time: neither gone nor known to be unchanged."""
    unchanged: int

    @property
    def none(self) -> bool:
        """Whether there is nothing to read and nothing to take away."""
        return not (self.new or self.changed or self.renamed or self.gone)


def compare(
    previous: Mapping[str, FileState], now: Scan, unsettled: frozenset[str] = frozenset()
) -> Changes:
    """What changed between `previous` and `now`; `unsettled` paths count as changed."""
    files = now.files
    missing = [path for path in previous if path not in files]
    hidden = tuple(path for path in missing if now.hides(path))
    departed = {}
    if missing:
        concealed = frozenset(hidden)
        departed = {_content(previous[path]): path for path in missing if path not in concealed}
    new, changed, renamed = [], [], []
    for path, state in files.items():
        before = previous.get(path)
        if before is None:
            old = departed.pop(_content(state), None) if departed else None
            if old is None:
                new.append(state)
            else:
                renamed.append((old, state))
        elif before != state or path in unsettled:
            changed.append(state)
    known = len(files) - len(new) - len(changed) - len(renamed)
    moved = {old for old, _ in renamed}.union(hidden)
    gone = tuple(path for path in missing if path not in moved)
    return Changes(tuple(new), tuple(changed), tuple(renamed), gone, hidden, known)


def _content(state: FileState) -> tuple[int, int, int]:
    """What a renaming leaves as it is (it does change `ctime_ns`)."""
    return state.inode, state.size, state.mtime_ns

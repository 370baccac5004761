"""When the indexer runs: by an interval, by a crontab line, on changes in the folder, on request.

What comes due while a run is under way is merged: a point in time that passes meanwhile is that
run, a change or a request which comes meanwhile leads to one more. Runs that were missed, because
nothing was running or the machine slept, are caught up by one.

Each run is a process of its own, so that the scheduler stays small and outlives whatever happens.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

from search_service import drift, runs, suspicion
from search_service.errors import IndexLocked, InvalidValue, RunFailed, SearchServiceError
from search_service.schedule import spool
from search_service.schedule.spool import Presence, Scheduler
from search_service.settings import Settings

TICK = 0.5
"""Seconds between two looks at the clock and at the spool folder."""
RETRY = 5.0
"""Seconds after which a run is tried again when another process was writing the index."""

SAME = 5.0
"""Seconds between two looks whether the watched folder is still the one that has its name."""
LOOK = 60.0
"""Seconds between two looks at what a run would change."""
_LONGEST = 600.0
"""Seconds after which such a look is given up."""

_REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "vboxsf", "fuse.sshfs", "afs"})
"""File systems that tell nothing of what other machines change."""
_POLL = timedelta(seconds=10)


class Times(Protocol):
    """Points in time at which a run is due."""

    @property
    def text(self) -> str:
        """As people say it."""

    def next(self, after: datetime) -> datetime:
        """The first one after a moment."""


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, counted from the last run."""

    seconds: float

    @property
    def text(self) -> str:
        """As people say it."""
        return f"every {_said(self.seconds)}"

    def next(self, after: datetime) -> datetime:
        """The first point in time after a moment."""
        return after + timedelta(seconds=self.seconds)


class Cron:
    """A crontab line, in a time zone: `*/15 * * * *`."""

    def __init__(self, line: str, zone: str | None = None) -> None:
        """Raises `InvalidValue` for a line or a time zone that is none."""
        from apscheduler.triggers.cron import CronTrigger

        try:
            self._trigger = CronTrigger.from_crontab(line, timezone=zone)
        except (ValueError, LookupError) as problem:
            raise InvalidValue(
                "--cron", line, f"use five fields such as '*/15 * * * *' ({problem})"
            ) from None
        self._text = f"at {line}" + (f" in {zone}" if zone else "")

    @property
    def text(self) -> str:
        """As people say it."""
        return self._text

    def next(self, after: datetime) -> datetime:
        """The first point in time after a moment."""
        found: datetime | None = self._trigger.get_next_fire_time(
            None, after + timedelta.resolution
        )
        return found or datetime.max.replace(tzinfo=UTC)


@dataclass
class Clock:
    """Tells once when points in time have passed, however the system's clock jumps."""

    times: Times
    since: datetime
    """The last run."""
    _seen: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._seen = self.since

    def due(self, now: datetime) -> bool:
        """Whether a point in time has come since the last run."""
        if now < self._seen:
            # Set back: what was due by the old time is not waited for until that comes again.
            self.since = min(self.since, now)
        self._seen = now
        return self.times.next(self.since) <= now

    def ran(self, now: datetime) -> None:
        """A run has begun."""
        self.since = self._seen = now


class Schedule:
    """Runs the indexer when it is due, until `stop`.

    `index` does a run for the given reasons; it raises `IndexLocked` to be asked again later.
    `compare` looks now and then at what a run would change, for the pages to tell of.
    """

    def __init__(
        self,
        settings: Settings,
        times: Times | None,
        index: Callable[[Settings, tuple[str, ...]], None],
        tell: Callable[[str], None],
        compare: Callable[[Settings], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.changed = threading.Event()
        """Set when something has changed in the folder."""
        self._stop = threading.Event()
        self._times = times
        self._index = index
        self._tell = tell
        self._compare = compare
        self._state = settings.state_folder
        self._watches: list[str] = []
        self._looked_into = 0
        """The suspicion that a run was begun for: one that fails is not begun again and again."""

    def stop(self, *_: object) -> None:
        """End after the run that is under way; also a signal handler."""
        self._stop.set()

    def run(self, *, watch: bool = False, parent: int | None = None) -> None:
        """Run until told to stop, or until the process `parent` has ended.

        Raises `IndexLocked` if there is a scheduler for this index already.
        """
        with spool.present(self._state) as presence, self._watching(watch), self._comparing():
            clock = Clock(self._times, self._last_run()) if self._times else None
            retry = 0.0
            while not self._stop.is_set() and (parent is None or os.getppid() == parent):
                self._say(presence, clock, running=False)
                why, asked = self._reasons(clock)
                if why and time.monotonic() >= retry:
                    self._say(presence, clock, running=True)
                    self.changed.clear()
                    looked_into = self._looked_into
                    self._looked_into = suspicion.noted(self._state)
                    try:
                        self._index(self.settings, why)
                        spool.answered(self._state, asked)
                    except IndexLocked:
                        retry = time.monotonic() + RETRY
                        self._looked_into = looked_into
                        if "a change in the folder" in why:
                            self.changed.set()
                        continue
                    except SearchServiceError as problem:
                        self._tell(str(problem))
                        spool.answered(self._state, asked)
                    if clock:
                        clock.ran(_now())
                else:
                    self._stop.wait(TICK)

    def _reasons(self, clock: Clock | None) -> tuple[tuple[str, ...], list[str]]:
        asked = spool.requests(self._state)
        why = [f"request {name}" for name in asked]
        if suspicion.noted(self._state) not in (0, self._looked_into):
            why.append("damage in the index")
        if self.changed.is_set():
            why.append("a change in the folder")
        if clock and clock.due(_now()):
            why.append(clock.times.text)
        return tuple(why), asked

    def _say(self, presence: Presence, clock: Clock | None, *, running: bool) -> None:
        when = [clock.times.text] if clock else []
        following = ""
        if clock:
            # What was missed is caught up now: before the first run that would be 1970.
            due = max(clock.times.next(clock.since), _now())
            following = due.astimezone(UTC).isoformat(timespec="seconds")
        presence.tell(
            Scheduler(os.getpid(), (*when, *self._watches, "on request"), following, running)
        )

    def _last_run(self) -> datetime:
        """When the index was last looked after: a run that was missed since is caught up."""
        history = runs.history(self._state)
        if not history:
            return datetime.fromtimestamp(0, UTC)
        return min(datetime.fromisoformat(history[0].started), _now())

    @contextmanager
    def _comparing(self) -> Iterator[None]:
        comparer = threading.Thread(target=self._compare_again, daemon=True)
        comparer.start()
        try:
            yield
        finally:
            self._stop.set()
            comparer.join(5)

    def _compare_again(self) -> None:
        """Once a minute, and a twentieth of the time at most: a slow folder is not busy with us."""
        pause = 0.0
        while not self._stop.wait(pause):
            began = time.monotonic()
            self._compare(self.settings)
            pause = max(LOOK, 20 * (time.monotonic() - began))

    @contextmanager
    def _watching(self, wanted: bool) -> Iterator[None]:
        if not wanted:
            yield
            return
        kind = file_system(self.settings.corpus)
        polling = kind in _REMOTE
        self._watches.append("on changes in the folder")
        if polling:
            self._watches[-1] += f", looked for every {_said(_POLL.total_seconds())}"
            self._tell(
                f"{self.settings.corpus} is on {kind}, which tells of no changes: it is looked "
                f"through every {_said(_POLL.total_seconds())}"
            )
        watcher = threading.Thread(target=self._watch, args=(polling,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._stop.set()
            watcher.join(5)

    def _watch(self, polling: bool) -> None:
        from watchfiles import watch

        known = _identity(self.settings.corpus)
        while not self._stop.is_set():
            there = _identity(self.settings.corpus)
            if there != known:
                # A disk was mounted, or a copy put there: what was watched is not what is read.
                known = there
                self.changed.set()
            if there is None:  # Each run tells of it; it is watched when it is there again.
                self._stop.wait(SAME)
                continue
            corpus = self.settings.corpus.resolve()
            depth = len(corpus.parts)

            def counts(_: object, path: str, depth: int = depth) -> bool:
                """Hidden names, among them our own ledger, are no documents."""
                return not any(part.startswith(".") for part in Path(path).parts[depth:])

            try:
                for changes in watch(
                    corpus,
                    watch_filter=counts,
                    debounce=1600,
                    step=200,
                    stop_event=self._stop,
                    rust_timeout=int(SAME * 1000),
                    yield_on_timeout=True,
                    force_polling=polling,
                    poll_delay_ms=int(_POLL.total_seconds() * 1000),
                ):
                    if changes:
                        self.changed.set()
                    if _identity(self.settings.corpus) != known:
                        break
            except FileNotFoundError:
                continue
            except OSError as problem:  # Too many folders for the system to watch.
                self._tell(f"{corpus} cannot be watched ({problem}): it is looked through instead")
                polling = True
                self._stop.wait(RETRY)


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of its name; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def index(settings: Settings, why: tuple[str, ...]) -> None:
    """Do a run in a process of its own. Raises `IndexLocked` and `RunFailed`."""
    process = get_context("spawn").Process(target=_run, args=(settings, why))
    process.start()
    process.join()
    if process.exitcode == _LOCKED:
        raise IndexLocked("another run is writing the index: this one is tried again")
    if process.exitcode:
        last = next(iter(runs.history(settings.state_folder)), None)
        told = last.message if last and last.message else f"it ended with {process.exitcode}"
        raise RunFailed(f"the run failed: {told}")


def compare(settings: Settings) -> None:
    """Look at what a run would change, in a process of its own."""
    from search_service.schedule.comparing import compare_quietly

    process = get_context("spawn").Process(target=compare_quietly, args=(settings,), daemon=True)
    process.start()
    process.join(_LONGEST)
    if process.is_alive():
        process.kill()


_LOCKED = 75
"""The exit code by which a run says that another one is at work (EX_TEMPFAIL)."""


def _run(settings: Settings, why: tuple[str, ...]) -> None:
    from search_service.indexer import recording, running

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The scheduler ends after the run.
    try:
        report = recording.recorded(settings, why, lambda: running.run(settings))
        drift.keep(settings.state_folder, drift.made(failing=report.left_out))
    except IndexLocked:
        sys.exit(_LOCKED)
    except SearchServiceError:
        sys.exit(1)


def file_system(path: Path, mounts: str = "/proc/self/mounts") -> str:
    """The kind of file system that a path is on (`ext4`, `nfs4`); empty where nothing tells."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real = path.resolve()
    best, kind = -1, ""
    for line in lines:
        _, where, found, *_ = line.split(" ")
        # Blanks in the name of a folder are written as \040.
        folder = Path(where.encode().decode("unicode_escape"))
        if real.is_relative_to(folder) and len(folder.parts) >= best:
            best, kind = len(folder.parts), found
    return kind


def _now() -> datetime:
    return datetime.now(UTC)


def _said(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:g}s"

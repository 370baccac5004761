"""Each suite with a bug planted that it must find."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from search_service import corpus, durable, generations, manifest
from search_service.engines.whoosh.store.state import read_state
from search_service.engines.whoosh.writing import writer
from search_service.errors import IndexDamaged, IndexUnavailable
from search_service.generations import Generations
from search_service.indexer import planning
from search_service.schedule import scheduling
from tests.faults import clocks, crashes, damage, disks, hostile, load, power, rivals, syscalls
from tests.faults.tally import Tally

SEED = 20240501

pytestmark = pytest.mark.timeout(600)


def _pointer_first(monkeypatch: pytest.MonkeyPatch, pause: float = 0.0) -> None:
    """`CURRENT` is renamed before the manifest is written."""
    real = durable.write_file

    def write_file(path: Path, chunks: Any) -> Any:
        if path.name == manifest.MANIFEST:
            pointer = path.parents[1] / generations.CURRENT
            pointer.write_bytes(f"{path.parent.name} {'0' * 16}\n".encode())
            for other in path.parents[1].glob("0*"):
                if other != path.parent:
                    (other / manifest.MANIFEST).unlink(missing_ok=True)
            time.sleep(pause)
        return real(path, chunks)

    monkeypatch.setattr(generations, "write_file", write_file)


def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are put on the disk, what is in the files is not."""

    def close(self: Any) -> None:
        self._file.close()

    monkeypatch.setattr(durable.DurableFile, "close", close)


def _no_sync_of_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are put on the disk, their names are not."""
    for module in (durable, generations):
        monkeypatch.setattr(module, "sync_folder", lambda _: None)


def _no_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are not compared with the manifest."""
    monkeypatch.setattr(manifest.Manifest, "damages", lambda *_, **__: {})


def _no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody gets the lock."""
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)


def _in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The live generation's folder is removed before the new one is live."""
    real = Generations.publish

    def publish(self: Generations, manifest: Any, **more: Any) -> None:
        with suppress(IndexDamaged):
            for name in self.names():
                if name != manifest.generation:
                    self.remove(name)
        real(self, manifest, **more)

    monkeypatch.setattr(Generations, "publish", publish)


def _cleared_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers for a damaged generation is removed before that is repaired."""
    real = Generations.publish

    def publish(self: Generations, manifest: Any, **more: Any) -> None:
        with suppress(IndexDamaged, IndexUnavailable):
            if self.current().degraded:
                for name in self.names():
                    self.remove(name)
        real(self, manifest, **more)

    monkeypatch.setattr(Generations, "publish", publish)


def _torn_pointer(monkeypatch: pytest.MonkeyPatch) -> None:
    """`CURRENT` is written in place."""
    real = durable.write_file

    def write_file(path: Path, chunks: Any) -> Any:
        if path.name != generations.CURRENT:
            return real(path, chunks)
        path.write_bytes(b"")
        time.sleep(0.05)
        return path.write_bytes(b"".join(chunks))

    monkeypatch.setattr(generations, "write_file", write_file)


def _errors_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is passed over."""
    real = durable.DurableFile.write

    def write(self: Any, chunk: Any) -> None:
        with suppress(OSError):
            real(self, chunk)

    def close(self: Any) -> None:
        with suppress(OSError):
            self._file.close()

    monkeypatch.setattr(durable.DurableFile, "write", write)
    monkeypatch.setattr(durable.DurableFile, "close", close)


def _by_size_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of the same size and time are taken for unchanged."""
    real = corpus.FileState.__eq__

    def same(one: Any, other: Any) -> bool:
        return one[:3] == other[:3] if isinstance(other, corpus.FileState) else real(one, other)

    monkeypatch.setattr(corpus.FileState, "__eq__", same)
    monkeypatch.setattr(corpus.FileState, "__ne__", lambda one, other: not same(one, other))
    monkeypatch.setattr(corpus.FileState, "settled", lambda *_: True)


def _unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read is passed over in silence."""
    monkeypatch.setattr("search_service.indexer.building.Build._keep_last", lambda *_, **__: None)


def _pointer_first_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, and a while before it: for kills that come at any time."""
    _pointer_first(monkeypatch, pause=0.2)


def _orphans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers do not notice that their run is dead."""
    monkeypatch.setattr("search_service.indexer.workers._die_with", lambda _: None)
    monkeypatch.setattr("multiprocessing.connection.Connection.close", lambda _: None)


def _damage_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run goes on with a damaged segment."""
    monkeypatch.setattr(writer, "whole_segments", lambda folder, _: read_state(folder).segments)


def _all_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is damaged, everything is read anew."""
    real = planning.make

    def make(*args: Any, **more: Any) -> Any:
        plan = real(*args, **more)
        return real(*args, **more | {"damage": plan.damage}) if plan.damage else plan

    monkeypatch.setattr(planning, "make", make)


def _each_point_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is trusted: after it was set back, nothing is due until that time comes again."""

    def due(self: Any, now: Any) -> bool:
        return bool(self.times.next(self.since) <= now)

    monkeypatch.setattr(scheduling.Clock, "due", due)


PLANTED: tuple[tuple[Callable[..., None], Callable[[Path], Any]], ...] = (
    (_pointer_first, lambda root: crashes.kill_at_every_operation(root, SEED, 9)),
    (_in_place, lambda root: crashes.fault_during_recovery(root, SEED, 60)),
    # No other suite has both damage and a kill, so none of them finds this one.
    (_cleared_first, lambda root: crashes.fault_during_recovery(root, SEED, 60)),
    (_errors_unnoticed, lambda root: crashes.error_at_operations(root, SEED, 60)),
    (_no_sync, lambda root: power.lose_power(root, SEED, 60)),
    (_no_sync_of_folders, lambda root: power.lose_power(root, SEED, 60)),
    (_pointer_first_slowly, lambda root: crashes.kill_at_random(root, SEED, 60)),
    (_orphans, lambda root: crashes.kill_at_random(root, SEED, 20)),
    (_errors_unnoticed, lambda root: disks.grow(root, SEED, 30)),
    (_in_place, lambda root: syscalls.kill_at_each(root, SEED, 3, ["unlinkat"])),
    (_no_verification, lambda root: damage.flip(root, SEED, 96)),
    (_damage_taken_over, lambda root: damage.flip(root, SEED, 96)),
    (_all_read_anew, lambda root: damage.flip(root, SEED, 96)),
    (_no_lock, lambda root: rivals.four_at_once(root, SEED, 60)),
    (_torn_pointer, lambda root: load.publish_under_load(root, SEED, 10)),
    (_unnamed, lambda root: hostile.read_them(root, SEED, 1)),
    (_by_size_and_time, lambda root: clocks.files(root, SEED, 30)),
    (_each_point_in_time, lambda _: clocks.schedules(SEED, 20)),
)


class Noticed(AssertionError):
    """What a suite found wrong in a trial."""


@pytest.fixture
def until_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite ends with the first failure: one is enough to know that it finds them."""
    real = Tally.trial

    def trial(self: Tally, problem: str | None) -> None:
        real(self, problem)
        if problem:
            raise Noticed(problem)

    monkeypatch.setattr(Tally, "trial", trial)


@pytest.mark.usefixtures("until_the_first")
@pytest.mark.parametrize(
    ("bug", "suite"), PLANTED, ids=[f"{n}{bug.__name__}" for n, (bug, _) in enumerate(PLANTED)]
)
def test_a_planted_bug_is_found(
    bug: Callable[..., None],
    suite: Callable[[Path], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bug(monkeypatch)
    try:
        tally = suite(tmp_path)
        if tally.name.endswith(")"):
            pytest.skip(tally.name)  # No strace here, or no right to mount.
        found = tally.failures
    except AssertionError as noticed:  # In a trial, or before anything is interrupted.
        found = [str(noticed)]
    assert found, "the suite does not notice what it is for"

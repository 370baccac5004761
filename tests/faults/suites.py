"""The suites as a table: name, how it is run short, and how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults import clocks, crashes, damage, disks, hostile, load, power, rivals, syscalls
from tests.faults.tally import Tally


@dataclass(frozen=True)
class Suite:
    """One kind of fault."""

    name: str
    run: Callable[[Path, int, int], Tally]
    """Called with a folder, the seed and the number of trials."""
    short: int
    """Trials in `make test`."""
    soak: int
    """Trials in `make soak`."""


def _every_operation(root: Path, seed: int, trials: int) -> Tally:
    return crashes.kill_at_every_operation(root, seed, trials)


def _errors(root: Path, seed: int, trials: int) -> Tally:
    return crashes.error_at_operations(root, seed, trials or None)


def _hostile(root: Path, seed: int, trials: int) -> Tally:
    return hostile.read_them(root, seed, trials, both=trials >= 2000)


def _load(root: Path, seed: int, trials: int) -> Tally:
    return load.publish_under_load(root, seed, trials, 50_000 if trials >= 300 else 0)


SUITES = (
    Suite("kill", _every_operation, short=1, soak=1),  # The step: every single one.
    Suite("strace", syscalls.kill_at_each, short=0, soak=200),
    Suite("random-kill", crashes.kill_at_random, short=100, soak=1500),
    Suite("errors", _errors, short=60, soak=0),  # 0 is all of them.
    Suite("disk", disks.grow, short=12, soak=200),
    Suite("power", power.lose_power, short=300, soak=3000),
    Suite("damage", damage.flip, short=500, soak=10_000),
    Suite("recovery", crashes.fault_during_recovery, short=30, soak=300),
    Suite("rivals", rivals.four_at_once, short=20, soak=100),
    Suite("load", _load, short=20, soak=300),
    Suite("hostile", _hostile, short=100, soak=2000),
    Suite("clocks", clocks.files, short=20, soak=200),
    Suite("schedules", lambda _, seed, trials: clocks.schedules(seed, trials), 20, 200),
)

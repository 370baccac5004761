"""A disk that is really full: a file system in memory, made larger in steps of 4 kB."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.crashes import judge
from tests.faults.tally import Tally
from tests.faults.world import REPORTED, World, copy_with_links, in_child, inline, worlds

STEP = 4096
_AMPLE = 64 << 20
_WORLDS = 6


class MayNotMount(Exception):
    """This process has no right to mount."""


def grow(root: Path, seed: int, trials: int) -> Tally:
    """Run each change on a disk that is too small by one step less each time, until it succeeds.

    Of the steps an even choice is taken if there are more than `trials` in all. Needs the right to
    mount; without it no trial is counted.
    """
    tally = Tally("a disk grown in 4 kB steps", seed)
    full = 0
    with inline():
        for world in _many(root, seed, trials):
            try:
                steps = list(range(_enough(world) + 2))
            except MayNotMount:
                tally.name += " (may not mount)"
                return tally
            most = min(len(steps), -(-trials // _WORLDS))
            for step in {steps[at * (len(steps) - 1) // max(1, most - 1)] for at in range(most)}:
                code, problem = _trial(world, step, tally)
                full += code == REPORTED
                tally.trial(f"{problem} (with {step} more steps)" if problem else None)
            if tally.trials >= trials:
                break
    tally.see("times full", full)
    if not 0 < full < tally.trials:
        tally.failures.append(f"the disk was full in {full} of {tally.trials} trials")
    return tally


def _many(root: Path, seed: int, trials: int) -> Iterator[World]:
    """As many worlds as give so many trials: few steps lie between too little and enough."""
    for number in range(trials):
        yield from worlds(root / str(number), random.Random(seed + number))


def _enough(world: World) -> int:
    """How many steps more than it has the change needs; found by doubling."""
    steps = 8
    while True:
        with _disk(world) as used:
            _resize(world, used + steps * STEP)
            if in_child(lambda: _change(world)) == 0:
                return steps
        steps *= 2


def _trial(world: World, steps: int, tally: Tally) -> tuple[int, str | None]:
    """The code with which the change ended, and what is wrong."""
    with _disk(world) as used:
        _resize(world, used + steps * STEP)
        code = in_child(lambda: _change(world))
        if code not in (0, REPORTED):
            return code, f"{world.name}: it ended with {code}"
        _resize(world, used + _AMPLE)
        return code, judge(world, tally, done=code == 0)


@contextmanager
def _disk(world: World) -> Iterator[int]:
    """The archive as it was before the change, its index on a disk of its own; yields its bytes."""
    index, ledger = world.settings.index, world.settings.corpus / ".search-service"
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_AMPLE}", "none", os.fspath(index)]
    try:
        done = subprocess.run(mount, check=False, capture_output=True)
    except FileNotFoundError:
        raise MayNotMount from None
    if done.returncode:
        raise MayNotMount
    try:
        shutil.rmtree(ledger, ignore_errors=True)
        if (world.saved / "ledger").exists():
            copy_with_links(world.saved / "ledger", ledger)
        for path in (world.saved / "index").iterdir() if (world.saved / "index").exists() else ():
            target = index / path.name
            copy_with_links(path, target) if path.is_dir() else shutil.copy2(path, target)
        disk = os.statvfs(index)
        yield (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    finally:
        subprocess.run(["umount", "-l", os.fspath(index)], check=True)


def _resize(world: World, size: int) -> None:
    # No size at all would be no limit.
    command = ["mount", "-o", f"remount,size={max(size, STEP)}", os.fspath(world.settings.index)]
    subprocess.run(command, check=True)


def _change(world: World) -> None:
    world.change(world.settings)

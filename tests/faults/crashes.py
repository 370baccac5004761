"""Kills and errors at every operation, and kills at random moments."""

from __future__ import annotations

import errno
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from search_service import engines
from search_service.errors import IndexUnavailable
from search_service.generations import Generations
from search_service.ledger import Ledger
from tests.faults.shim import Shim
from tests.faults.tally import Tally
from tests.faults.world import (
    REPORTED,
    State,
    World,
    answering,
    in_child,
    inline,
    opening_seconds,
    run,
    size_of,
    state_of,
    worlds,
)

OPENS_WITHIN = 1.0
"""Processor seconds."""
ORPHANS_END_WITHIN = 5.0
"""Seconds after a run's death."""
LEFT = 3.0
"""Times the size of the live generation that may be on the disk after the next run."""


def operations(world: World) -> int:
    """How many operations the change takes."""
    world.restore()
    counted = world.saved.parent / "operations"

    def work() -> None:
        count = 0

        def hook(*_: Any) -> None:
            nonlocal count
            count += 1

        Shim(world.roots, hook).install()
        world.change(world.settings)
        handle = os.open(counted, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(handle, str(count).encode())

    code = in_child(work)
    assert code == 0, (world.name, code)
    return int(counted.read_text())


def judge(
    world: World, tally: Tally, *, done: bool = False, left: tuple[State | None, ...] = ()
) -> str | None:
    """What is wrong after a fault: with what answers now, or after the next run.

    If the change is `done`, only the new state may answer; of a damaged index also what was `left`
    of it before this fault, if it says that it is degraded.
    """
    opening = opening_seconds(world.settings)
    tally.see("s to open", opening)
    if opening > OPENS_WITHIN:
        return f"{world.name}: it opens in {opening:.1f} s"
    try:
        state = answering(world.settings) if left else state_of(world.settings)
    except BaseException as problem:  # noqa: BLE001 -- anything at all is a failure
        return f"{world.name}: {type(problem).__name__}: {problem}"
    if state in left and _says_so(world):
        pass
    elif state not in ((world.after,) if done else (world.before, world.after)):
        return f"{world.name}: neither the old nor the new state answers"
    try:
        run(world.settings)
        state = state_of(world.settings)
    except BaseException as problem:  # noqa: BLE001 -- anything at all is a failure
        return f"{world.name}: the next run fails: {type(problem).__name__}: {problem}"
    if world.name == "forget" and state == world.before and not _withdrawn(world):
        return None  # It was interrupted before the tombstone was written: nothing has happened.
    if state != world.after:
        return f"{world.name}: the next run does not complete it"
    live = Generations(world.settings.index).current()
    # What a tiny index has beside its generations (records of runs) weighs too much here.
    ratio = max(0, size_of(world.settings.index) - (1 << 14)) / size_of(live.directory)
    tally.see("x live on disk", ratio)
    if ratio > LEFT:
        return f"{world.name}: {ratio:.1f} times the live size is left"
    return None


def _says_so(world: World) -> bool:
    try:
        live, reader = Generations(world.settings.index).open(
            engines.get(world.settings.engine).reader
        )
    except IndexUnavailable:
        return True
    reader.close()
    return bool(live.degraded)


def _withdrawn(world: World) -> bool:
    return bool(Ledger(world.settings.corpus, world.settings.state_folder).withdrawn)


def kill_at_every_operation(root: Path, seed: int, step: int = 1) -> Tally:
    """SIGKILL just before the Nth operation, for every N."""
    tally = Tally("SIGKILL at every operation", seed)
    with inline():
        for world in worlds(root, random.Random(seed)):
            for number in range(1, operations(world) + 1, step):
                world.restore()
                code = in_child(lambda: _killed(world, number))  # noqa: B023 -- called at once
                # The number of writes differs by one or two: names of segments are random.
                if code not in (-signal.SIGKILL, 0):
                    tally.trial(f"{world.name}: not killed at {number}, but {code}")
                    continue
                tally.trial(_at(judge(world, tally, done=code == 0), number))
    return tally


def _killed(world: World, number: int) -> None:
    count = 0

    def hook(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    Shim(world.roots, hook).install()
    world.change(world.settings)


def error_at_operations(root: Path, seed: int, trials: int | None) -> Tally:
    """EIO and ENOSPC at the Nth operation, once and from then on; all of them, or a sample."""
    tally = Tally("EIO and ENOSPC at operations", seed)
    rng = random.Random(seed)
    with inline():
        for world in worlds(root, random.Random(seed)):
            cases = [
                (number, code, lasting)
                for number in range(1, operations(world) + 1)
                for code in (errno.EIO, errno.ENOSPC)
                for lasting in (False, True)
            ]
            if trials is not None:
                cases = rng.sample(cases, min(len(cases), trials // 6))
            for case in cases:
                world.restore()
                code = in_child(lambda: _failing(world, *case))  # noqa: B023 -- called at once
                if code not in (0, REPORTED):
                    tally.trial(f"{world.name}: {case} ended with {code}")
                    continue
                tally.trial(_at(judge(world, tally, done=code == 0), case))
    return tally


def _failing(world: World, number: int, code: int, lasting: bool) -> None:
    count = 0

    def hook(kind: str, path: str, _: Any) -> None:
        nonlocal count
        count += 1
        # A full disk can still remove; and closing a file is no operation here.
        spared = code == errno.ENOSPC and kind in {"unlink", "rmdir", "fsync"} and lasting
        if (count == number or (lasting and count > number)) and not spared:
            raise OSError(code, os.strerror(code), path)

    Shim(world.roots, hook).install()
    world.change(world.settings)


def fault_during_recovery(root: Path, seed: int, trials: int) -> Tally:
    """A kill, an error or damage, then a kill or an error in the run that would mend it."""
    tally = Tally("faults during recovery", seed)
    rng = random.Random(seed)
    with inline():
        for world in worlds(root, random.Random(seed)):
            count = operations(world)
            mend = replace(world, change=run)
            for number in range(-(-trials // 6)):
                world.restore()
                first = _first_fault(world, rng, count, damaged=number % 3 == 2)
                left = (answering(world.settings),) if "damaged" in first else ()
                at = rng.randrange(1, count + 1)
                second: Callable[[], None] = rng.choice(
                    [
                        partial(_killed, mend, at),
                        partial(_failing, mend, at, errno.EIO, lasting=True),
                        partial(_failing, mend, at, errno.ENOSPC, lasting=rng.random() < 0.5),
                    ]
                )
                code = in_child(second)
                if code not in (0, REPORTED, -signal.SIGKILL):
                    tally.trial(f"{world.name}: {first}, {at} ended with {code}")
                    continue
                problem = judge(world, tally, left=left)
                tally.trial(_at(problem, (first, at)))
    return tally


def _first_fault(world: World, rng: random.Random, count: int, *, damaged: bool) -> str:
    """What the run that follows has to recover from; says what it is."""
    at = rng.randrange(1, count + 1)
    if damaged and world.before is not None:
        # Of what the live generation and the one before do not share: else nothing would be left.
        live = Generations(world.settings.index).current().directory
        path = rng.choice([path for path in sorted(live.iterdir()) if path.stat().st_nlink == 1])
        path.write_bytes(path.read_bytes()[:-1])
        return f"{path.name} damaged"
    if rng.random() < 0.5:
        in_child(lambda: _killed(world, at))
        return f"killed at {at}"
    in_child(lambda: _failing(world, at, errno.EIO, lasting=False))
    return f"EIO at {at}"


def kill_at_random(root: Path, seed: int, trials: int) -> Tally:
    """SIGKILL at a random moment of a change, with worker processes and all."""
    tally = Tally("SIGKILL at random", seed)
    rng = random.Random(seed)
    made = _made(root, seed)
    takes = {world.name: _seconds(world) for world in made}
    midway = 0
    for number in range(trials):
        world = made[number % len(made)]
        world.restore()
        child = os.fork()
        if not child:
            try:
                os.setpgid(0, 0)
                world.change(world.settings)
            finally:
                os._exit(0)
        time.sleep(rng.random() * takes[world.name])
        os.kill(child, signal.SIGKILL)
        midway += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        left = _outliving(child)
        with inline():
            tally.trial(judge(world, tally) or left)
    tally.see("% killed midway", 100 * midway / trials)
    if midway < trials / 4:
        tally.failures.append("it kills too late to tell anything")
    return tally


def _outliving(group: int) -> str | None:
    """What is wrong if processes of a killed run live on: they would hold memory for ever."""
    deadline = time.monotonic() + ORPHANS_END_WITHIN
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return None
        if not _living(group):
            return None
        time.sleep(0.01)
    os.killpg(group, signal.SIGKILL)
    return "a worker outlives its run"


def _living(group: int) -> list[int]:
    """The processes of a group, but for dead ones that nobody has buried yet."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, member, *_ = path.read_text(errors="replace").rsplit(") ", 1)[1].split()
            if int(member) == group and state not in "ZX":
                found.append(int(path.parent.name))
    return found


def _seconds(world: World) -> float:
    """How long a change takes, at the quickest of three."""
    took = []
    for _ in range(3):
        world.restore()
        began = time.monotonic()
        in_child(partial(_changed, world))
        took.append(time.monotonic() - began)
    return min(took)


def _changed(world: World) -> None:
    world.change(world.settings)


def _made(root: Path, seed: int) -> list[World]:
    with inline():
        return list(worlds(root, random.Random(seed)))


def _at(problem: str | None, where: object) -> str | None:
    return f"{problem} (at {where})" if problem else None

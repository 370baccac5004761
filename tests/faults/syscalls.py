"""SIGKILL at every system call that changes something, injected from outside by strace."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.faults.crashes import judge
from tests.faults.tally import Tally
from tests.faults.world import World, inline, worlds

CALLS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link",
    "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "ftruncate", "flock", "close",
)  # fmt: skip
_PR_SET_PTRACER = 0x59616D61
_ANY = ctypes.c_ulong(-1)


def kill_at_each(root: Path, seed: int, trials: int, calls: Sequence[str] = CALLS) -> Tally:
    """Kill a change at the Nth call of each kind; `trials` bounds N for each kind."""
    tally = Tally("SIGKILL at system calls, by strace", seed)
    if shutil.which("strace") is None:
        tally.name += " (no strace)"
        return tally
    with inline():
        for world in worlds(root, random.Random(seed)):
            for call in calls:
                for number in range(1, trials + 1):
                    world.restore()
                    if not _killed(world, call, number):
                        break
                    problem = judge(world, tally)
                    tally.trial(f"{problem} (at {call} {number})" if problem else None)
    if not tally.trials:
        tally.failures.append("nothing was killed: may strace trace here?")
    return tally


def _killed(world: World, call: str, number: int) -> bool:
    """Whether the change came to its Nth call of this kind, and was killed there."""
    waits, goes = os.pipe()
    child = os.fork()
    if not child:
        code = 70
        try:
            # Where only ancestors may trace, strace is a sister.
            ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
            os.close(goes)
            os.read(waits, 1)
            world.change(world.settings)
            code = 0
        finally:
            os._exit(code)
    os.close(waits)
    command = [
        *("strace", "-o", "/dev/null", "-e", f"trace={call}"),
        *("-e", f"inject={call}:signal=KILL:when={number}", "-p", str(child)),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as strace:
        assert strace.stderr is not None
        attached = strace.stderr.readline()
        os.close(goes)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if b"attached" not in attached:
            return False  # There is no such call here (`rename` on some architectures).
    assert code in (0, -signal.SIGKILL), (world.name, call, number, code)
    return code == -signal.SIGKILL

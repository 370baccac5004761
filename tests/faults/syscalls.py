"""SIGKILL at every system call that writes, injected by strace from outside."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from tests.faults.crashes import judge
from tests.faults.tally import Tally
from tests.faults.world import inline, run, worlds

CALLS = (
    "write", "pwrite64", "fsync", "rename", "link", "linkat", "unlink", "unlinkat", "mkdir",
    "rmdir", "ftruncate", "flock",
)  # fmt: skip
_PROGRAM = """
import sys
from pathlib import Path
from search_service.settings import Settings
from tests.faults.world import inline, run
with inline():
    run(Settings(corpus=Path(sys.argv[1]), index=Path(sys.argv[2])))
"""


def kill_at_each(root: Path, seed: int, trials: int) -> Tally:
    """Kill a run that updates at the Nth call of each kind; `trials` bounds N for each kind."""
    tally = Tally("SIGKILL at system calls, by strace", seed)
    if shutil.which("strace") is None:
        tally.name += " (no strace)"
        return tally
    with inline():
        for world in worlds(root, random.Random(seed)):
            if world.name != "update":
                continue
            for call in CALLS:
                for number in range(1, trials + 1):
                    world.restore()
                    if not _killed(world.settings.corpus, world.settings.index, call, number):
                        break
                    problem = judge(world, tally)
                    tally.trial(f"{problem} (at {call} {number})" if problem else None)
            run(world.settings)
            return tally
    return tally


def _killed(corpus: Path, index: Path, call: str, number: int) -> bool:
    command = [
        *("strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}"),
        *("-e", f"inject={call}:signal=KILL:when={number}"),
        *(sys.executable, "-c", _PROGRAM, os.fspath(corpus), os.fspath(index)),
    ]
    return subprocess.run(command, check=False, capture_output=True).returncode != 0

"""A disk that is really full: a file system in memory, made larger in steps of 4 kB."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

from tests.faults.crashes import judge
from tests.faults.tally import Tally
from tests.faults.world import REPORTED, World, copy_with_links, in_child, inline, worlds

STEP = 4096


def grow(root: Path, seed: int, trials: int) -> Tally:
    """Run the change on a disk that is too small, and make that larger until it succeeds.

    Needs the right to mount; without it no trial is counted.
    """
    tally = Tally("a disk grown in 4 kB steps", seed)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        tally.name += " (no right to mount)"
        return tally
    with inline():
        for world in worlds(root, random.Random(seed)):
            if world.name in {"update", "merge", "rebuild"}:
                _world(world, tally, -(-trials // 3))
    return tally


def _world(world: World, tally: Tally, steps: int) -> None:
    index = world.settings.index
    needed = sum(path.stat().st_size for path in (world.saved / "index").rglob("*"))
    for step in range(steps):
        shutil.rmtree(index, ignore_errors=True)
        index.mkdir(parents=True)
        size = max(needed + (64 << 10), STEP * 8) + step * STEP
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", os.fspath(index)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            tally.name += " (may not mount)"
            return
        try:
            shutil.rmtree(world.settings.corpus / ".search-service", ignore_errors=True)
            copy_with_links(world.saved / "ledger", world.settings.corpus / ".search-service")
            for path in (world.saved / "index").iterdir():
                target = index / path.name
                copy_with_links(path, target) if path.is_dir() else shutil.copy2(path, target)
            code = in_child(lambda: _change(world))
            if code not in (0, REPORTED):
                tally.trial(f"{world.name}: with {size:,} bytes it ended with {code}")
                continue
            larger = ["mount", "-o", f"remount,size={size + (64 << 20)}", os.fspath(index)]
            subprocess.run(larger, check=True)
            problem = judge(world, tally, done=code == 0)
            tally.trial(f"{problem} (with {size:,} bytes)" if problem else None)
            tally.see("bytes too few", 0 if code == 0 else size)
        finally:
            subprocess.run(["umount", "-l", os.fspath(index)], check=True)


def _change(world: World) -> None:
    world.change(world.settings)

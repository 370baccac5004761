"""Four indexers at once, and a lock whose owner dies."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from search_service.errors import IndexLocked
from search_service.generations import Generations
from search_service.indexer import running
from search_service.settings import Settings
from tests.faults.tally import Tally
from tests.faults.world import inline, prose, run, state_of, write

RIVALS = 4
FREE_WITHIN = 1.0
"""Seconds after its owner's death in which the lock must be free."""


def four_at_once(root: Path, seed: int, trials: int) -> Tally:
    """Four runs begin together, in half of the trials the one that writes is killed."""
    tally = Tally("four indexers at once, stale lock", seed)
    rng = random.Random(seed)
    settings = Settings(corpus=root / "corpus", index=root / "index")
    write(settings, "a.txt", prose(rng))
    with inline():
        run(settings)
        for number in range(trials):
            write(settings, f"d{number % 7}.txt", prose(rng))
            tally.trial(_trial(settings, rng, tally, kill=number % 2 == 1))
    return tally


def _trial(settings: Settings, rng: random.Random, tally: Tally, *, kill: bool) -> str | None:
    inside = settings.index.parent / "inside"
    inside.unlink(missing_ok=True)
    children = [_rival(settings, inside) for _ in range(RIVALS)]
    if kill:
        time.sleep(rng.random() * 0.05)
        for child in children:
            os.kill(child, signal.SIGKILL)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    if not kill and sorted(set(codes)) not in ([0], [0, 75]):
        return f"they ended with {codes}"
    if inside.exists() and "two at once" in inside.read_text():
        return "two wrote at once"
    began = time.monotonic()
    try:
        with Generations(settings.index).lock():
            free = time.monotonic() - began
        tally.see("s until the lock is free", free)
        if free > FREE_WITHIN:
            return f"the lock is free after {free:.1f} s"
        run(settings)
    except IndexLocked as locked:
        return str(locked)
    found = state_of(settings) or {}
    here = {path.name for path in settings.corpus.glob("*.txt")}
    return None if found.keys() == here else f"{found.keys() ^ here} is missing or too much"


def _rival(settings: Settings, inside: Path) -> int:
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        real = Generations.begin

        def begin(generations: Generations) -> Path:
            try:
                handle = os.open(inside, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                os.close(handle)
            except FileExistsError:
                inside.write_text("two at once")
            directory = real(generations)
            time.sleep(0.01)
            inside.unlink(missing_ok=True)
            return directory

        setattr(Generations, "begin", begin)  # noqa: B010 -- a method may not be assigned
        running.run(settings)
        code = 0
    except IndexLocked:
        code = 75
    finally:
        os._exit(code)

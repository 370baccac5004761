"""Clocks that jump, and files with times of other centuries: nothing is missed or repeated."""

from __future__ import annotations

import hashlib
import os
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from search_service.indexer import building, running
from search_service.schedule.scheduling import Clock, Cron, Every, Times
from search_service.settings import Settings
from tests.faults.tally import Tally
from tests.faults.world import Inline, prose, state_of, write

_STAMPS = (0, 1, 86_400, 951_782_400, 4_102_444_800, 4_294_967_297)
"""1970 to 2106, in seconds."""


def files(root: Path, seed: int, trials: int) -> Tally:
    """Files get other contents and any time; the next run must see each of them, once."""
    tally = Tally("clocks and times of files", seed)
    rng = random.Random(seed)
    settings = Settings(corpus=root / "corpus", index=root / "index")
    write(settings, "stays.txt", prose(rng))
    kept = vars(building)["Pool"]
    vars(building)["Pool"] = Inline
    try:
        for _ in range(trials):
            name = f"d{rng.randrange(4)}.txt"
            text = prose(rng)
            path = settings.corpus / name
            if path.exists() and rng.random() < 0.5:  # As long as it was: only its times tell.
                size = path.stat().st_size
                text = text[: size - 1].ljust(size - 1, "x") + "."
            write(settings, name, text)
            stamp = rng.choice([*_STAMPS, time.time() + rng.randrange(-(10**7), 10**7)])
            os.utime(settings.corpus / name, (stamp, stamp))
            tally.trial(_seen(settings))
    finally:
        vars(building)["Pool"] = kept
    return tally


def _seen(settings: Settings) -> str | None:
    running.run(settings)
    found = state_of(settings) or {}
    for path in settings.corpus.glob("*.txt"):
        text = path.read_text(encoding="utf-8").strip()
        if found.get(path.name, ("", ""))[1] != hashlib.sha256(text.encode()).hexdigest():
            return f"{path.name} was missed"
    if len(found) != len(list(settings.corpus.glob("*.txt"))):
        return "a document is there twice"
    again = running.run(settings)
    return "a run with nothing changed published" if again.published else None


def schedules(seed: int, trials: int) -> Tally:
    """A schedule over a clock that jumps by up to a year: no flood of runs, and no end of them."""
    tally = Tally("schedules under jumping clocks", seed)
    rng = random.Random(seed)
    for number in range(trials):
        times: Times = (
            Every(900) if number % 2 else Cron("*/15 * * * *", rng.choice(["Asia/Baku", "UTC"]))
        )
        now = datetime(2024, rng.randrange(1, 13), 15, tzinfo=UTC)
        clock = Clock(times, now)
        problem = None
        for _ in range(5):
            now += timedelta(days=rng.choice([0, 0, 1, 365, -365]), seconds=rng.randrange(60))
            runs = 0
            for _ in range(200):  # A hundred minutes of looking twice a minute.
                if clock.due(now):
                    runs += 1
                    clock.ran(now)
                now += timedelta(seconds=30)
            if not 5 <= runs <= 8:
                problem = f"{times.text}: {runs} runs in a hundred minutes"
        tally.trial(problem)
    return tally

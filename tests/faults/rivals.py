"""Four indexers at once, a lock whose owner dies, and publishing while others read."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from search_service import engines
from search_service.errors import IndexLocked
from search_service.generations import Generations
from search_service.indexer import running
from search_service.searcher.searching import Question, Searcher
from search_service.settings import Settings
from tests.faults.tally import Tally
from tests.faults.world import inline, prose, run, state_of, write

RIVALS = 4


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
            tally.see("s until the lock is free", time.monotonic() - began)
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


def publish_under_load(root: Path, seed: int, publishes: int, readers: int = 2) -> Tally:
    """Publish again and again while others search: each answer is from one whole generation.

    Every document of generation N has the word `stateN`, so an answer tells where it comes from.
    """
    tally = Tally("publishing under load", seed)
    rng = random.Random(seed)
    settings = Settings(corpus=root / "corpus", index=root / "index")
    stop = root / "stop"

    def state(number: int) -> None:
        for document in range(3):
            write(settings, f"d{document}.txt", f"{prose(rng)} It is state{number}.")

    with inline():
        state(0)
        run(settings)
        children = [_reader(settings, stop, root / f"reader{number}") for number in range(readers)]
        for number in range(1, publishes + 1):
            state(number)
            began = time.monotonic()
            run(settings)
            tally.see("s a publish", time.monotonic() - began)
            tally.trial(None)
        stop.touch()
    for number, child in enumerate(children):
        os.waitpid(child, 0)
        told = (root / f"reader{number}").read_text().splitlines()
        queries, seen = (int(figure) for figure in told[0].split())
        tally.trials += queries
        tally.failures += told[1:]
        if seen < min(3, publishes):
            tally.failures.append(f"a reader saw {seen} generations only")
    tally.see("publishes", publishes)
    return tally


def _reader(settings: Settings, stop: Path, told: Path) -> int:
    child = os.fork()
    if child:
        return child
    queries, seen, problems = 0, set(), []
    try:
        generations, engine = Generations(settings.index), engines.get("whoosh")
        live, reader = generations.open(engine.reader)
        searching = Searcher(reader, live.name, deadline=30)
        while not stop.exists():
            try:
                if generations.current().name != live.name:
                    reader.close()
                    live, reader = generations.open(engine.reader)
                    searching = Searcher(reader, live.name, deadline=30)
                states = set()
                for hit in searching.search(Question(q="the")).hits:
                    document = reader.document(hit.document.id)
                    states.add(document.text.rsplit("state", 1)[1] if document else "gone")
                if len(states) != 1 or live.degraded:
                    problems.append(f"an answer from {states}, {live.degraded}")
                seen |= states
            except Exception as problem:  # noqa: BLE001 -- anything at all is a failure
                problems.append(f"{type(problem).__name__}: {problem}")
            queries += 1
    finally:
        told.write_text("\n".join([f"{queries} {len(seen)}", *problems]))
        os._exit(0)

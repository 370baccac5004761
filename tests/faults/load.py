"""Publishing while others search: no request fails, and no answer is from two generations.

Every document of generation N has the word `stateN`, so an answer tells where it comes from. What
is asked is the web application, as gunicorn's threads ask it; each reader is a process with two.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from pathlib import Path

from search_service.settings import Settings
from search_service.web import create_app
from tests.faults.tally import Tally
from tests.faults.world import inline, prose, run, write

READERS = 2
THREADS = 2
_STATE = re.compile(r"state([0-9]+)")


def publish_under_load(root: Path, seed: int, publishes: int, queries: int = 0) -> Tally:
    """Publish so often, and until so many queries are answered."""
    tally = Tally("publishing under load", seed)
    rng = random.Random(seed)
    # A query that a busy machine does not get done in a second is no fault of publishing.
    settings = Settings(corpus=root / "corpus", index=root / "index", query_seconds=30.0)
    stop = root / "stop"
    told = [root / f"reader{number}" for number in range(READERS)]

    def state(number: int) -> None:
        for document in range(3):
            write(settings, f"d{document}.txt", f"{prose(rng)} It is state{number}.")

    with inline():
        state(0)
        run(settings)
        children = [_reader(settings, stop, path) for path in told]
        number = 0
        while number < publishes or sum(_counted(path) for path in told) < queries:
            number += 1
            state(number)
            began = time.monotonic()
            run(settings)
            tally.see("s a publish", time.monotonic() - began)
            tally.trial(None)
        stop.touch()
    answered = 0
    for child, path in zip(children, told, strict=True):
        os.waitpid(child, 0)
        counts, *problems = path.read_text().splitlines()
        asked, seen = (int(figure) for figure in counts.split())
        answered += asked
        tally.trials += asked
        tally.failures += problems
        if seen < min(3, publishes):
            tally.failures.append(f"a reader saw {seen} generations only")
    tally.see("publishes", number)
    tally.see("queries", answered)
    return tally


def _counted(path: Path) -> int:
    try:
        return int((path.with_suffix(".count")).read_text() or 0)
    except FileNotFoundError:
        return 0


def _reader(settings: Settings, stop: Path, told: Path) -> int:
    child = os.fork()
    if child:
        return child
    problems: list[str] = []
    seen: set[str] = set()
    asked = [0] * THREADS
    try:
        app = create_app(settings)

        def ask(number: int) -> None:
            client = app.test_client()
            while not stop.exists():
                try:
                    problem, states = _one(client)
                    seen.update(states)
                    if problem:
                        problems.append(problem)
                except Exception as error:  # noqa: BLE001 -- anything at all is a failure
                    problems.append(f"{type(error).__name__}: {error}")
                asked[number] += 1
                if asked[number] % 100 == 0:
                    told.with_suffix(".count").write_text(str(sum(asked)))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        told.write_text("\n".join([f"{sum(asked)} {len(seen)}", *problems]))
        os._exit(0)


def _one(client: object) -> tuple[str | None, set[str]]:
    """Ask once: what is wrong with the answer, and which states it has."""
    answer = client.get("/api/v1/search?q=state*&limit=3")  # type: ignore[attr-defined]
    text = answer.get_data(as_text=True)
    states = set(_STATE.findall(text))
    if answer.status_code != 200:
        return f"{answer.status_code}: {text[:200]}", states
    documents = len(answer.json["hits"])
    if documents != 3 or len(states) != 1:
        return f"{documents} documents of the states {sorted(states)}", states
    ready = client.get("/readyz").json  # type: ignore[attr-defined]
    return None if ready["status"] == "ready" else f"readiness: {ready}", states

"""Damage in files of the index: a bit, a byte, a cut, a swapped block."""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from pathlib import Path

from search_service import checking, engines
from search_service.errors import IndexUnavailable
from search_service.generations import Generations
from search_service.indexer import running
from tests.faults.tally import Tally
from tests.faults.world import World, copy_with_links, inline, state_of, worlds


def damage(path: Path, rng: random.Random) -> str:
    """Damage one file; says how."""
    data = bytearray(path.read_bytes())
    kind = rng.choice(["bit", "byte", "cut", "swap"]) if data else "cut"
    at = rng.randrange(len(data)) if data else 0
    before = bytes(data)
    if kind == "bit":
        data[at] ^= 1 << rng.randrange(8)
    elif kind == "byte":
        data[at] = (data[at] + rng.randrange(1, 256)) % 256
    elif kind == "swap":
        length = min(16, len(data) // 2)
        data[:length], data[-length:] = data[-length:], data[:length]
    if kind == "cut" or bytes(data) == before:
        data = data[: len(data) // 2] if data else bytearray(b"x")
    # A new file: generations that have the same one by a link share the damage, as they should.
    with path.open("r+b") as file:
        file.write(data)
        file.truncate(len(data))
    return kind


def flip(root: Path, seed: int, trials: int) -> Tally:
    """Damage a random file of a random generation, and see what answers, and what repairs it."""
    tally = Tally("damaged files", seed)
    rng = random.Random(seed)
    with inline():
        for world in worlds(root, random.Random(seed)):
            world.change(world.settings)
            keep(world)
            for _ in range(-(-trials // 6)):
                world.restore()
                files = [
                    path
                    for path in sorted(world.settings.index.rglob("*"))
                    if path.is_file() and path.parent.name != "state" and path.name != "lock"
                ]
                path = rng.choice(files)
                kind = damage(path, rng)
                problem = _judge(world, path, tally)
                where = path.relative_to(world.settings.index)
                tally.trial(f"{world.name}: {kind} in {where}: {problem}" if problem else None)
    return tally


def keep(world: World) -> None:
    """Take the state after the change for the one that damage happens to."""
    shutil.rmtree(world.saved, ignore_errors=True)
    world.saved.mkdir()
    copy_with_links(world.settings.index, world.saved / "index")
    shutil.copytree(world.settings.corpus / ".search-service", world.saved / "ledger")


def _judge(world: World, path: Path, tally: Tally) -> str | None:
    settings = world.settings
    try:
        found = [each.what for each in checking.check(settings) if each.kind == "damage"]
        if not any(path.name in what for what in found):
            return f"`check` does not name it, but {found}"
        began = time.monotonic()
        alone = len(Generations(settings.index).names()) < 2
        try:
            problem = _answers(world)
        except IndexUnavailable as nothing:
            # Right where there is no other generation, and what tells of this one is gone.
            problem = None if alone else f"nothing answers: {nothing}"
        tally.see("s to fall back", time.monotonic() - began)
        if problem:
            return problem
        running.run(settings)
        if state_of(settings) != world.after:
            return "the next run does not repair it"
        if any(each.kind == "damage" for each in checking.check(settings)):
            running.run(settings, full=True)  # It was in the generation before: it goes with that.
            if any(each.kind == "damage" for each in checking.check(settings)):
                return "the damage stays"
    except BaseException as problem_found:  # noqa: BLE001 -- anything at all is a failure
        return f"{type(problem_found).__name__}: {problem_found}"
    return None


def _answers(world: World) -> str | None:
    """Whether what answers after the background verification is right, and says if it is less."""
    generations = Generations(world.settings.index)
    generations.current()
    generations.verify_all()
    live, reader = generations.open(engines.get("whoosh").reader)
    state = {}
    for summary in reader.summaries():
        document = reader.document(summary.id)
        if document is None:
            return f"{summary.id} is listed and not there"
        state[document.path] = (document.id, _hash(document.text))
    reader.close()
    if live.quarantined:
        expected = (world.after or {}).items() | (world.before or {}).items()
        if not live.degraded or not set(state.items()) <= expected:
            return "what is left of a damaged generation is not what it was"
    elif state not in (world.before, world.after):
        return "a wrong answer"
    elif state != world.after and not live.degraded:
        return "an old answer, and nothing says so"
    return None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

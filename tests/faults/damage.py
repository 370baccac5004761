"""Damage in files of the index: a bit, a byte, a cut, a swapped block, a crafted table of contents.

Of each trial it is known what must answer: the generation before, where a file of the live one's
own is damaged; all but the documents of one segment, where that is damaged and both have it. All
else is a failure, as is an answer later than two seconds, a service that does not say `degraded`,
a damaged file that `check` does not name, a run that reads more than was lost or leaves damage
behind, and anything at all that is unpickled.
"""

from __future__ import annotations

import os
import pickle
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search_service import checking, engines, manifest
from search_service.errors import IndexDamaged, IndexUnavailable
from search_service.generations import CURRENT, Generations
from search_service.indexer import running
from search_service.settings import Settings
from search_service.web import create_app
from tests.faults.tally import Tally
from tests.faults.world import State, World, copy_with_links, inline, read, shared, state_of, worlds

WITHIN = 2.0
"""Seconds in which something must answer."""
_ASKED_OVER_HTTP = 10
"""Every so many trials `/readyz` is asked too."""

_loaded: list[str] = []
"""What was unpickled; filled by an audit hook, which can not be taken away again."""


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if event == "pickle.find_class":
        _loaded.append(".".join(map(str, args[:2])))


sys.addaudithook(_hear)


class _Crafted:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.getpid, ()


def damage(path: Path, rng: random.Random) -> str:
    """Damage one file in place, so that generations which share it share that; says how."""
    data = bytearray(path.read_bytes())
    kind = rng.choice(["bit", "byte", "cut", "swap"]) if data else "cut"
    if path.suffix == ".toc" and rng.random() < 0.5:
        kind = "crafted"
    at = rng.randrange(len(data)) if data else 0
    before = bytes(data)
    if kind == "bit":
        data[at] ^= 1 << rng.randrange(8)
    elif kind == "byte":
        data[at] = (data[at] + rng.randrange(1, 256)) % 256
    elif kind == "swap":
        length = min(16, len(data) // 2)
        data[:length], data[-length:] = data[-length:], data[:length]
    elif kind == "crafted":
        data = bytearray(pickle.dumps(_Crafted()))
    if kind == "cut" or bytes(data) == before:
        data = data[: len(data) // 2] if data else bytearray(b"x")
    with path.open("r+b") as file:
        file.write(data)
        file.truncate(len(data))
    return kind


@dataclass(frozen=True)
class Expected:
    """What must answer when a certain file is damaged."""

    state: State | None
    """None where nothing can: there was one generation, and what tells of it is damaged."""
    degraded: bool
    lost: int = 0
    """How many files a run has to read anew, though they have not changed."""
    rebuilt: bool = False
    """Whether it has to read everything."""


def expect(world: World, path: Path) -> Expected:
    """Look at a whole archive, one file of which is about to be damaged."""
    settings = world.settings
    generations = Generations(settings.index)
    live = generations.current()
    others = [name for name in generations.names() if name != live.name]
    if path.name == CURRENT:
        return Expected(world.after, degraded=True)
    mine = live.directory / path.name
    if not (mine.exists() and mine.samefile(path)):
        return Expected(world.after, degraded=False)
    if others and not (settings.index / others[0] / path.name).exists():
        other = True
    else:
        other = bool(others) and not (settings.index / others[0] / path.name).samefile(path)
    if other:
        return Expected(read(settings.index / others[0], live.manifest.engine), degraded=True)
    without = frozenset([path.name])
    try:
        left = read(live.directory, live.manifest.engine, without)
    except IndexDamaged:
        return Expected(None, degraded=True, rebuilt=True)
    if path.name == manifest.MANIFEST:
        return Expected(None, degraded=True, rebuilt=True)
    lost = {name.split("#")[0] for name in (world.after or {}).keys() - left.keys()}
    rebuilt = path.name == "files.json"
    return Expected(left, degraded=True, lost=0 if rebuilt else len(lost), rebuilt=rebuilt)


def flip(root: Path, seed: int, trials: int) -> Tally:
    """Damage a random file of a random generation, and see what answers, and what repairs it."""
    tally = Tally("damaged files", seed)
    rng = random.Random(seed)
    with inline():
        for world in (*_changed(root, seed), shared(root, rng)):
            # Half of the trials are of what generations share, where there is most to get wrong.
            number = -(-trials // (2 if world.name == "shared" else 12))
            for _ in range(number):
                world.restore()
                path = rng.choice(files_of(world.settings))
                expected = expect(world, path)
                kind = damage(path, rng)
                _loaded.clear()
                with _small(0 if rng.random() < 0.5 else manifest.SMALL):
                    problem = _judge(world, path, expected, tally)
                if _loaded and not problem:
                    problem = f"{_loaded[0]} was unpickled"
                where = path.relative_to(world.settings.index)
                tally.trial(f"{world.name}: {kind} in {where}: {problem}" if problem else None)
    return tally


def _changed(root: Path, seed: int) -> Iterator[World]:
    """The worlds of the other suites, after their change."""
    for world in worlds(root, random.Random(seed)):
        world.change(world.settings)
        keep(world)
        yield world


def files_of(settings: Settings) -> list[Path]:
    """Every file of the index that is covered by a seal."""
    return [
        path
        for path in sorted(settings.index.rglob("*"))
        if path.is_file() and path.parent.name != "state" and path.name != "lock"
    ]


@contextmanager
def _small(size: int) -> Iterator[None]:
    """Hash files up to this size at opening: with 0, only the background and `check` notice."""
    kept, manifest.SMALL = manifest.SMALL, size
    try:
        yield
    finally:
        manifest.SMALL = kept


def keep(world: World) -> None:
    """Take the state after the change for the one that damage happens to."""
    shutil.rmtree(world.saved, ignore_errors=True)
    world.saved.mkdir()
    copy_with_links(world.settings.index, world.saved / "index")
    shutil.copytree(world.settings.corpus / ".search-service", world.saved / "ledger")


def _judge(world: World, path: Path, expected: Expected, tally: Tally) -> str | None:
    settings = world.settings
    try:
        problem = _answers(settings, expected, tally)
        if not problem and tally.trials % _ASKED_OVER_HTTP == 0:
            problem = _over_http(settings, expected)
        if problem:
            return problem
        found = [each.what for each in checking.check(settings) if each.kind == "damage"]
        if not any(path.name in what for what in found):
            return f"`check` does not name it, but {found}"
        report = running.run(settings)
        if (report.repaired, bool(report.rebuilt)) != (expected.lost, expected.rebuilt):
            return f"the next run repairs {report.repaired} files, rebuilt: {report.rebuilt!r}"
        if state_of(settings) != world.after:
            return "the next run does not repair it"
        if left := [each.what for each in checking.check(settings) if each.kind == "damage"]:
            return f"damage stays: {left}"
        if Generations(settings.index).current().degraded:
            return "it stays degraded"
    except BaseException as problem_found:  # noqa: BLE001 -- anything at all is a failure
        return f"{type(problem_found).__name__}: {problem_found}"
    return None


def _answers(settings: Settings, expected: Expected, tally: Tally) -> str | None:
    """Whether what answers after the background verification is right, and says if it is less."""
    began = time.monotonic()
    generations = Generations(settings.index)
    try:
        generations.verify_all()
        live, reader = generations.open(engines.get("whoosh").reader)
    except IndexUnavailable as nothing:
        return f"nothing answers: {nothing}" if expected.state is not None else None
    reader.close()
    state = read(live.directory, live.manifest.engine, live.quarantined)
    took = time.monotonic() - began
    tally.see("s to fall back", took)
    if state != expected.state:
        return f"{sorted(state)} answer instead of {sorted(expected.state or ())}"
    if bool(live.degraded) != expected.degraded:
        return f"degraded: {live.degraded}"
    return f"it took {took:.1f} s" if took > WITHIN else None


def _over_http(settings: Settings, expected: Expected) -> str | None:
    """Whether `/readyz` tells the same, once the background verification has had its time."""
    client = create_app(settings).test_client()
    until = time.monotonic() + WITHIN
    wanted = 503 if expected.state is None else 200
    while True:
        answer = client.get("/readyz")
        said = answer.status_code, bool((answer.json or {}).get("degraded"))
        if said == (wanted, expected.degraded and wanted == 200):
            return None
        if time.monotonic() > until:
            return f"/readyz says {said}"
        time.sleep(0.01)

"""How index, folder, runs and scheduler stand: what `status` and the status page tell."""

from __future__ import annotations

from dataclasses import dataclass

from search_service import runs
from search_service.errors import IndexUnavailable
from search_service.generations import Generations
from search_service.indexer import planning
from search_service.runs import RunRecord
from search_service.schedule import spool
from search_service.schedule.spool import Scheduler
from search_service.settings import Settings

NAMED = 100
"""So many paths of each kind are named."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What a run would change now; each list is cut at `NAMED`, `counts` has the whole."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]
    failing: tuple[tuple[str, str], ...]
    """(path, reason) of what is not searchable as it is."""
    counts: dict[str, int]
    rebuild: str
    """Why a run would read everything anew; empty where it would not."""

    @property
    def none(self) -> bool:
        """Whether a run would change nothing."""
        return not self.rebuild and not any(
            self.counts[name] for name in ("new", "changed", "renamed", "gone")
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it."""

    generation: str
    """The live one; empty where there is none."""
    made: str
    degraded: tuple[str, ...]
    previous: tuple[str, ...]
    """The others that are kept."""
    documents: int
    passages: int
    last: RunRecord | None
    scheduler: Scheduler | None
    requests: tuple[str, ...]


def look(settings: Settings) -> Overview:
    """What is live, and what runs; costs reading a few small files."""
    generations = Generations(settings.index)
    history = runs.history(settings.state_folder)
    told = {
        "last": history[0] if history else None,
        "scheduler": spool.scheduler(settings.state_folder),
        "requests": tuple(spool.requests(settings.state_folder)),
    }
    try:
        live = generations.current()
    except IndexUnavailable as problem:
        return Overview("", "", (str(problem),), (), 0, 0, **told)  # type: ignore[arg-type]
    return Overview(
        generation=live.name,
        made=live.manifest.made,
        degraded=live.degraded,
        previous=tuple(name for name in generations.names() if name != live.name),
        documents=int(live.manifest.state.get("documents", 0)),
        passages=int(live.manifest.state.get("passages", 0)),
        **told,  # type: ignore[arg-type]
    )


def drift(settings: Settings) -> Drift:
    """What has changed in the folder since the live generation; costs one look at each file."""
    plan = planning.make(settings, Generations(settings.index))
    changes = plan.changes
    failing = sorted({*plan.scan.left_out, *plan.old.failing().items()})
    reread = [each.state.path for each in plan.wanted if each.state.path in plan.old.rows]
    changed = [state.path for state in changes.changed] if plan.rebuild else reread
    new = [state.path for state in changes.new]
    return Drift(
        new=tuple(new[:NAMED]),
        changed=tuple(changed[:NAMED]),
        renamed=tuple((old, state.path) for old, state in changes.renamed[:NAMED]),
        gone=changes.gone[:NAMED],
        failing=tuple((path, reason) for path, reason in failing[:NAMED]),
        counts={
            "new": len(new),
            "changed": len(changed),
            "renamed": len(changes.renamed),
            "gone": len(changes.gone),
            "failing": len(failing),
        },
        rebuild=plan.rebuild,
    )

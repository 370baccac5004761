"""How index, runs and scheduler stand: what `status` and the status page tell.

It knows nothing of the indexer, so that the pages may ask it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from search_service import runs
from search_service.errors import IndexUnavailable
from search_service.generations import Generations
from search_service.runs import RunRecord
from search_service.schedule import spool
from search_service.schedule.spool import Scheduler
from search_service.settings import Settings


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
    without_index = Overview(
        generation="",
        made="",
        degraded=(),
        previous=(),
        documents=0,
        passages=0,
        last=history[0] if history else None,
        scheduler=spool.scheduler(settings.state_folder),
        requests=tuple(spool.requests(settings.state_folder)),
    )
    try:
        live = generations.current()
    except IndexUnavailable as problem:
        return replace(without_index, degraded=(str(problem),))
    return replace(
        without_index,
        generation=live.name,
        made=live.manifest.made,
        degraded=live.degraded,
        previous=tuple(name for name in generations.names() if name != live.name),
        documents=int(live.manifest.state.get("documents", 0)),
        passages=int(live.manifest.state.get("passages", 0)),
    )

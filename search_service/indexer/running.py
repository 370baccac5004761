"""The write side: one run, from what changed in the folder to a published generation.

`plan` says what is to be done, `building` does it: it reads what is new or changed in worker
processes (`workers`, `reading`), leaves out what is gone, and publishes all of it at once. A run
may be killed at any moment: the old generation stays live until the new one is, and the next run
begins with what is published.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from search_service import suspicion
from search_service.errors import IndexDamaged
from search_service.generations import Generations
from search_service.indexer import planning, withdrawing
from search_service.indexer.planning import Plan
from search_service.indexer.report import Report, summarise
from search_service.indexer.telling import telling
from search_service.indexer.workers import Early, processors
from search_service.settings import Settings

Progress = Callable[[int, int], None]
"""Is told how many files are read, of how many."""


def run(
    settings: Settings,
    *,
    full: bool = False,
    allow_empty: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> Report:
    """Bring the index up to the folder. With `full`, read everything anew.

    Raises `IndexLocked` while another run is writing, `RunRefused` where what is searchable would
    be lost and `allow_empty` does not say that it should, `RunFailed` when the disk is full.
    """
    started = time.monotonic()
    generations = Generations(settings.index)
    collected = gc.isenabled()
    # The rows of twenty thousand files are no garbage, and looking whether they are takes a fifth
    # of a run that finds a single change. A run over many files collects again: see `Build.read`.
    gc.disable()

    def work(plan: Plan) -> Report:
        if not allow_empty:
            planning.refuse_sudden(settings, plan)
        if plan.base and plan.empty:
            return summarise(
                plan,
                plan.old,
                generation=plan.base.name,
                published=False,
                seconds=time.monotonic() - started,
                left_out=plan.scan.left_out,
            )
        # What writes takes a while to import: not when nothing has changed.
        from search_service.indexer.building import Build

        with Build(settings, generations, plan, close=(lock,), early=early) as build:
            build.read(progress)
            published = build.publish(allow_empty=allow_empty)
            return build.report(published, time.monotonic() - started)

    try:
        with telling(), generations.lock() as lock, early_worker(settings, lock) as early:
            generations.tidy()
            suspected = suspicion.noted(settings.state_folder)
            if suspected:
                generations.verify_all()
            plan = planning.make(settings, generations, full=full)
            try:
                report = work(plan)
            except IndexDamaged as damage:
                # Met while what the live generation has was to be used again. If it is a file that
                # has changed, then what was in that is read anew; otherwise everything is.
                generations = Generations(settings.index)
                generations.verify_all()
                again = planning.make(settings, generations)
                if not again.damage or again.damage == plan.damage:
                    again = planning.make(settings, generations, damage=str(damage))
                report = work(again)
            if withdrawing.interrupted(settings):
                withdrawing.finish(settings, generations)
            if suspected:
                generations.drop_damaged()
                suspicion.clear(settings.state_folder)
            return report
    finally:
        if collected:
            gc.enable()


def early_worker(settings: Settings, lock: int) -> AbstractContextManager[Early | None]:
    """A worker that imports what reads, while we look at the folder: on another processor."""
    if min(settings.index_processes or processors(), processors()) < 2:
        return nullcontext()

    def prepare() -> None:
        from search_service.indexer import reading

        reading.warm(settings)

    return Early(prepare, (lock,))

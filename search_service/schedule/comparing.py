"""Looks at what a run would change. It imports the indexer, and the pages therefore not it."""

from __future__ import annotations

from contextlib import suppress

from search_service.drift import Drift, keep, made
from search_service.errors import SearchServiceError
from search_service.generations import Generations
from search_service.indexer import planning
from search_service.settings import Settings


def compare(settings: Settings) -> Drift:
    """What has changed in the folder since the live generation; costs one look at each file."""
    plan = planning.make(settings, Generations(settings.index))
    changes = plan.changes
    reread = [each.state.path for each in plan.wanted if each.state.path in plan.old.rows]
    drift = made(
        new=[state.path for state in changes.new],
        changed=[state.path for state in changes.changed] if plan.rebuild else reread,
        renamed=[(old, state.path) for old, state in changes.renamed],
        gone=changes.gone,
        failing=sorted({*plan.scan.left_out, *plan.old.failing().items()}),
        rebuild=plan.rebuild,
        damage=plan.damage,
    )
    keep(settings.state_folder, drift)
    return drift


def compare_quietly(settings: Settings) -> None:
    """The same in a process that nobody listens to: a run may publish meanwhile."""
    with suppress(SearchServiceError, OSError):
        compare(settings)

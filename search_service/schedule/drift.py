"""What has changed in the folder since the live generation: what a run would do now."""

from __future__ import annotations

from dataclasses import dataclass

from search_service.generations import Generations
from search_service.indexer import planning
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
    damage: str
    """What a run would put right in the index; empty where nothing is wrong."""

    @property
    def none(self) -> bool:
        """Whether a run would change nothing."""
        return not (self.rebuild or self.damage) and not any(
            self.counts[name] for name in ("new", "changed", "renamed", "gone")
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
        damage=plan.damage,
    )

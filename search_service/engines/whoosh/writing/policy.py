"""When segments are merged: at most four serve a query, and a small change costs little.

Segments are in tiers by how much of them is live, each tier sixteen times the one before. A tier
holds one segment: when another comes in, the two and all below them become one. So a passage is
written anew about eight times a tier, however many changes come one by one. What is too large to be
merged while a run is waited for is left to a run of its own, unless there would be more than four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_SEGMENTS = 4
_TIER = 16
SMALL = 500
"""Documents and passages that a run merges before what it found is searchable, in a few hundredths
of a second."""
_DEAD = 0.25
"""A segment with more of it deleted than this is written anew."""


@dataclass(frozen=True, slots=True)
class Size:
    """What the policy looks at."""

    name: str
    live: int
    """Documents and passages in it that are not deleted."""
    dead: int
    """Documents and passages in it that are."""


def choose(sizes: Sequence[Size], *, large: bool) -> list[list[str]]:
    """Names of segments to merge, each list into one segment (a list of one: written anew).

    `large` says that there is time: nothing is too large then.
    """
    limit = float("inf") if large else SMALL
    groups = [([size.name], size) for size in sorted(sizes, key=lambda s: (-s.live, s.name))]
    while (start := _start(groups, limit)) is not None:
        merged = Size("", sum(g[1].live for g in groups[start:]), 0)
        names = [name for group in groups[start:] for name in group[0]]
        groups[start:] = [(names, merged)]
    return [
        names
        for names, size in groups
        if len(names) > 1 or (size.dead > _DEAD * (size.live + size.dead) and size.live <= limit)
    ]


def _start(groups: Sequence[tuple[list[str], Size]], limit: float) -> int | None:
    """From which one on the groups, the largest first, are to be one; None when all is well."""
    sizes = [size.live for _, size in groups]
    for index in range(len(groups) - 1):
        crowded = _tier(sizes[index]) == _tier(sizes[index + 1])
        if crowded and sum(sizes[index:]) <= limit:
            return index
    return len(groups) - 2 if len(groups) > MAX_SEGMENTS else None


def _tier(size: int) -> int:
    tier = 0
    while size >= _TIER:
        size //= _TIER
        tier += 1
    return tier

"""Counts trials and failures, and remembers the worst."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What one suite found."""

    name: str
    seed: int
    trials: int = 0
    failures: list[str] = field(default_factory=list)
    worst: dict[str, float] = field(default_factory=dict)
    """What -> the largest figure seen."""
    began: float = field(default_factory=time.monotonic)

    def trial(self, problem: str | None) -> None:
        """One trial, with what was wrong about it."""
        self.trials += 1
        if problem:
            self.failures.append(problem)

    def see(self, what: str, figure: float) -> None:
        """A figure of which the largest is told."""
        self.worst[what] = max(figure, self.worst.get(what, figure))

    def line(self) -> str:
        """As it is printed."""
        worst = ", ".join(f"{what} {figure:.3g}" for what, figure in self.worst.items())
        seconds = time.monotonic() - self.began
        return (
            f"{self.name:34} {self.trials:6} trials {len(self.failures):4} failures "
            f"{seconds:7.1f} s  seed {self.seed}  {worst}"
        )

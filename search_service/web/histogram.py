"""The years of what was found as bars that filter: one bar a year, or several years a bar.

A bar is a link of at least 24 pixels, so that a finger and a keyboard can reach each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search_service.schema import UNDATED

BARS = 8
_SPANS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of years with its number of documents, and its place in a unit of 100 high."""

    first: int
    last: int
    count: int
    height: int

    @property
    def label(self) -> str:
        """`2020`, or `2010–2019`."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def bars(years: Mapping[str, int]) -> list[Bar]:
    """Years with their counts as at most nine bars of equal spans, empty ones among them.

    Fewer than two years make no histogram.
    """
    counts = {int(year): count for year, count in years.items() if year != UNDATED and count}
    if len(counts) < 2:
        return []
    low, high = min(counts), max(counts)
    span = next((span for span in _SPANS if (high - low) // span < BARS), _SPANS[-1])
    first = low - low % span
    totals = dict.fromkeys(range(first, high + 1, span), 0)
    for year, count in counts.items():
        totals[year - (year - first) % span] += count
    most = max(totals.values())
    return [
        Bar(start, start + span - 1, count, max(3, round(100 * count / most)) if count else 0)
        for start, count in totals.items()
    ]

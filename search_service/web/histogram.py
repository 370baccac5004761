"""The years of what was found as bars that filter: one bar a year, or several years a bar.

A bar is a link of at least 24 pixels, so that a finger and a keyboard can reach each. What has no
date is a bar of its own, apart from the years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search_service.schema import UNDATED

BARS = 7
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


@dataclass(frozen=True, slots=True)
class Undated:
    """The documents without a date, by the same measure as the bars beside them."""

    count: int
    height: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars of equal spans, empty ones among them, and what has no date."""

    bars: tuple[Bar, ...] = ()
    undated: Undated | None = None


def of(years: Mapping[str, int]) -> Histogram:
    """Years with their counts as at most eight bars; fewer than two years make no histogram."""
    counts = {int(year): count for year, count in years.items() if year != UNDATED and count}
    if len(counts) < 2:
        return Histogram()
    low, high = min(counts), max(counts)
    span = next((span for span in _SPANS if high // span - low // span < BARS), _SPANS[-1])
    first = low - low % span
    totals = dict.fromkeys(range(first, high + 1, span), 0)
    for year, count in counts.items():
        totals[year - (year - first) % span] += count
    undated = years.get(UNDATED, 0)
    most = max(undated, *totals.values())
    return Histogram(
        tuple(
            # The first and the last are no wider than the years there are.
            Bar(max(start, low), min(start + span - 1, high), count, _height(count, most))
            for start, count in totals.items()
        ),
        Undated(undated, _height(undated, most)) if undated else None,
    )


def _height(count: int, most: int) -> int:
    return max(3, round(100 * count / most)) if count else 0

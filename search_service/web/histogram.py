"""The years of what was found as bars that filter: one bar a year, or several years a bar.

A bar is a link of at least 24 pixels, so that a finger and a keyboard can reach each. What has no
date is a bar of its own, apart from the years.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from search_service.schema import UNDATED

BARS = 7
"""At most, that of the undated among them."""
ROOM = 220
"""The width that bars may have together, in pixels: that of the column they stand in."""
_NARROW, _BROAD = 24, 44
"""The least and the greatest room of one."""
_DATELESS = 60
"""The room of the undated, whose name is longer than a year."""
_NAMED = 31
"""The room in which the four digits of a year can be read."""
_SPANS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of years with its number of documents, and its place in a unit of 100 high."""

    first: int
    last: int
    count: int
    height: int
    chosen: bool = False
    """Whether some of these years are those that are asked for."""

    @property
    def label(self) -> str:
        """`2020`, or `2010–2019`."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


@dataclass(frozen=True, slots=True)
class Undated:
    """The documents without a date, by the same measure as the bars beside them."""

    count: int
    height: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars of equal spans, empty ones among them, and what has no date."""

    bars: tuple[Bar, ...] = ()
    undated: Undated | None = None

    @property
    def dateless(self) -> int:
        """The room of the undated."""
        return _DATELESS if self.undated else 0

    @property
    def unit(self) -> int:
        """The room of a bar: few are broad, many are narrow."""
        return max(_NARROW, min(_BROAD, (ROOM - self.dateless) // max(1, len(self.bars))))

    @property
    def width(self) -> int:
        """Of all of it."""
        return len(self.bars) * self.unit + self.dateless

    def named(self, place: int) -> tuple[str, str] | None:
        """What stands below a bar, and where its text is anchored; most have no room for any."""
        bar, last = self.bars[place], len(self.bars) - 1
        if self.unit >= _NAMED and all(bar.first == bar.last for bar in self.bars):
            return "middle", str(bar.first)
        if place == 0:
            return "start", str(bar.first)
        return ("end", str(bar.last)) if place == last else None


def of(
    years: Mapping[str, int],
    chosen: Callable[[str, str], bool] = lambda *_: False,
    *,
    undated: bool = False,
) -> Histogram:
    """Years with their counts as at most seven bars; fewer than two years make no histogram.

    `chosen` tells of a first and a last year, four digits each, whether they are asked for, and
    `undated` whether what has no date is.
    """
    counts = {int(year): count for year, count in years.items() if year != UNDATED and count}
    if len(counts) < 2:
        return Histogram()
    low, high = min(counts), max(counts)
    dateless = years.get(UNDATED, 0)
    most = BARS - bool(dateless)
    span = next((span for span in _SPANS if high // span - low // span < most), _SPANS[-1])
    first = low - low % span
    totals = dict.fromkeys(range(first, high + 1, span), 0)
    for year, count in counts.items():
        totals[year - (year - first) % span] += count
    highest = max(dateless, *totals.values())
    return Histogram(
        tuple(
            # The first and the last are no wider than the years there are.
            _bar(max(start, low), min(start + span - 1, high), count, highest, chosen)
            for start, count in totals.items()
        ),
        Undated(dateless, _height(dateless, highest), undated) if dateless else None,
    )


def _bar(first: int, last: int, count: int, most: int, chosen: Callable[[str, str], bool]) -> Bar:
    return Bar(first, last, count, _height(count, most), chosen(f"{first:04}", f"{last:04}"))


def _height(count: int, most: int) -> int:
    return max(3, round(100 * count / most)) if count else 0

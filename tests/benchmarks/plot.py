"""A picture of what was measured: a row a class of queries, a dot an engine, on a log scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10

from tests.benchmarks.measuring import Results

_COLOURS = {
    "ours, compiled": "#0072b2",
    "ours, numpy": "#56b4e9",
    "tantivy": "#d55e00",
    "SQLite FTS5": "#009e73",
    "bm25s": "#cc79a7",
    "Xapian": "#e69f00",
    "Whoosh": "#666666",
}
"""Engines that are drawn: colours that the colour-blind tell apart (Okabe and Ito)."""
_LEFT, _WIDTH, _ROW, _MARGIN = 170, 620, 22, 24
_STYLE = 'font-family="system-ui, sans-serif" font-size="12" role="img"'
_LEGEND = 105
"""Width of one entry."""


def plot(panels: Mapping[str, Results]) -> str:
    """SVG: medians as dots, from there to the 95th percentile a line."""
    drawn = {title: _drawn(results) for title, results in panels.items()}
    values = [
        value
        for results in drawn.values()
        for each in results.values()
        for measured in each.values()
        for value in measured
    ]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    height = 60 + sum(70 + _ROW * len(results) for results in drawn.values())
    width = _LEFT + _WIDTH + _MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_STYLE}>',
        "<title>CPU milliseconds of a query by class and engine: median, and line to p95</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    names = [
        name for name in _COLOURS if any(name in e for r in drawn.values() for e in r.values())
    ]
    lines.extend(_legend(names))
    top = 50
    for title, results in drawn.items():
        lines.extend(_panel(title, results, top, low, high))
        top += 70 + _ROW * len(results)
    return "\n".join([*lines, "</svg>", ""])


def _drawn(results: Results) -> dict[str, dict[str, tuple[float, float]]]:
    return {
        kind: {name: (m.median, m.p95) for name, m in each.items() if name in _COLOURS}
        for kind, each in results.items()
    }


def _legend(names: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(names):
        x = _MARGIN + _LEGEND * place
        yield f'<circle cx="{x}" cy="24" r="5" fill="{_COLOURS[name]}"/>'
        yield _text(x + 9, 28, name)


def _panel(
    title: str,
    results: Mapping[str, Mapping[str, tuple[float, float]]],
    top: int,
    low: int,
    high: int,
) -> Iterator[str]:
    bottom = top + 28 + _ROW * len(results)
    yield _text(_MARGIN, top + 16, f"{title}: CPU ms", 'font-weight="bold"')
    for power in range(low, high + 1):
        x = _place(10**power, low, high)
        yield f'<path d="M{x:.1f} {top + 24}V{bottom}" stroke="#ddd"/>'
        yield _text(x, bottom + 14, f"{10**power:g}", 'text-anchor="middle"')
    for row, (kind, each) in enumerate(results.items()):
        y = top + 28 + _ROW * row + _ROW // 2
        yield _text(_LEFT - 10, y + 4, kind, 'text-anchor="end"')
        for name, (median, p95) in each.items():
            x, end = _place(median, low, high), _place(p95, low, high)
            colour = _COLOURS[name]
            yield f'<path d="M{x:.1f} {y}H{end:.1f}" stroke="{colour}" stroke-opacity=".5"/>'
            yield f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{colour}" fill-opacity=".85"/>'


def _place(value: float, low: int, high: int) -> float:
    return _LEFT + _WIDTH * (log10(value) - low) / max(1, high - low)


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="#222" {more}>{escape(text)}</text>'

"""What was measured, as a table in Markdown."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.benchmarks.building import Built
from tests.benchmarks.measuring import Results
from tests.benchmarks.queries import BARE, GROUPED, PAGE
from tests.benchmarks.service import Served


def times(title: str, results: Results) -> Iterator[str]:
    """Medians and 95th percentiles, a row a class, a column an engine."""
    names = _engines(results)
    yield f"## {title}: CPU ms, median / p95"
    yield ""
    yield from _head("", names)
    for kind, measured in results.items():
        cells = (
            f"{m.median:.3f} / {m.p95:.3f}" if (m := measured.get(name)) else "–" for name in names
        )
        yield _row(kind, cells)
    agreed = []
    for name in names:
        shared = [m.agreement for each in results.values() if (m := each.get(name))]
        known = [value for value in shared if value is not None]
        agreed.append(f"{statistics.fmean(known):.2f}" if known else "–")
    yield _row("top ten agreed", agreed)
    yield ""


def ratios(
    title: str, results: Results, against: str, ours: Sequence[str], *, classes: bool
) -> Iterator[str]:
    """How many times as long some engines take as one of them, in the mean and in each class."""
    shared = {kind: each for kind, each in results.items() if against in each}
    ours = [name for name in ours if any(name in each for each in shared.values())]
    if not shared or not ours:
        return
    yield f"### {title}: times of {against}, median / p95"
    yield ""
    yield from _head("", ours)
    columns: dict[str, list[tuple[float, float, str]]] = {name: [] for name in ours}
    for kind, each in shared.items():
        other = each[against]
        cells = []
        for name in ours:
            if measured := each.get(name):
                ratio = (measured.median / other.median, measured.p95 / other.p95)
                columns[name].append((*ratio, kind))
                cells.append(f"{ratio[0]:.2f} / {ratio[1]:.2f}")
            else:
                cells.append("–")
        if classes:
            yield _row(kind, cells)
    yield _row(
        "**geometric mean**",
        (f"**{_mean(r[0] for r in rs)} / {_mean(r[1] for r in rs)}**" for rs in columns.values()),
    )
    yield _row("worst at median", (_worst(rs, 0) for rs in columns.values()))
    yield _row("worst at p95", (_worst(rs, 1) for rs in columns.values()))
    yield ""


def page(results: Results) -> Iterator[str]:
    """The page's own query beside the bare ranked one."""
    for name in _engines(results):
        bare, grouped, whole = (results.get(kind, {}).get(name) for kind in (BARE, GROUPED, PAGE))
        if bare and grouped and whole:
            yield (
                f"- {name}: the page's own query takes {whole.median / bare.median:.2f} times the "
                f"bare ranked one at the median, {whole.p95 / bare.p95:.2f} at p95; "
                f"grouped and counted, without snippets, {grouped.median / bare.median:.2f}"
            )
    yield ""


def built(title: str, builds: Mapping[str, Built]) -> Iterator[str]:
    """Times, sizes and memory of building."""
    yield f"## {title}"
    yield ""
    yield from _head("", ["wall s", "CPU s", "index MB, texts aside", "peak memory MB"])
    for name, each in builds.items():
        yield _row(
            name,
            (f"{each.wall:.1f}", f"{each.cpu:.1f}", f"{each.megabytes:.1f}", f"{each.peak:.0f}"),
        )
    yield ""


def served(served: Served) -> Iterator[str]:
    """Memory of the workers, and the first answer."""
    yield (
        f"- master and workers, preloaded: {served.memory:.0f} MB proportional set size over an "
        f"index of {served.index:.0f} MB: {served.beside:+.0f} MB beside it"
    )
    yield (
        f"- first answer of a cold process: {served.cold_wall:.2f} s, "
        f"{served.cold_cpu:.2f} s of CPU (medians)"
    )
    yield ""


def growth(results: Mapping[str, Results]) -> Iterator[str]:
    """The same number of postings in ever more passages."""
    yield "## Growth: CPU ms by number of passages, equally many postings touched"
    yield ""
    for kernel, classes in results.items():
        sizes = list(next(iter(classes.values())))
        yield from _head(kernel, [*(f"{int(size):,}" for size in sizes), "last ÷ last but one"])
        for kind, each in classes.items():
            medians = [each[size].median for size in sizes]
            growth = f"{medians[-1] / medians[-2]:.2f}" if len(medians) > 1 else "–"
            yield _row(kind, [*(f"{value:.3f}" for value in medians), growth])
        yield ""


def _engines(results: Results) -> list[str]:
    return list(dict.fromkeys(name for each in results.values() for name in each))


def _mean(values: Iterable[float]) -> str:
    return f"{math.exp(statistics.fmean(map(math.log, values))):.2f}"


def _worst(found: Sequence[tuple[float, float, str]], which: int) -> str:
    worst = max(found, key=lambda each: each[which])
    return f"{worst[which]:.2f} ({worst[2]})"


def _head(first: str, names: Sequence[str]) -> Iterator[str]:
    yield _row(first, names)
    yield "|---" * (len(names) + 1) + "|"


def _row(first: str, cells: Iterable[str]) -> str:
    return f"| {first} | " + " | ".join(cells) + " |"

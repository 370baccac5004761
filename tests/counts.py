"""`python -m tests.counts REPORTS GROUP ...`: how many tests ran in each group, and in all.

The last thing `make test` prints. The reports are those that pytest writes for each group of tests.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Counts:
    """What a group's report says."""

    tests: int
    skipped: int
    seconds: float


def read(report: Path) -> Counts:
    """Read a report; raises `SystemExit` where a test failed, or none ran."""
    suites = list(ET.parse(report).iter("testsuite"))
    tests, skipped, failures, errors = (
        sum(int(suite.get(what, 0)) for suite in suites)
        for what in ("tests", "skipped", "failures", "errors")
    )
    if failures or errors or not tests:
        raise SystemExit(f"{report}: {tests} tests, {failures} failures, {errors} errors")
    return Counts(tests, skipped, sum(float(suite.get("time", 0)) for suite in suites))


def table(reports: Path, groups: list[str]) -> str:
    """A line for each group, and one for all."""
    counts = {group: read(reports / f"{group}.xml") for group in groups}
    lines = [f"{'tests':<16}{'passed':>8}{'skipped':>9}{'seconds':>9}"]
    for group, each in [*counts.items(), ("all", _sum(list(counts.values())))]:
        passed = each.tests - each.skipped
        lines.append(f"{group:<16}{passed:>8,}{each.skipped:>9}{each.seconds:>9.0f}")
    return "\n".join(lines)


def _sum(counts: list[Counts]) -> Counts:
    return Counts(
        sum(each.tests for each in counts),
        sum(each.skipped for each in counts),
        sum(each.seconds for each in counts),
    )


if __name__ == "__main__":
    print(table(Path(sys.argv[1]), sys.argv[2:]))

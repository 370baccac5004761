"""The short suites: no fault does harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.suites import SUITES, Suite

SEED = 20240501

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize(
    "suite", [suite for suite in SUITES if suite.short], ids=lambda suite: suite.name
)
def test_no_fault_does_harm(
    suite: Suite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = suite.run(tmp_path, SEED, suite.short)
    with capsys.disabled():
        print(f"\n{tally.line()}", end=" ")
    assert tally.trials >= suite.short or "mount" in tally.name
    assert not tally.failures, tally.failures[:5]

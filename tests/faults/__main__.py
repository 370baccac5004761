"""`python -m tests.faults [--soak] [--seed N] [--only NAME] [--trials N]`: what the suites find."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from tests.faults.suites import SUITES


@click.command()
@click.option("--soak", is_flag=True, help="The long versions.")
@click.option("--seed", default=20240501, show_default=True)
@click.option("--only", multiple=True, type=click.Choice([suite.name for suite in SUITES]))
@click.option("--trials", type=int, help="So many in place of a suite's own number.")
def main(soak: bool, seed: int, only: tuple[str, ...], trials: int | None) -> None:
    """Run the fault suites, and print trials, failures and the worst case of each."""
    failed = False
    for suite in SUITES:
        count = trials or (suite.soak if soak else suite.short)
        if (only and suite.name not in only) or not (soak or count):
            continue
        with tempfile.TemporaryDirectory() as folder:
            tally = suite.run(Path(folder), seed, count)
        click.echo(tally.line())
        for failure in tally.failures[:20]:
            click.echo(f"    {failure}")
        failed = failed or bool(tally.failures)
    sys.exit(failed)


main()

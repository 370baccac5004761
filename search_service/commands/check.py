"""`search-service check`."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from search_service.commands.options import as_json, plain, print_json, settings_options
from search_service.settings import Settings


@click.command(name="check")
@settings_options("corpus", "index")
@click.option("--deep", is_flag=True, help="Read every file of the folder again and compare.")
@as_json
def command(settings: Settings, deep: bool, as_json: bool) -> None:
    """Verify the index: every byte, its structure, and that documents are found.

    Exit code 1 says that something is damaged; notices are for the owner to look at.
    """
    from search_service.checking import check

    findings = list(check(settings, deep=deep))
    damaged = any(finding.kind == "damage" for finding in findings)
    if as_json:
        print_json({"sound": not damaged, "findings": [asdict(each) for each in findings]})
    else:
        for finding in findings:
            click.echo(plain(f"{finding.kind}: {finding.where}: {finding.what}"))
        click.echo("Something is damaged." if damaged else "The index is sound.")
    sys.exit(1 if damaged else 0)

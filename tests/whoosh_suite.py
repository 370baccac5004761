"""Whoosh's own tests with our codec as the default, against the same tests with its own.

    python -m tests.whoosh_suite [--sdist FILE]

Downloads the source distribution of the pinned version with pip, verifies nothing but its version,
runs its tests twice in processes of their own, and compares. Fails when less than 97 % of what
passes with Whoosh's codec passes with ours, or when docs/whoosh-suite.md does not name a failure.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from search_service.engines.whoosh.whoosh_version import VERSION

ROOT = Path(__file__).parent.parent
KNOWN = ROOT / "docs" / "whoosh-suite.md"
FLOOR = 0.97


def download(folder: Path) -> Path:
    """The source distribution of the pinned version."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            "whoosh3",
            "--dest",
            str(folder),
            f"whoosh3=={VERSION}",
        ],
        check=True,
    )
    return next(folder.glob("whoosh3-*.tar.gz"))


def run(tests: Path, report: Path, *options: str) -> set[str]:
    """Run the tests; the names of those that passed."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "--tb=line",
            "--timeout=300",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
            f"--rootdir={tests}",
            f"--junitxml={report}",
            *options,
            str(tests),
        ],
        cwd=tests,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        stdout=subprocess.DEVNULL,
    )
    return {
        f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
        for case in ET.parse(report).getroot().iter("testcase")
        if not list(case.iter("failure")) + list(case.iter("error")) + list(case.iter("skipped"))
    }


def main() -> int:
    """Run both, print the comparison; 1 when ours falls short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sdist", type=Path, help="a source distribution that is here already")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        sdist = given.sdist or download(folder)
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        tests = folder / f"whoosh3-{VERSION}" / "tests"
        stock = run(tests, folder / "stock.xml")
        ours = run(tests, folder / "ours.xml", "-p", "tests.packed_default")
    failed = sorted(stock - ours)
    share = 1 - len(failed) / len(stock)
    known = KNOWN.read_text(encoding="utf-8") if KNOWN.exists() else ""
    unknown = [name for name in failed if f"`{name}`" not in known]
    print(f"{len(stock)} tests pass with Whoosh's codec; {share:.1%} of them with ours")
    for name in failed:
        print(f"  {'not in ' + KNOWN.name if name in unknown else 'known':>20}  {name}")
    return int(share < FLOOR or bool(unknown))


if __name__ == "__main__":
    sys.exit(main())

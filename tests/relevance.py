"""The ranking on sets of judged queries, held to floors that may only rise.

    python -m tests.relevance FOLDER...          measures, and fails below a floor
    python -m tests.relevance FOLDER... --raise  raises the floors to what is measured

A floor belongs to a set by its name and by a hash of its files, so that another set of the same
name is not measured by it, which is said. Without folders nothing is measured, which is said too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from search_service.evaluate import CORPUS, QRELS, QUERIES, evaluate

FLOORS = Path(__file__).with_name("relevance-floors.json")
SLACK = 0.002
"""A change of words elsewhere may move a tie: so much below a floor is still on it."""


def key(folder: Path) -> str:
    """A set's name and what it holds and asks."""
    digest = hashlib.sha256()
    for name in (CORPUS, QUERIES, QRELS):
        digest.update((folder / name).read_bytes())
    return f"{folder.name} {digest.hexdigest()[:12]}"


def main(arguments_given: Sequence[str] | None = None) -> int:
    """The exit code: 1 where a set is below its floor."""
    parser = argparse.ArgumentParser(prog="tests.relevance", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--raise", dest="raise_", action="store_true")
    arguments = parser.parse_args(arguments_given)
    if not arguments.folders:
        print("No set of judged queries was given (SETS=...): nothing was measured.")
        return 0
    floors: dict[str, float] = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    report = evaluate(arguments.folders)
    print(report.as_table())
    fallen = False
    for folder, measured in zip(arguments.folders, report.sets, strict=True):
        name, value = key(folder), round(measured.means["ndcg@10"], 4)
        if name not in floors:
            other = any(known.split()[0] == folder.name for known in floors)
            told = "is not the set whose floor is known" if other else "has no floor"
            print(f"{folder.name} {told}: --raise stores one")
        floor = floors.get(name, 0.0)
        if value < floor - SLACK:
            fallen = True
            print(f"{folder.name} has fallen: nDCG@10 {value} is below its floor of {floor}")
        elif arguments.raise_:
            floors[name] = max(floor, value)
    if arguments.raise_ and not fallen:
        FLOORS.write_text(json.dumps(dict(sorted(floors.items())), indent=2) + "\n")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())

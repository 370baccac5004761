"""Figures of the languages, measured on files that whoever runs it has.

    python -m tests.figures morphology FILE...           UniMorph (TSV) or treebanks (CoNLL-U)
    python -m tests.figures identification FILE...       sentences by language, as SIB-200 has them
    python -m tests.figures declaration ONE OTHER FURTHER...   the Universal Declaration, by Unicode

What each measures, and how, is told by `python -m tests.figures NAME --help`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from search_service.errors import SearchServiceError
from tests.figures import declaration, identification, morphology

FIGURES = {
    "morphology": morphology,
    "identification": identification,
    "declaration": declaration,
}


def main(arguments_given: Sequence[str] | None = None) -> None:
    """Print one of the figures."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("tests.figures", description=__doc__, formatter_class=raw)
    choices = parser.add_subparsers(required=True, metavar="NAME")
    for name, module in FIGURES.items():
        figure = choices.add_parser(name, description=module.__doc__, formatter_class=raw)
        module.arguments(figure)
        figure.set_defaults(run=module.run)
    arguments = parser.parse_args(arguments_given)
    try:
        print(arguments.run(arguments))
    except (OSError, ValueError, SearchServiceError) as error:
        sys.exit(f"tests.figures: {error}")


if __name__ == "__main__":
    main()

"""Which inflected forms the ladder brings together, down to the rung *stem*.

All pairs of different forms of a file are looked at. A pair belongs together if its forms have a
lemma in common, and is brought together if the one, as a word of a query, meets the other on the
rungs exact, folded or stem. Precision and recall are of these pairs (each counts once), F1 is their
harmonic mean. A lemma is a form only where a line has it as one; words of no lemma (`_` in a
treebank) are left out.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from search_service.highlight.ladder import Ladder
from search_service.languages import codes
from search_service.languages.analysis import analyser
from search_service.model import Rung
from search_service.nodes import Word

CONLLU = ".conllu"
_UNSPECIFIED = "_"


@dataclass(frozen=True, slots=True)
class Conflation:
    """How many pairs belong together, were brought together, and both."""

    forms: int
    wanted: int
    brought: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.brought if self.brought else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.brought + self.wanted
        return 2 * self.right / total if total else 0.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.4f}, recall {self.recall:.4f}, F1 {self.f1:.4f} "
            f"({self.forms} forms, {self.wanted} pairs of one lemma, "
            f"{self.brought} brought together, {self.right} of them of one lemma)"
        )


def unimorph(path: Path) -> Iterator[tuple[str, str]]:
    """(lemma, form) of a file of lemma, form and features. Raises `ValueError` for another."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            columns = line.split("\t")
            if len(columns) < 2:
                raise ValueError(f"{path}, line {number}: write lemma, form and features with tabs")
            yield columns[0], columns[1]


def treebank(path: Path, pos: str) -> Iterator[tuple[str, str]]:
    """(lemma, form) of each word of a part of speech (UPOS) in a CoNLL-U file."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            columns = line.split("\t")
            if len(columns) != 10:
                raise ValueError(f"{path}, line {number}: a line of CoNLL-U has ten columns")
            if columns[3] == pos and columns[2] != _UNSPECIFIED:
                yield columns[2], columns[1]


def conflation(rows: Iterator[tuple[str, str]], code: str) -> Conflation:
    """Count the pairs of different forms. Raises `ValueError` for no word or two in a form."""
    reads = analyser(code)
    lemmas: dict[str, set[str]] = defaultdict(set)
    for lemma, surface in rows:
        if len(reads.surfaces(surface)) != 1:
            raise ValueError(f"{surface!r} is not one word")
        lemmas[reads.form(surface).exact].add(reads.form(lemma).exact)
    if not lemmas:
        raise ValueError("the file has none of the words that are asked for")
    ladder = Ladder()
    by_lemma: dict[str, list[int]] = defaultdict(list)
    for place, (exact, of) in enumerate(lemmas.items()):
        reading = (code, reads.form(exact))
        ladder.add(place, Word("text", exact, (reading,), Rung.STEM, similar=False))
        for lemma in of:
            by_lemma[lemma].append(place)
    wanted = {pair for places in by_lemma.values() for pair in combinations(places, 2)}
    brought = {
        (other, place)
        for place, exact in enumerate(lemmas)
        for other in ladder.met(reads.form(exact))
        if other < place
    }
    return Conflation(len(lemmas), len(wanted), len(brought), len(wanted & brought))


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--language", choices=codes(), default="az")
    parser.add_argument("--pos", default="VERB", help=f"UPOS of the words of {CONLLU} files (VERB)")


def run(given: argparse.Namespace) -> str:
    """One line a file."""
    lines = []
    for path in given.files:
        rows = treebank(path, given.pos) if path.suffix == CONLLU else unimorph(path)
        lines.append(f"{path.name}: {conflation(rows, given.language)}")
    return "\n".join(lines)

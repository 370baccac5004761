"""How often the language of a sentence by itself is found.

Files are named by their language (`azj_Latn.test.tsv`: ISO 639-3, script, any split) and have the
columns index_id, category and text. The languages of all files are the candidates. Each sentence
stands alone: nothing is declared and it has no neighbours. The sentences of the languages that
`--stripped` names (az, tr) are asked once more as typed without diacritics, with the same
candidates.
"""

from __future__ import annotations

import argparse
import csv
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from babel.core import get_global

from search_service.languages.identify import Identifier

_STRIPPED = ("az", "tr")
"""Languages that are often typed without diacritics, and then taken for one another."""
_UNDECOMPOSED = str.maketrans("əƏı", "eEi")


def stripped(text: str) -> str:
    """A text in Latin letters as typed without diacritics: `İşıq, Ərəb` is `Isiq, Ereb`."""
    letters = unicodedata.normalize("NFD", text)
    return "".join(c for c in letters if not unicodedata.combining(c)).translate(_UNDECOMPOSED)


def code_of(path: Path) -> str:
    """The service's code of the language that a file is named by: of `azj_Latn.test.tsv`, `az`."""
    name = path.name.split(".", maxsplit=1)[0].split("_", maxsplit=1)[0]
    code: str = get_global("language_aliases").get(name, name)
    return code


def sentences(path: Path) -> list[str]:
    """The texts of a file. Raises `ValueError` where a line has none."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if "text" not in (rows.fieldnames or ()):
            raise ValueError(f"{path}: its first line names no column 'text'")
        texts = [row["text"] for row in rows]
    if not texts or not all(texts):
        raise ValueError(f"{path}: give a sentence in each line")
    return texts


def confusions(
    texts: Mapping[str, Sequence[str]], identifier: Identifier
) -> dict[str, Counter[str]]:
    """Language -> language found -> number of its sentences."""
    return {
        code: Counter(identifier.identify([text], [0], [None])[0] for text in of)
        for code, of in texts.items()
    }


def accuracy(found: Mapping[str, Counter[str]]) -> float:
    """The share of all sentences whose language was found."""
    right = sum(counts[code] for code, counts in found.items())
    return right / sum(counts.total() for counts in found.values())


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--stripped", nargs="*", metavar="CODE", help="default: az, tr")


def run(given: argparse.Namespace) -> str:
    """One line a language, and the whole."""
    texts: dict[str, list[str]] = defaultdict(list)
    for path in given.files:
        texts[code_of(path)] += sentences(path)
    identifier = Identifier(tuple(texts))
    if given.stripped is None:
        asked = [code for code in _STRIPPED if code in texts]
    elif unknown := [code for code in given.stripped if code not in texts]:
        raise ValueError(f"no file is in {unknown[0]!r}; there are {', '.join(texts)}")
    else:
        asked = given.stripped
    bare = {code: [stripped(text) for text in texts[code]] for code in asked}
    plain = confusions(texts, identifier)
    lines = [_line(code, code, counts) for code, counts in plain.items()]
    total = sum(counts.total() for counts in plain.values())
    lines.append(f"all: {accuracy(plain):.4f} of {total} sentences in {len(plain)} languages")
    for code, counts in confusions(bare, identifier).items():
        lines.append(_line(f"{code} without diacritics", code, counts))
    return "\n".join(lines)


def _line(name: str, code: str, counts: Counter[str]) -> str:
    taken = [f"{other} {count}" for other, count in counts.most_common() if other != code]
    wrong = f"; taken for {', '.join(taken)}" if taken else ""
    return f"{name}: {counts[code] / counts.total():.4f} of {counts.total()}{wrong}"

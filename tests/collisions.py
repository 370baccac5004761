"""How many common words share a translit key with an unrelated word of their own language.

    python -m tests.collisions az TEXT...      the 20,000 commonest words of any texts

Words are unrelated that share neither a stem nor four of their first letters, folded: what the
ladder brings together anyway is no collision of keys.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

from search_service.languages import codes
from search_service.languages.analysis import analyser
from search_service.languages.base import Form

COMMONEST = 20_000
LETTERS = 4


def related(one: Form, other: Form) -> bool:
    """Whether two forms meet without their keys."""
    alike = one.folded[:LETTERS] == other.folded[:LETTERS]
    return alike or not set(one.stems).isdisjoint(other.stems)


def collisions(forms: list[Form]) -> dict[str, list[str]]:
    """Exact form -> unrelated forms that share a key with it; those that have any."""
    by_key: dict[str, list[Form]] = defaultdict(list)
    for form in forms:
        for key in form.translit:
            by_key[key].append(form)
    found: dict[str, list[str]] = {}
    for form in forms:
        met = {other for key in form.translit for other in by_key[key]}
        others = sorted(other.exact for other in met if not related(form, other))
        if others:
            found[form.exact] = others
    return found


def main() -> None:
    """Print the share, and the collisions from the commonest word on."""
    parser = argparse.ArgumentParser(prog="tests.collisions", description=__doc__)
    parser.add_argument("language", choices=codes())
    parser.add_argument("texts", nargs="+", type=Path)
    arguments = parser.parse_args()
    reads = analyser(arguments.language)
    counts: Counter[str] = Counter()
    forms: dict[str, Form] = {}
    for path in arguments.texts:
        for surface in reads.surfaces(path.read_text("utf-8")):
            form = reads.form(surface)
            if form.exact.isalpha():
                counts[form.exact] += 1
                forms[form.exact] = form
    common = [forms[exact] for exact, _ in counts.most_common(COMMONEST)]
    found = collisions(common)
    share = len(found) / max(1, len(common))
    print(f"{len(found)} of {len(common)} words share a key with an unrelated one: {share:.2%}")
    for exact, others in list(found.items())[:60]:
        print(f"  {exact}: {', '.join(others)}")


if __name__ == "__main__":
    main()

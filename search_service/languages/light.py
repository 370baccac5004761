"""Light stemmers: endings cut off by lists, for languages that no stemmer of ours knows better.

An ending is cut only where enough of the word is left. Several lists are cut one after another, the
outermost first: a postposition, then a case, then the plural.
"""

from __future__ import annotations

from collections.abc import Callable

from search_service.languages.folding import fold


def light(*lists: str, shortest: int = 3) -> Callable[[str], tuple[str, ...]]:
    """A function from an exact form to its stem, folded.

    Args:
        lists: endings written with spaces, the outermost list first; of each the longest that
            fits is cut once.
        shortest: letters that must be left.
    """
    slots = [_by_length(endings) for endings in lists]

    def stems(exact: str) -> tuple[str, ...]:
        word = exact
        for lengths in slots:
            for length, endings in lengths:
                if len(word) - length >= shortest and word[-length:] in endings:
                    word = word[:-length]
                    break
        return (fold(word),)

    return stems


def _by_length(endings: str) -> list[tuple[int, frozenset[str]]]:
    """The endings of each length, the longest first."""
    every = endings.split()
    lengths = sorted(set(map(len, every)), reverse=True)
    return [
        (length, frozenset(word for word in every if len(word) == length)) for length in lengths
    ]

"""Stems by Snowball's algorithms, in C (PyStemmer)."""

from __future__ import annotations

from collections.abc import Callable

import Stemmer  # type: ignore[import-not-found]  # compiled, without stubs

from search_service.languages.folding import fold


def snowball(algorithm: str) -> Callable[[str], tuple[str, ...]]:
    """A function from an exact form to its stem, folded, by an algorithm of Snowball."""
    # Without a cache of its own: an analyser remembers the vocabulary.
    stem: Callable[[str], str] = Stemmer.Stemmer(algorithm, 0).stemWord

    def stems(exact: str) -> tuple[str, ...]:
        return (fold(stem(exact)),)

    return stems


def unstemmed(exact: str) -> tuple[str, ...]:
    """The folded form as the only stem, for languages whose words we cannot take apart."""
    return (fold(exact),)

"""Reads the lists of stop words: `stopwords/xx.txt`, words in any layout, `#` begins a comment.

The first lines of each file say where it is from and under which licence.
"""

from __future__ import annotations

from importlib.resources import files


def stop_words(code: str) -> frozenset[str]:
    """The stop words of a language, as exact forms."""
    text = (files("search_service.languages") / "stopwords" / f"{code}.txt").read_text("utf-8")
    return words("\n".join(line.split("#")[0] for line in text.splitlines()))


def words(text: str) -> frozenset[str]:
    """The words of a list written with spaces."""
    return frozenset(text.split())

"""Every number that the ranking has, in one place; `docs/ranking.md` gives the formula.

Weights of forms are whole 256ths, so that the weighted frequencies of a passage are sums of
integers: the same to the last bit in whatever order, segment or kernel they are added.
"""

from __future__ import annotations

from enum import IntEnum

from search_service.model import Rung

UNIT = 256
"""The weight of an exact form."""


class Level(IntEnum):
    """How well a row of the vocabulary meets a word, the weakest first."""

    SIMILAR_4 = 1
    SIMILAR_5 = 2
    SIMILAR_6 = 3
    TRANSLIT = 4
    STEM = 5
    FOLD = 6
    EXACT = 7

    @property
    def rung(self) -> Rung:
        """The rung of the match ladder that it is."""
        return Rung(max(0, Level.EXACT - self)) if self >= Level.TRANSLIT else Rung.SIMILAR


DECISIVE = Level.TRANSLIT
"""Levels from here up decide what matches; those below only add score."""

SIMILAR_PREFIXES = ((Level.SIMILAR_4, 4), (Level.SIMILAR_5, 5), (Level.SIMILAR_6, 6))
"""How many letters a similar word shares with the word asked."""

LEVEL_WEIGHTS = (0, 150, 190, 215, 225, 240, 250, UNIT)
"""The weight of a form by its level, in 256ths; they rise with the level."""

CONTEXT_FACTOR = 3
"""A word of the title or of a heading counts like so many words of the text."""

K1 = 1.2
"""How soon a word's frequency saturates."""
B = 0.7
"""How much a long passage (or document) is held against it."""

SIMILAR_SHARE = 0.8
"""The part of a word's score that is measured over all its forms, similar ones included."""

SIMILAR_TELLS = 0.6
"""Similar forms are left out if together with the word they tell less than this part of what the
word tells by itself, by the logarithm of how rare they are."""

SURFACE_SHARE = 0.2
"""The part of a plain word's score that is measured over what is written as it was asked, or is
folded to it."""

STOP_FACTOR = 0.1
"""What a stop word's score is worth."""

COVERAGE = 0.4
"""The part of a score that depends on how much of the query a document or passage has."""

DOCUMENT_SHARE = 1.0
"""What the words of the whole document count beside its best passage."""

PROXIMITY = 1.5
"""What two neighbouring words of the query add, side by side, as a part of their idf."""
PROXIMITY_WINDOW = 6
"""The greatest distance in words at which they add anything."""
PROXIMITY_DEPTH = 64
"""How many of the best hits are looked at for it."""
PROXIMITY_PASSAGES = 3
"""How many of the best passages of each such document."""

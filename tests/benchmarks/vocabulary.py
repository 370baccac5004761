"""Made-up words: pronounceable, inflected as English is, now and then with marks on their letters.

So the rungs of the match ladder have something to do: `shouda`, `shoudas`, `shoudaing`, `shóuda`.
"""

from __future__ import annotations

import random
from itertools import product

_ONSETS = "b c d f g h k l m n p r s t v z br dr gr kr pl sh st tr".split()  # noqa: SIM905
_VOWELS = "a e i o u ai ea".split()  # noqa: SIM905
_CODAS = ["", "", "", *["l", "m", "n", "r", "s", "t", "nd", "rk"]]
_ENDINGS = ("s", "ed", "ing", "er", "ers", "ly")
_MARKS = str.maketrans("aeiou", "áéíóú")
_INFLECTED, _MARKED = 0.35, 0.03
"""The part of the words that are another word with an ending, or with marks."""
_FEW = 200
"""The most frequent words are never inflected: they are the likes of `the` and `of`."""


def made_up(size: int, seed: int) -> list[str]:
    """So many different words, the shorter ones first, as frequent words are short."""
    rng = random.Random(seed)
    syllables = ["".join(parts) for parts in product(_ONSETS, _VOWELS, _CODAS)]
    words: dict[str, None] = {}
    lemmas: list[str] = []
    while len(words) < size:
        kind = rng.random() if len(words) > _FEW else 1.0
        if kind < _MARKED:
            word = rng.choice(lemmas).translate(_MARKS)
        elif kind < _MARKED + _INFLECTED:
            word = rng.choice(lemmas) + rng.choice(_ENDINGS)
        else:
            count = 1 + min(5, int(len(words) ** 0.13)) if words else 1
            word = "".join(rng.choices(syllables, k=rng.choice((count, count + 1))))
            lemmas.append(word)
        words.setdefault(word)
    return list(words)

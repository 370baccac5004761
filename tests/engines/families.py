"""Corpora of families of words, most of which find each other as similar alone."""

from __future__ import annotations

import random

from search_service.languages.base import Form
from tests.engines.corpora import Corpus, word_form


class Families(Corpus):
    """Many words with the same first letters, so that most passages are found as similar alone."""

    def __init__(self, rng: random.Random, documents: int) -> None:
        self.ends = [a + b for a in "abeo" for b in "bdegklmn"]
        self.repeats = 0.0
        self.last: tuple[Form, str] | None = None
        super().__init__(rng, documents)

    def choose_words(self) -> None:
        """Stop words, and some families of a few frequent and many rare words."""
        rng = self.rng
        self.folded = ["abo", "ba", "7071"]
        self.weights = [4.0, 2.0, 1.0]
        for _ in range(12):
            stem = "".join(rng.choices("abeo", k=rng.choice((4, 5, 6))))
            for place, end in enumerate(rng.sample(self.ends, 20)):
                self.folded.append(stem + end)
                self.weights.append(1 / (place + 1))

    def form(self) -> tuple[Form, str]:
        """Now and then the same word over and over, as what is similar scores best so."""
        if self.rng.random() < 0.05:
            self.repeats = self.rng.choice((0.0, 0.0, 0.97))
        if self.last is None or self.rng.random() >= self.repeats:
            self.last = super().form()
        return self.last


class OneLanguage(Families):
    """Each word is one list."""

    def form(self) -> tuple[Form, str]:
        """In English, as it is asked."""
        return word_form(self.rng.choices(self.folded, self.weights)[0], 0, "en"), "en"

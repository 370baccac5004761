"""Greek."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words("κ κα κ.λπ π.χ δηλ σελ αρ βλ δρ λεωφ οδ εκ μ.χ π.μ μ.μ")
LANGUAGE = Language(
    code="el",
    name="Ελληνικά",
    english_name="Greek",
    scripts=("Grek",),
    alphabet="αβγδεζηθικλμνξοπρστυφχψω",
    stop_words=stop_words("el"),
    lower=lower,
    fold=fold,
    stem=snowball("greek"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

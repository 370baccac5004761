"""English."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words(
    "mr mrs ms dr prof st sr jr vs e.g i.e cf fig figs no nos vol pp p ed eds gen col lt capt "
    "sgt gov sen rep approx jan feb mar apr jun jul aug sep sept oct nov dec"
)
LANGUAGE = Language(
    code="en",
    name="English",
    english_name="English",
    scripts=("Latn",),
    alphabet="abcdefghijklmnopqrstuvwxyz",
    stop_words=stop_words("en"),
    lower=lower,
    fold=fold,
    stem=snowball("english"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

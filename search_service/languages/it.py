"""Italian."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import Words

_ABBREVIATIONS = words(
    "sig sigg dott prof avv ing arch on pag pagg p es ecc art cap vol ed cfr n st mons"
)
_WORDS = Words(joins=False)
LANGUAGE = Language(
    code="it",
    name="Italiano",
    english_name="Italian",
    scripts=("Latn",),
    alphabet="abcdefghijklmnopqrstuvwxyz",
    stop_words=stop_words("it"),
    lower=lower,
    fold=fold,
    stem=snowball("italian"),
    tokenise=_WORDS.tokens,
    surfaces=_WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

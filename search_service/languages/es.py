"""Spanish."""

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
    "sr sra srta dr dra d dña ud uds pág págs p.ej núm av avda art cap vol ed gral prof sta "
    "sto aprox ee.uu"
)
LANGUAGE = Language(
    code="es",
    name="Español",
    english_name="Spanish",
    scripts=("Latn",),
    alphabet="abcdefghijklmnñopqrstuvwxyz",
    stop_words=stop_words("es"),
    lower=lower,
    fold=fold,
    stem=snowball("spanish"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

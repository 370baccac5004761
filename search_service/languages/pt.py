"""Portuguese."""

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
    "sr sra srta dr dra prof profa d av pág págs p.ex núm art cap vol ed gen cel exmo aprox"
)
LANGUAGE = Language(
    code="pt",
    name="Português",
    english_name="Portuguese",
    scripts=("Latn",),
    alphabet="abcdefghijklmnopqrstuvwxyz",
    stop_words=stop_words("pt"),
    lower=lower,
    fold=fold,
    stem=snowball("portuguese"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

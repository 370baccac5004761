"""Romanian."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words("dl dna dr prof ing nr str bd pag p ex cca art cap vol ed jud mun sf op.cit")
LANGUAGE = Language(
    code="ro",
    name="Română",
    english_name="Romanian",
    scripts=("Latn",),
    alphabet="aăâbcdefghiîjklmnopqrsștțuvwxyz",
    stop_words=stop_words("ro"),
    lower=lower,
    fold=fold,
    stem=snowball("romanian"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

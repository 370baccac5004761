"""Arabic."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words("د أ م ص هـ ق.م")
LANGUAGE = Language(
    code="ar",
    name="العربية",
    english_name="Arabic",
    scripts=("Arab",),
    alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    stop_words=stop_words("ar"),
    lower=lower,
    fold=fold,
    stem=snowball("arabic"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
    direction="rtl",
)

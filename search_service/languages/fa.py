"""Persian."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words
from search_service.languages.tokens import WORDS

LANGUAGE = Language(
    code="fa",
    name="فارسی",
    english_name="Persian",
    scripts=("Arab",),
    alphabet="آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی",
    stop_words=stop_words("fa"),
    lower=lower,
    fold=fold,
    stem=snowball("persian"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=frozenset()),
    direction="rtl",
)

"""South Azerbaijani, in Arabic letters."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import unstemmed
from search_service.languages.stop_words import stop_words
from search_service.languages.tokens import WORDS

LANGUAGE = Language(
    code="azb",
    name="تۆرکجه",
    english_name="South Azerbaijani",
    scripts=("Arab",),
    alphabet="آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی",
    stop_words=stop_words("azb"),
    lower=lower,
    fold=fold,
    stem=unstemmed,
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=frozenset()),
    direction="rtl",
)

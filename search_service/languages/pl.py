"""Polish."""

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
    "dr prof inż mgr hab p pp str ul al św nr np tzw tzn m.in ok im wg por red rys tys mln mld zł"
)
LANGUAGE = Language(
    code="pl",
    name="Polski",
    english_name="Polish",
    scripts=("Latn",),
    alphabet="aąbcćdeęfghijklłmnńoóprsśtuwyzźż",
    stop_words=stop_words("pl"),
    lower=lower,
    fold=fold,
    stem=snowball("polish"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS, ordinals=True),
)

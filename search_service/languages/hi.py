"""Hindi."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words("डॉ श्री प्रो कु रु पृ")
LANGUAGE = Language(
    code="hi",
    name="हिन्दी",
    english_name="Hindi",
    scripts=("Deva",),
    alphabet="अआइईउऊऋएऐओऔकखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह",
    stop_words=stop_words("hi"),
    lower=lower,
    fold=fold,
    stem=snowball("hindi"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

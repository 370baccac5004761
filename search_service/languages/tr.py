"""Turkish."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower_turkic
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words("dr prof doç av alb gen yzb bkz vb örn s c no mah cad sok st hz")
LANGUAGE = Language(
    code="tr",
    name="Türkçe",
    english_name="Turkish",
    scripts=("Latn",),
    alphabet="abcçdefgğhıijklmnoöprsştuüvyz",
    stop_words=stop_words("tr"),
    lower=lower_turkic,
    fold=fold,
    stem=snowball("turkish"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS, ordinals=True),
)

"""French."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.snowball import snowball
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import Words

_ABBREVIATIONS = words("m mm mme mlle dr pr me st ste av bd p pp cf ex env art vol chap éd n° hab")
_WORDS = Words(before="[cdjlmnstCDJLMNST]|[A-Za-z]{0,7}[qQ][uU]")
LANGUAGE = Language(
    code="fr",
    name="Français",
    english_name="French",
    scripts=("Latn",),
    alphabet="abcdefghijklmnopqrstuvwxyz",
    stop_words=stop_words("fr"),
    lower=lower,
    fold=fold,
    stem=snowball("french"),
    tokenise=_WORDS.tokens,
    surfaces=_WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

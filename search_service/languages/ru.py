"""Russian."""

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
    "г гг в вв т.е т.д т.п т.к др пр стр с см ср ст ул пл обл р-н р н.э до.н.э им акад проф "
    "д-р тыс млн млрд руб коп напр рис табл т тт изд ред сокр"
)
LANGUAGE = Language(
    code="ru",
    name="Русский",
    english_name="Russian",
    scripts=("Cyrl",),
    alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    stop_words=stop_words("ru"),
    lower=lower,
    fold=fold,
    stem=snowball("russian"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

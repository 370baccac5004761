"""Azerbaijani, in Latin and in Cyrillic letters."""

from __future__ import annotations

from functools import partial

from search_service.languages.azerbaijani import STEMMER, stems
from search_service.languages.base import Language
from search_service.languages.casing import lower_turkic
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words(
    "prof dos dr akad gen polk müəl xan məs və.s c s səh bax r ş mln mlrd min küç pr şək cəd "
    "red tərc b.e e.ə"
)
LANGUAGE = Language(
    code="az",
    name="Azərbaycanca",
    english_name="Azerbaijani",
    scripts=(
        "Latn",
        "Cyrl",
    ),
    alphabet="abcçdeəfgğhxıijkqlmnoöprsştuüvyz",
    stop_words=stop_words("az"),
    lower=lower_turkic,
    fold=fold,
    stem=stems,
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
    stemmer=STEMMER,
)

"""Dutch."""

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
    "dhr mevr mw dr prof ir ing mr drs bijv d.w.z o.a m.a.w blz nr st ca resp vgl e.d a.u.b"
)
LANGUAGE = Language(
    code="nl",
    name="Nederlands",
    english_name="Dutch",
    scripts=("Latn",),
    alphabet="abcdefghijklmnopqrstuvwxyz",
    stop_words=stop_words("nl"),
    lower=lower,
    fold=fold,
    stem=snowball("dutch"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

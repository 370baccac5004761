"""Uzbek, in Latin and in Cyrillic letters: the grammar of its nouns and verbs."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import Words
from search_service.languages.turkic import CYRILLIC, Sounds, slot
from search_service.languages.turkic_stems import TurkicStemmer

_ABBREVIATIONS = words("dr prof akad mln mlrd sh m b yy y")

_CASES = slot("ning ni ga ka qa DA DAn")
_PLURAL = slot("lar")
_OWN = [
    *slot("(i)miz (i)ngiz (s)i", 0.1, optional=False),
    *slot("(i)m (i)ng", 0.5, optional=False),
]
_COPULA = slot("dir man miz siz edi", 0.6)
_NOUNS = [
    [_PLURAL, _CASES, _COPULA],
    [_PLURAL, _OWN, _CASES, _COPULA],
    [_PLURAL, _OWN, slot("dagi", 0.2, optional=False), _PLURAL, _CASES],
    [_PLURAL, slot("dagi", 0.2, optional=False), _PLURAL, _CASES],
]
_NOT = slot("ma", 0.1)
_PERSON = slot("man san ti miz siz tilar lar", 0.1)
_VERBS = [
    [_NOT, slot("di sa", optional=False), slot("m ng k ngiz lar", 0.1)],
    [_NOT, slot("yap moqda", optional=False), _PERSON],
    [_NOT, slot("(y)a y", 0.4, optional=False), slot("man san di miz siz dilar", optional=False)],
    [_NOT, slot("gan kan qan yotgan adigan ydigan", optional=False), _PLURAL, _CASES, _COPULA],
    [_NOT, slot("gan kan qan", optional=False), _OWN, _CASES],
    [_NOT, slot("ib b", 0.3, optional=False), _PERSON],
    [_NOT, slot("(a)r s", 0.5, optional=False), slot("man san miz siz lar edi", 0.1)],
    [_NOT, slot("moq", optional=False), slot("chi da dan")],
    [_NOT, slot("(i)sh", 0.3, optional=False), _PLURAL, _CASES],
    [_NOT, slot("(i)sh", 0.3, optional=False), _OWN, _CASES],
    [_NOT, slot("sin sinlar ing inglar aylik ay", 0.5, optional=False)],
]
_STEMMER = TurkicStemmer(
    nouns=_NOUNS,
    verbs=_VERBS,
    short_roots=words("ot ol uy oy et ish is it ip el er av ov yo"),
    hardened={"g": "q"},
    restored={},
    sounds=Sounds(front=False, rounded=False),
)
# Of oʻ and gʻ, whichever apostrophe is typed.
_WORDS = Words(inside="(?<=[oOgG])['’ʼ`´‘]")
_CYRILLIC = str.maketrans(
    CYRILLIC | {"ғ": "g'", "ё": "yo", "қ": "q", "ў": "o'", "х": "x", "ҳ": "h", "ч": "ch", "ъ": "'"}
)


def _stems(exact: str) -> tuple[str, ...]:
    return _STEMMER.stems(fold(exact.translate(_CYRILLIC)))


LANGUAGE = Language(
    code="uz",
    name="Oʻzbekcha",
    english_name="Uzbek",
    scripts=(
        "Latn",
        "Cyrl",
    ),
    alphabet="abdefghijklmnopqrstuvxyz",
    stop_words=stop_words("uz"),
    lower=lower,
    fold=fold,
    stem=_stems,
    tokenise=_WORDS.tokens,
    surfaces=_WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

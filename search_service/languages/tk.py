"""Turkmen: the grammar of its nouns and verbs."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS
from search_service.languages.turkic import Sounds, Suffix, slot
from search_service.languages.turkic_stems import TurkicStemmer

_ABBREVIATIONS = words("ş.m we.ş.m dr prof müň mln")

# y is the vowel ı, ý the consonant y.
_VOWELS = str.maketrans({"y": "i", "ý": "y"})
_CASES = [*slot("(n)In (n)I DA DAn"), Suffix("(n)A", 0.2)]
_CASES_AFTER_THIRD = slot("nIn nI nA ndA ndAn")
_PLURAL = slot("lAr")
_POSSESSIVE = slot("(I)mIz (I)nIz", 0.3, optional=False) + slot("(I)m (I)n", 0.6, optional=False)
_THIRD = slot("(s)I", 0.1, optional=False)
_COPULA = slot("dIr dI mIş", 0.6)
_NOUNS = [
    [_PLURAL, _CASES, _COPULA],
    [_PLURAL, _POSSESSIVE, _CASES],
    [_PLURAL, _THIRD, _CASES_AFTER_THIRD, _COPULA],
    [_PLURAL, slot("DAkI ndAkI", 0.2, optional=False), _PLURAL, _CASES],
]
_NOT = slot("mA", 0.1)
_PERSON = slot("In sIn Is sInIz lAr", 0.2)
_VERBS = [
    [_NOT, slot("dI sA", optional=False), slot("m n K nIz lAr", 0.1)],
    [_NOT, slot("yAr yAn", optional=False), _PERSON],
    [_NOT, slot("yAn An", 0.2, optional=False), _PLURAL, _CASES],
    [_NOT, slot("An", 0.2, optional=False), _PLURAL, _THIRD, _CASES_AFTER_THIRD],
    [_NOT, slot("jAK", optional=False), _COPULA],
    [_NOT, slot("(I)p (A)r", 0.3, optional=False), _PERSON],
    [slot("mAK mAgI", optional=False), slot("A I In dA dAn", 0.1)],
    [_NOT, slot("mAgI", optional=False), _CASES_AFTER_THIRD],
]
_STEMMER = TurkicStemmer(
    nouns=_NOUNS,
    verbs=_VERBS,
    short_roots=words(
        "ac ad ag ak al at ay bi de el er et ev ic il is it iz od ol ot oy oz su uc uy"
    ),
    hardened={"g": "k", "b": "p", "d": "t"},
    restored={
        "ogl": "ogul",
        "agz": "agiz",
        "burn": "burun",
        "boyn": "boyun",
        "ed": "et",
        "gid": "git",
    },
    sounds=Sounds(back_velar=("k", "g"), front_velar=("k", "g")),
)


def _stems(exact: str) -> tuple[str, ...]:
    return _STEMMER.stems(fold(exact.translate(_VOWELS)))


LANGUAGE = Language(
    code="tk",
    name="Türkmençe",
    english_name="Turkmen",
    scripts=("Latn",),
    alphabet="abçdeäfghijžklmnňoöprsştuüwyýz",
    stop_words=stop_words("tk"),
    lower=lower,
    fold=fold,
    stem=_stems,
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

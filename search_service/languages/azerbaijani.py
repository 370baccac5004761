"""The stems of Azerbaijani words: the grammar of its nouns and verbs, and its Cyrillic letters.

Beside what schools teach stand forms that people say and write (gəlirsən and gəlirən, baxacaq and
baxacax, alıb and alıp), at a higher cost.
"""

from __future__ import annotations

import re

from search_service.languages.folding import fold
from search_service.languages.stop_words import words
from search_service.languages.turkic import Sounds, Suffix, slot
from search_service.languages.turkic_stems import TurkicStemmer

_CASES = [*slot("(n)In (n)I dA dAn"), Suffix("(y)A", 0.2)]
_CASES_AFTER_THIRD = slot("nIn nI nA ndA ndAn")
_ANY_CASES = [*_CASES, *_CASES_AFTER_THIRD]
_PLURAL = slot("lAr")
_COPULA = slot("dIr dIrlAr (y)dI (y)mIş (y)sA (y)dIlAr dIrmI", 0.5)
_WHICH_IS_IN = slot("dAkI", 0.2, optional=False)
_POSSESSIVE = slot("(I)mIz (I)nIz", 0.3, optional=False) + slot("(I)m (I)n", 0.6, optional=False)
_THIRD = slot("(s)I", 0.1, optional=False)

_NOUNS = [
    [_PLURAL, _CASES, _COPULA],
    [_PLURAL, _POSSESSIVE, _CASES, _COPULA],
    [_PLURAL, _THIRD, _CASES_AFTER_THIRD, _COPULA],
    [_PLURAL, slot("(I)m (I)n (I)mIz (I)nIz", 0.5), _WHICH_IS_IN, _PLURAL, _ANY_CASES],
    [_PLURAL, _THIRD, slot("ndAkI", 0.2, optional=False), _PLURAL, _CASES_AFTER_THIRD, _COPULA],
    [_PLURAL, slot("(n)InkI", 1.0, optional=False), _PLURAL, _CASES_AFTER_THIRD],
    [_PLURAL, slot("(y)lA", 0.8, optional=False)],
    [_PLURAL, _POSSESSIVE, slot("lA", 0.3, optional=False)],
    [_PLURAL, _THIRD, slot("ylA", 0.3, optional=False)],
]
"""Plural, possessive, case, copula: şəhərlərimizdəndir."""

_NOT = slot("mA", 0.1)
_NOT_Y = [*_NOT, Suffix("mI", 0.6)]
_PERSON = [*slot("Am sAn IK sInIz lAr", 0.1), *slot("An Ix Iz sIz", 0.8, optional=False)]
_PAST_PERSON = [*slot("m n K nIz lAr", 0.1), *slot("x z", 0.8, optional=False)]
_IS_COPULA = [*slot("dI mIş sA dIr dIlAr mIşlAr", 0.2), *slot("IdI ImIş", 0.6, optional=False)]

_FUTURE = slot("(y)AcAK (y)AcAx", optional=False)
_DONE = slot("(y)AcAK dIK (y)AcAx dIx", optional=False)

_VERBS = [
    # present: gəlirəm, gəlmirdim, oxuyur
    [slot("(y)Ir mIr", optional=False), _PERSON],
    [slot("(y)Ir mIr", optional=False), slot("dI mIş sA", 0.1, optional=False), _PAST_PERSON],
    # past, conditional: gəldim, gəlməsələr
    [_NOT, slot("dI sA", optional=False), _PAST_PERSON],
    [_NOT, slot("sAydI dIysA", 0.1, optional=False), _PAST_PERSON],
    # perfect: gəlmişəm, gəlmişdi, gəlib, gəlibdir
    [_NOT, slot("mIş", optional=False), [*_PERSON, Suffix("dIr"), Suffix("dIrlAr")]],
    [_NOT, slot("mIşImIş mIşIdI", 0.6, optional=False), _PAST_PERSON],
    [_NOT, slot("mIşdI mIşsA (y)IbdIr (y)IbsA", 0.1, optional=False), _PAST_PERSON],
    [_NOT_Y, slot("(y)Ib (y)Ip", optional=False), slot("sAn sInIz lAr dIr dIrlAr", 0.1)],
    # future: gələcəyəm, gələcəkdi; its participle and that of the past: gələcəyini, gəldiyimiz
    [_NOT_Y, _FUTURE, _PERSON],
    [_NOT_Y, _FUTURE, _IS_COPULA, _PAST_PERSON],
    [_NOT_Y, _DONE, _PLURAL, _CASES],
    [_NOT_Y, _DONE, _PLURAL, _POSSESSIVE, _CASES],
    [_NOT_Y, _DONE, _PLURAL, _THIRD, _CASES_AFTER_THIRD],
    # aorist: gələrəm, gəlməz, gəlmərəm
    [[Suffix("(y)Ar", 0.3), Suffix("mAz", 0.1), Suffix("mAr", 0.1)], _PERSON],
    [slot("(y)Ar", 0.3, optional=False), slot("dI sA", 0.1, optional=False), _PAST_PERSON],
    # necessity, wish, command: gəlməlidir, gələydi, gəlsin
    [_NOT, slot("mAlI", 0.1, optional=False), slot("yAm sAn yIK sInIz dIr ydI")],
    [_NOT_Y, slot("(y)A", 0.6, optional=False), slot("m sAn K sInIz lAr ydI", 0.1)],
    [_NOT, slot("sIn sInlAr (y)Im (y)AK (y)Am (y)In (y)InIz", 0.5, optional=False)],
    # participle, verbal adverbs: gələnlər, gəlmədən, gələrək, gəlincə
    [_NOT_Y, slot("(y)An", 0.2, optional=False), _PLURAL, _CASES, _COPULA],
    [_NOT_Y, slot("(y)An", 0.2, optional=False), _PLURAL, _THIRD, _CASES_AFTER_THIRD],
    [_NOT, slot("(y)ArAK (y)ArkAn (y)AndA (y)IncA dIKcA dIKdA mAdAn", 0.1, optional=False)],
    # infinitive and verbal noun: gəlmək, gəlməyə, gəlməsi
    [_NOT, slot("mAK", optional=False), _CASES, _COPULA],
    [_NOT, slot("mA", 0.3, optional=False), _PLURAL, _THIRD, _CASES_AFTER_THIRD, _COPULA],
    [_NOT, slot("mA", 0.4, optional=False), _PLURAL, _CASES, _COPULA],
    [_NOT, slot("mA", 0.4, optional=False), _PLURAL, _POSSESSIVE, _CASES],
]
"""Negation, tense or mood, person; participles and verbal nouns with the cases of nouns."""

# Roots of two letters, folded.
_SHORT_ROOTS = words(
    "ac ad ag al an as at av ay de ed ek el en ep er es et ev ey ez ic id il in is it iz iş aş uş "
    "od ol op or ot ov ox oz su ud uc um un ut uz ye yu"
)

# Roots whose high vowel falls before a suffix in a vowel (oğul, oğlu), folded, and d for t.
_FALLING = words(
    "agil agiz alin beyin boyun burun ciyin cisim esil etir fesil fikir isim konul meyil nesil "
    "ogul omur ovuc qarin qebir qisim qoyun sebir sehir sekil setir seyir sinif sukur xeyir zehin "
    "zikir"
)
_RESTORED = {f"{root[:-2]}{root[-1]}": root for root in _FALLING} | {"ed": "et", "ged": "get"}

STEMMER = TurkicStemmer(
    nouns=_NOUNS,
    verbs=_VERBS,
    short_roots=_SHORT_ROOTS,
    hardened={"g": "q", "y": "k"},
    restored=_RESTORED,
    sounds=Sounds(),
)

_CYRILLIC = str.maketrans(
    {
        "а": "a",
        "б": "b",
        "в": "v",
        "г": "q",
        "ғ": "ğ",
        "д": "d",
        "е": "e",
        "ә": "ə",
        "ж": "j",
        "з": "z",
        "и": "i",
        "ы": "ı",
        "ј": "y",
        "к": "k",
        "ҝ": "g",
        "л": "l",
        "м": "m",
        "н": "n",
        "о": "o",
        "ө": "ö",
        "п": "p",
        "р": "r",
        "с": "s",
        "т": "t",
        "у": "u",
        "ү": "ü",
        "ф": "f",
        "х": "x",
        "һ": "h",
        "ч": "ç",
        "ҹ": "c",
        "ш": "ş",
        # Of the spelling before 1958, and of Russian names.
        "й": "y",
        "э": "e",
        "ё": "yo",
        "ю": "yu",
        "я": "ya",
        "ц": "s",
        "щ": "ş",
        "ъ": None,
        "ь": None,
    }
)
_BEFORE_SUFFIX = re.compile(r"(\w{2,})'\w{1,7}")
"""A name and its suffix: Bakı'nın."""


def latin(exact: str) -> str:
    """The word in Latin letters: Гарабағ is Qarabağ, letter by letter."""
    return exact.translate(_CYRILLIC) if exact >= "Ѐ" else exact


def stems(exact: str) -> tuple[str, ...]:
    """The stems of an exact form in either script, the likeliest first, folded."""
    word = latin(exact)
    if "'" in word:
        if suffixed := _BEFORE_SUFFIX.fullmatch(word):
            return (fold(suffixed[1]),)
        word = word.replace("'", "")
    return STEMMER.stems(word)

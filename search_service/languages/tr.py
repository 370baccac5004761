"""Turkish: the grammar of its nouns and verbs."""

from __future__ import annotations

import re
from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower_turkic
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS
from search_service.languages.turkic import Sounds, Suffix, slot
from search_service.languages.turkic_stems import TurkicStemmer

_ABBREVIATIONS = words("dr prof doç av alb gen yzb bkz vb örn s c no mah cad sok st hz")

_CASES = [*slot("(n)In (y)I DA DAn"), Suffix("(y)A", 0.2)]
_CASES_AFTER_THIRD = slot("nIn nI nA ndA ndAn")
_ANY_CASES = [*_CASES, *_CASES_AFTER_THIRD]
_PLURAL = slot("lAr")
_COPULA = slot("DIr DIrlAr (y)DI (y)mIş (y)sA", 0.5)
_POSSESSIVE = slot("(I)mIz (I)nIz", 0.3, optional=False) + slot("(I)m (I)n", 0.6, optional=False)
_THIRD = slot("(s)I", 0.1, optional=False)
_NOUNS = [
    [_PLURAL, _CASES, _COPULA],
    [_PLURAL, _POSSESSIVE, _CASES, _COPULA],
    [_PLURAL, _THIRD, _CASES_AFTER_THIRD, _COPULA],
    [_PLURAL, slot("(I)m (I)n (I)mIz (I)nIz", 0.5), slot("DAki", 0.2), _PLURAL, _ANY_CASES],
    [_PLURAL, _THIRD, slot("ndAki", 0.2, optional=False), _PLURAL, _ANY_CASES],
    [_PLURAL, slot("(y)lA (y)ken", 0.8, optional=False)],
    [_PLURAL, _THIRD, slot("ylA", 0.3, optional=False)],
]

_NOT = slot("mA", 0.1)
_PERSON = slot("Im sIn Iz sInIz lAr", 0.1)
_PAST_PERSON = slot("m n K nIz lAr", 0.1)
_PAST = slot("DI mIş sA", 0.1, optional=False)
_PARTICIPLE = slot("(y)AcAK DIK", optional=False)
_NAMED = slot("mA", 0.4, optional=False)
_VERBS = [
    [slot("(I)yor mIyor", optional=False), _PERSON],
    [slot("(I)yor mIyor", optional=False), _PAST, _PAST_PERSON],
    [_NOT, slot("DI sA", optional=False), _PAST_PERSON],
    [_NOT, slot("mIş mAlI mAktA mAktAy", optional=False), _PERSON, _COPULA],
    [_NOT, slot("mIş mAlIy", optional=False), _PAST, _PAST_PERSON],
    [_NOT, slot("(y)AcAK", optional=False), _PERSON],
    [_NOT, slot("(y)AcAK", optional=False), _PAST, _PAST_PERSON],
    [_NOT, _PARTICIPLE, _PLURAL, _CASES],
    [_NOT, _PARTICIPLE, _PLURAL, _POSSESSIVE, _CASES],
    [_NOT, _PARTICIPLE, _PLURAL, _THIRD, _CASES_AFTER_THIRD],
    [[Suffix("(A)r", 0.4), Suffix("(I)r", 0.4), Suffix("mAz", 0.1)], _PERSON],
    [[Suffix("(A)r", 0.4), Suffix("(I)r", 0.4), Suffix("mAz", 0.1)], _PAST, _PAST_PERSON],
    [_NOT, slot("sIn sInlAr (y)AyIm (y)AlIm (y)In (y)InIz", 0.5, optional=False)],
    [_NOT, slot("(y)An", 0.2, optional=False), _PLURAL, _CASES, _COPULA],
    [_NOT, slot("(y)Ip (y)ArAK (y)IncA DIKçA mAdAn", 0.1, optional=False)],
    [slot("mAK", optional=False), slot("tAn tA lA sIzIn tIr")],
    [_NOT, _NAMED, _PLURAL, _THIRD, _CASES_AFTER_THIRD, _COPULA],
    [_NOT, _NAMED, _PLURAL, _CASES, _COPULA],
    [_NOT, _NAMED, _PLURAL, _POSSESSIVE, _CASES],
]

# Roots whose high vowel falls before a suffix in a vowel (oğul, oğlu), folded.
_FALLING = words(
    "agiz akil alin beyin boyun burun cisim emir fikir gonul isim karin kayip kisim nehir nesil "
    "ogul omur resim sabir sehir sekil sinif sukur zehin"
)
_STEMMER = TurkicStemmer(
    nouns=_NOUNS,
    verbs=_VERBS,
    short_roots=words(
        "ac ad ag ak al an as at av ay az de ek el en er es et ev iç ic il in ip is it iz iş aş uş "
        "od ol on op or ot ov oy oz su uc um un ut ye yo"
    ),
    hardened={"g": "k", "b": "p", "d": "t"},
    restored={f"{root[:-2]}{root[-1]}": root for root in _FALLING}
    | {"ed": "et", "gid": "git", "di": "de", "yi": "ye"},
    sounds=Sounds(back_velar=("k", "g"), front_velar=("k", "g")),
)
_BEFORE_SUFFIX = re.compile(r"(\w{2,})'\w{1,7}")


def _stems(exact: str) -> tuple[str, ...]:
    if suffixed := _BEFORE_SUFFIX.fullmatch(exact):  # Ankara'nın
        return (fold(suffixed[1]),)
    return _STEMMER.stems(exact.replace("'", ""))


LANGUAGE = Language(
    code="tr",
    name="Türkçe",
    english_name="Turkish",
    scripts=("Latn",),
    alphabet="abcçdefgğhıijklmnoöprsştuüvyz",
    stop_words=stop_words("tr"),
    lower=lower_turkic,
    fold=fold,
    stem=_stems,
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS, ordinals=True),
    stemmer=_STEMMER,
)

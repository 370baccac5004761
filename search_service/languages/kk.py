"""Kazakh: the grammar of its nouns and verbs."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS
from search_service.languages.turkic import CYRILLIC, Sounds, slot
from search_service.languages.turkic_stems import TurkicStemmer

_ABBREVIATIONS = words("б т.б т.с.с ж жж ғ ғғ м см мың млн млрд теңге")

# Letter by letter to the Latin letters that the grammar is written in.
_LATIN = str.maketrans(CYRILLIC | {"х": "h", "ч": "ç", "щ": "sh", "ы": "i", "і": "i", "ъ": None})
_CASES = [*slot("nIn DIn nI DI DA DAn nAn men ben pen"), *slot("gA kA", 0.1, optional=False)]
_CASES_AFTER_OWN = [*slot("nIn DIn DI n nDA nAn DAn men"), *slot("A nA", 0.2, optional=False)]
_PLURAL = slot("lAr DAr")
_OWN = slot("(I)mIz (s)I", 0.1, optional=False) + slot("(I)m (I)n InIz nIz", 0.5, optional=False)
_NOUNS = [
    [_PLURAL, _CASES],
    [_PLURAL, _OWN, _CASES_AFTER_OWN],
    [_PLURAL, slot("DAgI ndAgI", 0.2, optional=False), _PLURAL, _CASES],
    [_PLURAL, _CASES, slot("mIn sIn mIz sIz", 0.8)],
]
_NOT = slot("mA bA pA", 0.1)
_PERSON = slot("mIn sIn mIz sIz DI", 0.1)
_VERBS = [
    [_NOT, slot("DI sA", optional=False), slot("m n K nIz", 0.1)],
    [_NOT, slot("(y)A y", 0.3, optional=False), slot("mIn sIn DI mIz sIz", 0.1, optional=False)],
    [_NOT, slot("gAn kAn", 0.1, optional=False), _PLURAL, _CASES],
    [_NOT, slot("gAn kAn", 0.1, optional=False), _PERSON],
    [_NOT, slot("gAn kAn", 0.1, optional=False), _PLURAL, _OWN, _CASES_AFTER_OWN],
    [_NOT, slot("(I)p (A)r (y)AtIn ytIn", 0.3, optional=False), _PERSON],
    [_NOT, slot("u yu", 0.4, optional=False), _PLURAL, _CASES],
    [_NOT, slot("u yu", 0.4, optional=False), _OWN, _CASES_AFTER_OWN],
]
_STEMMER = TurkicStemmer(
    nouns=_NOUNS,
    verbs=_VERBS,
    short_roots=words("at al as ay el er et ol on oy su is it ul uy es is ot ok ak as"),
    hardened={"g": "k", "b": "p"},
    restored={},
    sounds=Sounds(rounded=False, back_velar=("k", "g"), front_velar=("k", "g")),
)


def _stems(exact: str) -> tuple[str, ...]:
    return _STEMMER.stems(fold(exact).translate(_LATIN))


LANGUAGE = Language(
    code="kk",
    name="Қазақша",
    english_name="Kazakh",
    scripts=(
        "Cyrl",
        "Latn",
    ),
    alphabet="аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    stop_words=stop_words("kk"),
    lower=lower,
    fold=fold,
    stem=_stems,
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

"""Armenian: the article, cases and plural cut off."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.light import light
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words
from search_service.languages.tokens import WORDS

LANGUAGE = Language(
    code="hy",
    name="Հայերեն",
    english_name="Armenian",
    scripts=("Armn",),
    alphabet="աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    stop_words=stop_words("hy"),
    lower=lower,
    fold=fold,
    stem=light(
        "ը ն ս դ",
        "ի ից ով ում ին ու վ ան ոջ եմ ես է ենք եք են",
        "ներ եր ություն ություն ության",
        "ել ալ եց աց ում ած",
        shortest=3,
    ),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=frozenset()),
)

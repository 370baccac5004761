"""Ukrainian."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.light import light
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words(
    "р рр ст ім вул обл м див напр та.ін і.т.д т.зв проф акад д-р тис млн млрд грн коп"
)
LANGUAGE = Language(
    code="uk",
    name="Українська",
    english_name="Ukrainian",
    scripts=("Cyrl",),
    alphabet="абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    stop_words=stop_words("uk"),
    lower=lower,
    fold=fold,
    stem=light(
        "ся сь",
        "ами ями ові еві єві ів їв ей ам ям ах ях ом ем єм ою ею єю ою ого ього ому ьому ий ій "
        "ої ьої им ім їм их іх їх ими іми їми ти ть ло ли ла в ло уть ють ать ять ує ує є ає яє ає "
        "аєш уєш єте ете ите їте емо ємо имо їмо иш їш еш єш ував увала ували увати ювати ював "
        "ювала ювали ають яють ував али ала ати яти ити іти ив ила или ав яв ять ила ено ано "
        "ість ості істю ь а я о е є у ю и і ї й",
        "ськ",
        shortest=3,
    ),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
)

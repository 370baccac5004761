"""German."""

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
    "bzw ca dr prof hr fr st nr str tel vgl z.b u.a d.h o.ä s.o s.u usf jh abb bd hrsg i.d.r "
    "m.e inkl evtl ggf sog"
)
LANGUAGE = Language(
    code="de",
    name="Deutsch",
    english_name="German",
    scripts=("Latn",),
    alphabet="aäbcdefghijklmnoöpqrsßtuüvwxyz",
    stop_words=stop_words("de"),
    lower=lower,
    fold=fold,
    stem=snowball("german"),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS, ordinals=True),
)

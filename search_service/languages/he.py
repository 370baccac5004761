"""Hebrew: prefixed particles and plural endings may be cut off."""

from __future__ import annotations

import re
from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words, words
from search_service.languages.tokens import WORDS

_ABBREVIATIONS = words("פרופ עמ מס גב")

_PREFIX = re.compile("(?:[והבכלמש]|ו[הבכלמש]|[שמ]ה|כש)(?=.{3})")
_ENDING = re.compile("(?<=.{3})(?:ים|ות|ית|יים)$")


def _stems(exact: str) -> tuple[str, ...]:
    """The word, and what is left without what may be a prefix (בבית, in the house) or a plural."""
    word = fold(exact)
    found = [word]
    if prefix := _PREFIX.match(word):
        found.append(word[1:])
        found.append(word[prefix.end() :])
    found += [_ENDING.sub("", stem) for stem in found]
    return tuple(dict.fromkeys(found))


LANGUAGE = Language(
    code="he",
    name="עברית",
    english_name="Hebrew",
    scripts=("Hebr",),
    alphabet="אבגדהוזחטיכלמנסעפצקרשת",
    stop_words=stop_words("he"),
    lower=lower,
    fold=fold,
    stem=_stems,
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=_ABBREVIATIONS),
    direction="rtl",
)

"""The languages that the service reads by their own rules, as a table; `und` is for all others.

A language is one file of this folder, named by its code, that makes a `LANGUAGE`; it is imported
when it is first asked for. docs/adding-a-language.md tells how to add one.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from search_service.errors import UnknownName
from search_service.languages.base import Language

UNDETERMINED = "und"
"""The code of the default: any language not in the table, or text whose language is not known."""

LANGUAGES = {
    "az": "Azerbaijani",
    "en": "English",
    "tr": "Turkish",
    "ru": "Russian",
    "uk": "Ukrainian",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "ro": "Romanian",
    "el": "Greek",
    "ar": "Arabic",
    "fa": "Persian",
    "azb": "South Azerbaijani",
    "hy": "Armenian",
    "ka": "Georgian",
    "kk": "Kazakh",
    "uz": "Uzbek",
    "tk": "Turkmen",
    "he": "Hebrew",
    "hi": "Hindi",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
    UNDETERMINED: "Other or unknown",
}
"""Code -> English name, the interface's languages first."""


@cache
def get(code: str) -> Language:
    """The language of a code. Raises `UnknownName`, which lists the choices."""
    if code not in LANGUAGES:
        raise UnknownName("language", code, LANGUAGES)
    language: Language = import_module(f"{__name__}.{code}").LANGUAGE
    return language


def codes() -> tuple[str, ...]:
    """The codes of all languages, `und` included."""
    return tuple(LANGUAGES)

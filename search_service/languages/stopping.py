"""Whether a form of a text is a stop word of its language, also where it was typed plainly."""

from __future__ import annotations

from functools import cache

from search_service.languages import get


@cache
def folded_stop_words(code: str) -> frozenset[str]:
    """The stop words of a language as people type them without diacritics: `və` is `ve`."""
    language = get(code)
    return frozenset(map(language.fold, language.stop_words))


def stops(exact: str, folded: str, code: str) -> bool:
    """Whether a form is a stop word, or one typed without its diacritics.

    Azerbaijani `ve` is `və`, and German `fur` is `für`; but English `fur` is none.
    """
    if exact != folded:
        return exact in get(code).stop_words
    return folded in folded_stop_words(code)

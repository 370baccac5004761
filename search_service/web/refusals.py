"""What is wrong with a request, in the language of the reader.

Errors are in English, for programs, logs and the terminal; a page says the same by the catalogues.
"""

from __future__ import annotations

from search_service.errors import InvalidValue, NotFound, SearchServiceError, UnknownName
from search_service.web.language import gettext


def gettext_noop(message: str) -> str:
    """A message that is translated later; named so that it is found for the catalogues."""
    return message


_LONG = gettext_noop("a query has at most %(most)s characters: shorten it")
"""The cure of `query.parsing`, which knows no pages."""


def told(problem: SearchServiceError) -> str:
    """What cannot be, and what to do about it; empty where a page has no words for it."""
    match problem:
        case UnknownName(parameter=None):
            return gettext(
                "“%(name)s” is not known here: use one of %(choices)s",
                name=problem.name,
                choices=", ".join(problem.choices),
            )
        case UnknownName(kind="parameter"):
            return gettext(
                "there is no parameter “%(name)s”: use one of %(choices)s",
                name=problem.name,
                choices=", ".join(problem.choices),
            )
        case UnknownName():
            cure = gettext("use one of %(choices)s", choices=", ".join(problem.choices))
            return _cannot_be(str(problem.parameter), problem.name, cure)
        case InvalidValue():
            cure = gettext(problem.cure, **problem.values)
            return _cannot_be(problem.parameter, problem.value, cure)
        case NotFound():
            return gettext(str(problem))
    return ""


def _cannot_be(parameter: str, value: object, cure: str) -> str:
    return gettext(
        "%(parameter)s cannot be “%(value)s”: %(cure)s",
        parameter=parameter,
        value=value,
        cure=cure,
    )

"""Values of filters, as people type them → as the index has them; and their labels.

`source:trend` means the source `Trend`, `lang:azerbaijani` the code `az`, `author:brooks*` every
author whose name begins so.
"""

from __future__ import annotations

from threading import Lock

from search_service.engines.base import Reader, Request
from search_service.errors import UnknownName
from search_service.languages import LANGUAGES, get
from search_service.nodes import EVERYTHING
from search_service.schema import FACETS, UNDATED

FACET_NAMES = tuple(facet.name for facet in FACETS)


class FilterValues:
    """The values that one generation has, counted once when they are first asked for."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = Lock()
        self._known: dict[str, dict[str, int]] | None = None

    def counts(self, facet: str) -> dict[str, int]:
        """Value -> documents of a facet. Raises `UnknownName`."""
        if facet not in FACET_NAMES:
            raise UnknownName("facet", facet, FACET_NAMES)
        with self._lock:
            if self._known is None:
                answer = self._reader.search(Request(EVERYTHING, limit=0, facets=FACET_NAMES))
                self._known = {name: dict(found) for name, found in answer.facets.items()}
        return self._known.get(facet, {})

    def resolve(self, facet: str, typed: tuple[str, ...]) -> tuple[str, ...]:
        """The index's own values for typed ones; what it does not have stays as it was typed."""
        known = self.counts(facet)
        found: dict[str, None] = {}
        for value in typed:
            found |= dict.fromkeys([value] if value in known else self._alike(facet, value, known))
        return tuple(found)

    def _alike(self, facet: str, typed: str, known: dict[str, int]) -> list[str]:
        wanted = typed.casefold()
        if wanted.endswith("*"):
            found = [value for value in known if value.casefold().startswith(wanted[:-1])]
        else:
            found = [value for value in known if wanted in _names(facet, value)]
        return found or [typed]


def _names(facet: str, value: str) -> set[str]:
    names = {value.casefold()}
    if facet == "language" and value in LANGUAGES:
        names |= {get(value).name.casefold(), get(value).english_name.casefold()}
    return names


def labels(facet: str, values: list[str]) -> list[str]:
    """Of a facet's values for people; pages translate what is not a name."""
    if facet == "language":
        return [get(value).name if value in LANGUAGES else value for value in values]
    if facet == "year":
        return ["Undated" if value == UNDATED else value for value in values]
    return values

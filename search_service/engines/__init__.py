"""The engines, as a table. Adding one is a file of this folder and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from search_service.errors import UnknownName

if TYPE_CHECKING:  # A run that finds nothing to do needs no engine.
    from search_service.engines.base import Engine

ENGINES = {
    "whoosh": "search_service.engines.whoosh.engine:WhooshEngine",
}
"""Name -> where its class is; it is imported when it is asked for."""


def get(name: str, *, memory: int | None = None) -> Engine:
    """The engine of a name. Raises `UnknownName`, which lists the choices.

    `memory` is how many bytes its writer may use before it writes to disk; None for its own choice.
    """
    try:
        module, _, attribute = ENGINES[name].partition(":")
    except KeyError as error:
        raise UnknownName("engine", name, ENGINES) from error
    engine: Engine = getattr(import_module(module), attribute)(memory=memory)
    return engine

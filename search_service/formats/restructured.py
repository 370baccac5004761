"""docutils with what costs much and changes no text left out: a third of its time.

It parses each list and each indented block by a state machine of its own, of which one or two of
the fifteen states are ever entered; here a state is made when it is entered. Of its transforms
those are applied that change the words of a text.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from docutils import nodes
from docutils.core import Publisher, publish_doctree
from docutils.parsers.rst import Parser, states
from docutils.readers import standalone
from docutils.transforms import Transform, frontmatter, references
from docutils.writers import null


class _States(dict[str, Any]):
    """The states of a machine by their names, made when they are first asked for."""

    def __init__(self, machine: states.NestedStateMachine, classes: Iterable[type]) -> None:
        super().__init__()
        self._machine = machine
        self._classes = {each.__name__: each for each in classes}

    def __missing__(self, name: str) -> Any:
        state = self[name] = self._classes[name](self._machine, self._machine.debug)
        if hasattr(self._machine, "memo"):  # It runs: it has made ready what states there were.
            state.runtime_init()
        return state


class _Machine(states.NestedStateMachine):
    """A state machine for what is nested, with such states."""

    def add_states(self, state_classes: Iterable[type]) -> None:
        """Remember which states there are."""
        self.states = _States(self, state_classes)


states.RSTState.nested_sm = _Machine


class _Reader(standalone.Reader):  # type: ignore[type-arg]  # generic in the stubs alone
    """Reads a file that stands by itself."""

    def get_transforms(self) -> list[type[Transform]]:
        """Those that change words; the others look after links, ids and messages."""
        return [references.Substitutions, frontmatter.DocTitle, references.Footnotes]


def parse(text: str, settings: Mapping[str, Any]) -> nodes.document:
    """The tree of a text. `settings` are docutils's, the same at each call."""
    parser = Parser(rfc2822=True)
    reader = _Reader(parser)
    return publish_doctree(text, reader=reader, settings=_settings(tuple(settings.items())))


def _settings(overrides: tuple[tuple[str, Any], ...]) -> Any:
    return copy.copy(_made(overrides))


@cache
def _made(overrides: tuple[tuple[str, Any], ...]) -> Any:
    """All settings of docutils; to find out which it has takes it longer than to parse a page."""
    parser = Parser(rfc2822=True)
    publisher = Publisher(_Reader(parser), parser, null.Writer())
    publisher.process_programmatic_settings(None, dict(overrides), None)
    return publisher.settings

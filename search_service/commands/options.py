"""Options that subcommands share: settings as flags, and output as JSON."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from search_service.settings import CONFIG_FILE, FIELDS, Settings, help_of, load

Function = TypeVar("Function", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def settings_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command these settings as flags; it is called with `settings`.

    All other settings are read from variables and the TOML file all the same.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def command(*, config: Path | None, **arguments: Any) -> Any:
            flags = {name: arguments.pop(name) for name in names}
            return function(settings=load(config, **flags), **arguments)

        decorated: Callable[..., Any] = command
        for name in reversed(names):
            decorated = _flag(name)(decorated)
        return click.option(
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            help=f"A TOML file of settings; without it, {CONFIG_FILE} if there is one.",
        )(decorated)

    return decorate


def _flag(name: str) -> Callable[[Function], Function]:
    field = FIELDS[name]
    flag = f"--{name.replace('_', '-')}"
    if isinstance(field.default, bool):
        return click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=help_of(name))
    shown = _shown(field.default)
    return click.option(
        flag,
        name,
        metavar="DIR" if isinstance(field.default, Path) else "VALUE",
        help=help_of(name) + (f" [default: {shown}]" if shown else ""),
    )


def _shown(default: object) -> str:
    return "" if default in (None, "", ()) else str(default)


def print_json(value: object) -> None:
    """Print what is made of the JSON types, dates and dataclasses."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
    click.echo(orjson.dumps(value, option=options).decode(), nl=False)


def plain(text: str) -> str:
    """Text of documents for a terminal: no control characters, which could command it."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text.replace("\t", " "))


__all__ = ["Settings", "as_json", "plain", "print_json", "settings_options"]

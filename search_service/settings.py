"""Every setting once: its name, default, unit and help.

The same name is a flag (`--file-memory`), an environment variable (`SEARCH_SERVICE_FILE_MEMORY`)
and a key of `search-service.toml` (`file_memory`); the earlier of these three wins. A name that
is not here is an error which lists the choices, and so is an environment variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from search_service.errors import InvalidValue, UnknownName

CONFIG_FILE = "search-service.toml"
PREFIX = "SEARCH_SERVICE_"
CONFIG_VARIABLE = PREFIX + "CONFIG"

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off", "")
_SIZES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_SIZES |= {"kib": 2**10, "mib": 2**20, "gib": 2**30}
_TIMES = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)")


class _Unusable(Exception):
    """A value that a parser refuses; its text is the cure."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Unusable("write it in quotes")
    return value.strip()


def _path(value: object) -> Path:
    if not isinstance(value, str | os.PathLike) or not str(value):
        raise _Unusable("give the path of a folder")
    return Path(value).expanduser()


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in _TRUE:
        return True
    if str(value).lower() in _FALSE:
        return False
    raise _Unusable("use true or false")


def _names(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _with_unit(value: object, units: Mapping[str, float]) -> float:
    """`value` times its unit: "512 MB", "1.5h", 30."""
    match = _NUMBER.fullmatch(str(value).strip())
    if isinstance(value, bool) or not match or match[2].lower() not in units:
        raise _Unusable(f"use a number with one of {', '.join(u for u in units if u)}")
    return float(match[1]) * units[match[2].lower()]


def _size(value: object) -> int:
    return int(_with_unit(value, _SIZES))


def _duration(value: object) -> float:
    """Seconds of "15m", "1.5 h", "250ms", "30"."""
    return _with_unit(value, _TIMES)


def _interval(value: object) -> float | None:
    if value in (None, "", "never"):
        return None
    return _pause(value)


def _pause(value: object) -> float:
    """Between two runs: without one the indexer would run without end."""
    seconds = _duration(value)
    if seconds < 1:
        raise _Unusable("use at least 1s")
    return seconds


def _between(low: int, high: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        try:
            number = int(str(value))
        except ValueError:
            number = low - 1
        if isinstance(value, bool) or not low <= number <= high:
            raise _Unusable(f"use a whole number from {low} to {high}")
        return number

    return parse


def _url(value: object) -> str:
    text = _text(value).rstrip("/")
    if text and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise _Unusable("use an address such as https://archive.example.org")
    return text


def _prefix(value: object) -> str:
    text = _text(value).strip("/")
    if not re.fullmatch(r"[\w.~/-]*", text):
        raise _Unusable("use a path such as /search")
    return f"/{text}" if text else ""


def _setting(default: object, parse: Callable[[object], object], text: str) -> Any:
    return field(default=default, metadata={"parse": parse, "help": text})


# ruff: noqa: RUF009 -- `_setting` makes a `dataclasses.field`, which is what a default may be.
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults; sizes in bytes, times in seconds."""

    corpus: Path = _setting(Path("corpus"), _path, "The folder of documents.")
    index: Path = _setting(Path("index"), _path, "The folder that the index is kept in.")
    engine: str = _setting("whoosh", _text, "The engine that stores and searches.")
    languages: tuple[str, ...] = _setting(
        (), _names, "The languages to expect, as codes with commas; without it, all known ones."
    )
    state: Path | None = _setting(
        None, _path, "The folder of run records and requests; without it, INDEX/state."
    )

    file_seconds: float = _setting(30.0, _duration, "How long one file may take to be read.")
    file_memory: int = _setting(512 * 10**6, _size, "How much memory reading one file may take.")
    index_memory: int = _setting(
        512 * 10**6, _size, "How much memory the index in the making may take."
    )
    index_processes: int = _setting(
        0, _between(0, 256), "How many processes read files; 0 is one a processor."
    )

    host: str = _setting("127.0.0.1", _text, "The address to serve on.")
    port: int = _setting(8000, _between(0, 65535), "The port to serve on.")
    workers: int = _setting(2, _between(1, 256), "How many processes serve.")
    threads: int = _setting(4, _between(1, 256), "How many threads each of them has.")
    proxies: int = _setting(
        0, _between(0, 10), "How many reverse proxies in front are believed (X-Forwarded-*)."
    )
    public_url: str = _setting("", _url, "The address that the public sees, for absolute links.")
    path_prefix: str = _setting("", _prefix, "The path that the service lives under.")
    originals: bool = _setting(False, _flag, "Whether the original files may be downloaded.")
    public: bool = _setting(False, _flag, "Whether robots may index the pages.")
    ui_language: str = _setting(
        "", _text, "The language of the pages; without it, the reader's own."
    )

    archive_name: str = _setting("Search", _text, "What the archive is called.")
    archive_description: str = _setting("", _text, "A sentence on what is in it.")
    archive_contact: str = _setting("", _text, "An address to write to.")
    archive_rights: str = _setting("", _text, "Under which terms its texts may be used.")
    archive_logo: Path | None = _setting(None, _path, "An SVG or PNG file.")

    query_length: int = _setting(1000, _between(1, 32000), "Characters a query may have.")
    query_seconds: float = _setting(1.0, _duration, "How long a query may take.")

    reindex_every: float | None = _setting(
        None, _interval, "How often `serve` looks for changes, as in 15m; without it, never."
    )
    reindex_token: str = _setting(
        "", _text, "The secret by which a run may be asked for over HTTP; without it, none may."
    )

    def environment(self) -> dict[str, str]:
        """What is not as by default, as variables: for another process of ours."""
        found = {}
        for name, field_ in FIELDS.items():
            value = getattr(self, name)
            if value != field_.default:
                text = ",".join(value) if isinstance(value, tuple) else str(value)
                found[PREFIX + name.upper()] = text
        return found

    @property
    def state_folder(self) -> Path:
        """Where run records, requests and caches are."""
        return self.state or self.index / "state"


FIELDS: Mapping[str, Field[Any]] = {each.name: each for each in fields(Settings)}


def help_of(name: str) -> str:
    """What a setting means, in a sentence."""
    return str(FIELDS[name].metadata["help"])


def load(
    config: Path | None = None, environ: Mapping[str, str] | None = None, **flags: object
) -> Settings:
    """The settings by flag, environment variable and file; flags that are None are left out.

    `config` is a TOML file: by default `$SEARCH_SERVICE_CONFIG`, or `search-service.toml` in the
    working directory. Paths in it are relative to its folder. Raises `UnknownName` for a name
    that is no setting and `InvalidValue` for a value that cannot be used.
    """
    environ = os.environ if environ is None else environ
    values = _from_file(config, environ) | _from_environment(environ)
    for flag, value in flags.items():
        if value is not None:
            name = _known(flag, "setting")
            values[name] = _parse(name, value, f"--{name.replace('_', '-')}")
    return Settings(**values)


def interval(where: str, value: str) -> float:
    """Seconds of "15m", "1.5 h", "30". Raises `InvalidValue`, which names `where`."""
    try:
        return _pause(value)
    except _Unusable as cure:
        raise InvalidValue(where, value, str(cure)) from None


def _known(name: str, kind: str) -> str:
    if name in FIELDS:
        return name
    near = get_close_matches(name, FIELDS, n=1)
    rest = sorted(set(FIELDS) - set(near))
    raise UnknownName(kind, name, [*near, *rest])


def _parse(name: str, value: object, where: str) -> Any:
    try:
        return FIELDS[name].metadata["parse"](value)
    except _Unusable as cure:
        raise InvalidValue(where, value, str(cure)) from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for variable, value in environ.items():
        if variable.startswith(PREFIX) and variable != CONFIG_VARIABLE:
            name = _known(variable.removeprefix(PREFIX).lower(), f"setting in {variable}")
            values[name] = _parse(name, value, variable)
    return values


def _from_file(config: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    named = config or (Path(environ[CONFIG_VARIABLE]) if CONFIG_VARIABLE in environ else None)
    path = named or Path(CONFIG_FILE)
    if named is None and not path.is_file():
        return {}
    import tomllib  # noqa: PLC0415 -- most have no such file

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise InvalidValue("config", str(path), f"it must be a TOML file ({problem})") from None
    values = {}
    for name, value in table.items():
        parsed = _parse(_known(name, f"setting in {path}"), value, f"{name} in {path}")
        values[name] = path.parent / parsed if isinstance(parsed, Path) else parsed
    return values

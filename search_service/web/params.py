"""What a request asks: the one place that reads `request.args`.

The endpoint, feeds and exports are strict (`read` with `strict=True`): an unknown parameter or a
value of no use is an error that names the cure. A page takes what it understands, and says which
values it has left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from werkzeug.datastructures import MultiDict

from search_service.errors import InvalidValue, SearchServiceError, UnknownName
from search_service.model import PublicationDate
from search_service.schema import FACETS
from search_service.web.asked import FACET_NAMES, LIMIT, MAX_LIMIT, MAX_OFFSET, RUNGS, Asked
from search_service.web.refusals import gettext_noop

Args = MultiDict[str, str]
_Parse = Callable[[str, str], Any]

_CHOICE = gettext_noop("use one of %(choices)s")
_FROM = gettext_noop("use a whole number from %(low)s")
_WITHIN = gettext_noop("use a whole number from %(low)s to %(high)s")
_DATE = gettext_noop("use a date such as 2020, 2020-11 or 2020-11-08")
_FLAG = gettext_noop("use true or false")
_DEEP = gettext_noop("only the first %(most)s hits are shown: ask more narrowly")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One request parameter: how it is read, and how the endpoint's description shows it."""

    name: str
    parse: _Parse
    schema: Mapping[str, Any]
    help: str
    many: bool = False
    """Given several times it has several values, of which a hit must have one."""


def _text(_: str, value: str) -> str:
    return value.replace("\x00", "").strip()


def _choice(choices: Mapping[str, Any] | tuple[str, ...]) -> _Parse:
    def parse(name: str, value: str) -> str:
        if value not in choices:
            raise InvalidValue(name, value, _CHOICE, choices=", ".join(choices))
        return value

    return parse


def _number(low: int, high: int | None) -> _Parse:
    def parse(name: str, value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < low:
            raise InvalidValue(name, value, _FROM, low=low)
        if high is not None and int(value) > high:
            raise InvalidValue(name, value, _WITHIN, low=low, high=high)
        return int(value)

    return parse


def _date(name: str, value: str) -> PublicationDate:
    if not re.fullmatch(DAY_FORM, value):
        raise InvalidValue(name, value, _DATE)
    written = PublicationDate(value)
    try:
        written.last_day  # noqa: B018 -- 2020-02-31 is no day
    except ValueError:
        raise InvalidValue(name, value, _DATE) from None
    return written


def _flag(name: str, value: str) -> bool:
    if value.lower() in ("true", "1", "yes"):
        return True
    if value.lower() in ("false", "0", "no"):
        return False
    raise InvalidValue(name, value, _FLAG)


def _facets(name: str, value: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in value.split(",") if part.strip())
    for each in names:
        if each not in FACET_NAMES:
            raise UnknownName(f"facet in {name}", each, FACET_NAMES, name)
    return names


def _string(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


_WHOLE = {"type": "integer", "minimum": 0}
DAY_FORM = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
"""A date as it is asked for: a regular expression, of ECMAScript too."""
_DAY = _string(pattern=f"^{DAY_FORM}$")
OPS = ("or", "and")
GROUPS = ("document", "none")
SORTS = ("relevance", "date", "-date")

SEARCH = (
    Parameter("q", _text, _string(), "The query; without one, all documents."),
    Parameter("op", _choice(OPS), _string(enum=OPS), "`and` asks for every word."),
    Parameter(
        "match",
        _choice(RUNGS),
        _string(enum=tuple(RUNGS)),
        "How far a word of the text may be from a word of the query.",
    ),
    Parameter(
        "group",
        _choice(GROUPS),
        _string(enum=GROUPS),
        "`none` makes every hit one passage; then `limit`, `offset` and totals count passages.",
    ),
    Parameter("sort", _choice(SORTS), _string(enum=SORTS), "`-date` has the newest first."),
    Parameter("from", _date, _DAY, "Published on this day, in this month or year, or later."),
    Parameter("to", _date, _DAY, "Published on this day, in this month or year, or earlier."),
    Parameter("doc", _text, _string(), "Only in the document of this id."),
    *(
        Parameter(facet.parameter, _text, _string(), f"{facet.label}: one of these.", many=True)
        for facet in FACETS
    ),
    Parameter("limit", _number(0, None), _WHOLE, f"Hits on a page, at most {MAX_LIMIT}."),
    Parameter("offset", _number(0, MAX_OFFSET), _WHOLE, "Hits left out before the first."),
    Parameter("per_page", _number(0, None), _WHOLE, "Another name for `limit`."),
    Parameter("page", _number(1, None), {"type": "integer", "minimum": 1}, "From 1."),
    Parameter("facets", _facets, _string(), f"Of {', '.join(FACET_NAMES)}, with commas."),
    Parameter("highlight", _flag, {"type": "boolean"}, "Whether `matches` and marks are wanted."),
)
_BY_NAME = {parameter.name: parameter for parameter in SEARCH}


def read(
    args: Args,
    *,
    strict: bool = False,
    also: tuple[str, ...] = (),
    refused: list[SearchServiceError] | None = None,
) -> Asked:
    """The search that a query string asks.

    `also` names further parameters that the caller reads itself. With `strict`, raises
    `UnknownName` for a parameter that is none, `InvalidValue` for a value that cannot be used;
    without, such values are left out, and what is wrong with them is added to `refused`.
    """
    if strict:
        known = (*_BY_NAME, *also)
        for name in args:
            if name not in known:
                raise UnknownName("parameter", name, known, name)
    values: dict[str, Any] = {}
    for name, parameter in _BY_NAME.items():
        given = [value for value in args.getlist(name) if value.strip()]
        try:
            parsed = [parameter.parse(name, value.strip()) for value in given]
        except (InvalidValue, UnknownName) as problem:
            if strict:
                raise
            if refused is not None:
                refused.append(problem)
            continue
        if parsed:
            values[name] = tuple(dict.fromkeys(parsed)) if parameter.many else parsed[-1]
    return _asked(values, strict=strict)


def _asked(values: Mapping[str, Any], *, strict: bool) -> Asked:
    wanted = cast("int", values.get("limit", values.get("per_page", LIMIT)))
    limit = min(wanted, MAX_LIMIT)
    offset = values.get("offset", (values.get("page", 1) - 1) * limit)
    if offset + limit > MAX_OFFSET and strict:
        name = "offset" if "offset" in values else "page"
        raise InvalidValue(name, values[name], _DEEP, most=MAX_OFFSET)
    plain = ("q", "op", "match", "group", "sort", "doc", "facets", "highlight")
    return Asked(
        **{name: values[name] for name in plain if name in values},
        start=values.get("from"),
        end=values.get("to"),
        filters={
            facet.name: values[facet.parameter] for facet in FACETS if facet.parameter in values
        },
        limit=limit,
        # A page beyond the last is the last one that is shown.
        offset=offset if strict else min(offset, MAX_OFFSET - limit),
        clamped=limit < wanted,
    )


def paging(args: Args, limit: int) -> tuple[int, int]:
    """The limit and offset of a plain list, however long; `limit` is the one where none is given.

    Raises `UnknownName` and `InvalidValue`.
    """
    only(args, "limit", "offset", "per_page", "page")
    whole, from_one = _number(0, None), _number(1, None)
    given = {
        name: (from_one if name == "page" else whole)(name, value.strip())
        for name, value in args.items()
        if value.strip()
    }
    limit = min(given.get("limit", given.get("per_page", limit)), MAX_LIMIT)
    return limit, given.get("offset", (given.get("page", 1) - 1) * limit)


def one(args: Args, name: str) -> str:
    """A parameter that is a single word, such as a passage's anchor; empty where not given."""
    return _text(name, args.get(name, ""))


def number(args: Args, name: str) -> int | None:
    """A parameter that is a whole number, or None where it is none."""
    value = args.get(name, "").strip()
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None


def choice(args: Args, name: str, choices: tuple[str, ...]) -> str:
    """One of the choices; the first where none is asked for. Raises `UnknownName`."""
    value = args.get(name, "").strip()
    if value and value not in choices:
        raise UnknownName(f"value of {name}", value, choices, name)
    return value or choices[0]


def only(args: Args, *names: str) -> None:
    """Raise `UnknownName` for a parameter that the endpoint does not have."""
    for name in args:
        if name not in names:
            raise UnknownName("parameter", name, names or ("none",), name)

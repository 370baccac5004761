"""The items of a query's syntax as lists, values and text."""

from __future__ import annotations

from collections.abc import Iterable

from search_service.query import syntax
from search_service.query.syntax import Sign


def flat(tree: syntax.Sequence) -> Iterable[tuple[Sign, syntax.Item]]:
    """The items of a sequence; `carpets (of Quba)` has three, as its parentheses say nothing."""
    for sign, item in tree.items:
        if sign is Sign.PLAIN and isinstance(item, syntax.Sequence):
            inner = tuple(flat(item))
            if all(sign is Sign.PLAIN for sign, _ in inner):
                yield from inner
                continue
        yield sign, item


def fields_of(item: syntax.Item) -> Iterable[syntax.InField]:
    """The fields of an item that is one, or is `lang:az OR lang:tr`; nothing otherwise."""
    match item:
        case syntax.InField():
            yield item
        case syntax.Alternatives(branches):
            found = [list(fields_of(branch)) for branch in branches]
            if all(found):
                for fields in found:
                    yield from fields
        case syntax.Sequence(((sign, only),)) if sign is not Sign.EXCLUDED:
            yield from fields_of(only)


def values(item: syntax.Item) -> list[str]:
    """The values in `lang:az`, `author:"Rachel Brooks"`, `lang:(az OR tr)`."""
    match item:
        case syntax.Chunk(text) | syntax.Quoted(text) | syntax.Roughly(text):
            return [text]
        case syntax.Beginning(text):
            return [f"{text}*"]
        case syntax.Sequence(items):
            return [value for _, inner in items for value in values(inner)]
        case syntax.Alternatives(branches):
            return [value for branch in branches for value in values(branch)]
        case _:
            return []


_SIGNS = {Sign.PLAIN: "", Sign.REQUIRED: "+", Sign.EXCLUDED: "-"}


def written(item: syntax.Item) -> str:  # noqa: PLR0911 -- one a kind of item
    """An item as it may be typed."""
    match item:
        case syntax.Chunk(text):
            return text
        case syntax.Quoted(text, slop):
            return f'"{text}"' + ("" if slop is None else f"~{slop}")
        case syntax.Beginning(text):
            return f"{text}*"
        case syntax.Roughly(text, edits):
            return f"{text}~{edits}"
        case syntax.Range(low, high):
            return f"[{low or '*'} TO {high or '*'}]"
        case syntax.InField(name, value):
            return f"{name}:{written(value)}"
        case syntax.Sequence(((Sign.PLAIN, only),)):
            return written(only)
        case syntax.Sequence(items):
            return "(" + " ".join(_SIGNS[sign] + written(inner) for sign, inner in items) + ")"
        case syntax.Alternatives(branches):
            return " OR ".join(written(branch) for branch in branches)
        case _:
            return "*"

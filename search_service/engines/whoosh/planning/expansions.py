"""Patterns over the vocabulary: prefixes, wildcards, ranges, and words some edits away.

All speak of folded forms. What an expansion may read and bring is bounded before it runs: a
pattern over more of the vocabulary, or one that stands for more forms, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from whoosh.query import FuzzyTerm, Prefix, TermRange, Wildcard

from search_service.engines.whoosh.planning.planner import Planner, Ranges
from search_service.engines.whoosh.store.vocabulary import Vocabulary
from search_service.errors import InvalidValue, QueryTooCostly

MAX_BYTES = 64 << 20
"""How much of a segment's vocabulary a pattern may read."""
MAX_FORMS = 200_000
"""How many forms of a segment a pattern may stand for."""
MAX_EDITS = 2
MAX_FUZZY_LETTERS = 63
"""They and the empty beginning are the bits of a number."""


def expand(
    planner: Planner,
    segment: int,
    vocabulary: Vocabulary,
    node: Prefix | Wildcard | FuzzyTerm | TermRange,
) -> Ranges:
    """The rows of a segment that a pattern stands for.

    Raises `QueryTooCostly` and `InvalidValue`.
    """

    def between(first: bytes, end: bytes | None) -> tuple[int, int]:
        """The places of the forms in [first, end)."""
        low = planner.bound(segment, first)
        high = len(vocabulary.folded) if end is None else planner.bound(segment, end)
        return low, max(low, high)

    if isinstance(node, (Prefix, TermRange)):
        ends = _prefixed(str(node.text)) if isinstance(node, Prefix) else _ends(node)
        low, high = vocabulary.rows_of(*between(*ends))
        _bound_forms(node, high - low)
        return np.array([[low, high]], np.int64)
    if isinstance(node, Wildcard):
        literal = re.match(r"[^*?\[]*", str(node.text))
        low, high = between(*_prefixed(literal.group() if literal else ""))
        _bound_reading(vocabulary, low, high, node)
        ranges = _rows(vocabulary, _wildcard(vocabulary, str(node.text), low, high))
    else:
        text, edits = _fuzzy(node)
        low, high = between(*_prefixed(text[: node.prefixlength]))
        _bound_reading(vocabulary, low, high, node)
        ranges = _rows(vocabulary, planner.within_edits(segment, low, high, text, edits))
    _bound_forms(node, int((ranges[:, 1] - ranges[:, 0]).sum()))
    return ranges


def _prefixed(prefix: str) -> tuple[bytes, bytes]:
    key = prefix.encode()
    # 0xFF is in no UTF-8, so this key is behind all that begin with the prefix.
    return key, key + b"\xff"


def _ends(node: TermRange) -> tuple[bytes, bytes | None]:
    """The folded forms of a range, [first, end); a bound that is None (or no text) is open."""
    # The least string above a string is that string with a zero byte behind it.
    low = str(node.start or "") + ("\0" if node.start and node.startexcl else "")
    high = None if node.end is None else str(node.end) + ("" if node.endexcl else "\0")
    return low.encode(), None if high is None else high.encode()


def _bound_reading(vocabulary: Vocabulary, low: int, high: int, asked: object) -> None:
    size = int(vocabulary.folded.starts[high]) - int(vocabulary.folded.starts[low])
    if size > MAX_BYTES:
        raise QueryTooCostly(f"{asked} would read {size >> 20} MB of words: begin it with a letter")


def _bound_forms(asked: object, forms: int) -> None:
    if forms > MAX_FORMS:
        raise QueryTooCostly(
            f"{asked} stands for {forms} words: give more letters, "
            f"at most {MAX_FORMS} are asked for"
        )


def _rows(vocabulary: Vocabulary, groups: NDArray[np.int64]) -> Ranges:
    ranges = np.empty((len(groups), 2), np.int64)
    ranges[:, 0] = vocabulary.group_starts[groups]
    ranges[:, 1] = vocabulary.group_starts[groups + 1]
    return ranges


def lines(vocabulary: Vocabulary, groups: NDArray[np.int64]) -> bytes:
    """Some folded forms, each with a line end behind it."""
    starts = vocabulary.folded.starts[groups].astype(np.int64)
    lengths = vocabulary.folded.starts[groups + 1] - starts
    ends = np.cumsum(lengths + 1)
    out = np.full(int(ends[-1]) if len(ends) else 0, 10, np.uint8)
    inside = np.ones(len(out), bool)
    inside[ends - 1] = False
    before = np.cumsum(lengths) - lengths
    places = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    out[inside] = vocabulary.folded.data[places]
    return out.tobytes()


def _wildcard(vocabulary: Vocabulary, pattern: str, low: int, high: int) -> NDArray[np.int64]:
    """`*` is any letters, `?` one letter, `[abc]` one of these."""
    text = lines(vocabulary, np.arange(low, high)).decode()
    compiled = re.compile("".join(_translated(pattern)), re.MULTILINE)
    ends = np.array(
        # Behind the last line end there is nothing, and `*` would find it.
        [found.start() for found in compiled.finditer(text) if found.start() < len(text)],
        np.int64,
    )
    breaks = np.flatnonzero(np.frombuffer(text.encode("utf-32-le"), np.uint32) == 10)
    return low + np.searchsorted(breaks, ends)


def _translated(pattern: str) -> Iterator[str]:
    yield "^"
    place = 0
    while place < len(pattern):
        letter = pattern[place]
        close = pattern.find("]", place + 2) if letter == "[" else -1
        if letter == "*":
            # One star after another says nothing more, and makes the search of a line slow.
            if not place or pattern[place - 1] != "*":
                yield "[^\n]*"
        elif letter == "?":
            yield "[^\n]"
        elif close > 0:
            chosen = pattern[place + 1 : close]
            negated = chosen.startswith("!")
            inside = re.escape(chosen[negated:])
            yield f"[^\n{inside}]" if negated else f"[{inside}]"
            place = close
        else:
            yield re.escape(letter)
        place += 1
    yield "$"


def _fuzzy(node: FuzzyTerm) -> tuple[str, int]:
    """Its word and edits."""
    text = str(node.text)
    edits = int(node.maxdist)
    if not 0 <= edits <= MAX_EDITS:
        raise InvalidValue("fuzzy", edits, f"at most {MAX_EDITS} letters may differ")
    if len(text) > MAX_FUZZY_LETTERS:
        raise QueryTooCostly(f"{text!r} is too long to look for its likes: ask for fewer letters")
    return text, edits


def near_lines(text: str, word: str, edits: int) -> NDArray[np.int64]:
    """Which lines of a text are at most so many insertions, deletions, substitutions from a word.

    Levenshtein's table, a band of it, for all lines at once, one column after another.
    """
    codes = np.frombuffer(text.encode("utf-32-le"), np.int32)
    ends = np.flatnonzero(codes == 10)
    starts = np.concatenate(([0], ends[:-1] + 1))[: len(ends)]
    lengths = ends - starts
    near = np.flatnonzero(np.abs(lengths - len(word)) <= edits)
    if not len(near):
        return near
    first, length = starts[near], lengths[near]
    wanted = np.frombuffer(word.encode("utf-32-le"), np.int32)
    if edits <= 1:
        return near[_alike(codes, first, length, wanted) >= np.maximum(length, len(word)) - edits]
    width = len(word) + edits
    padded = np.append(codes, np.full(width + 1, 10, np.int32))
    letters = padded[first + np.arange(width)[:, None]]
    far = np.int8(edits + 1)
    # column[i] is the distance between the first i letters of the word and the first j of a line.
    column = np.empty((len(word) + 1, len(near)), np.int8)
    column[:] = np.minimum(np.arange(len(word) + 1), far)[:, None]
    distance = np.where(length == 0, column[-1], far)
    for j in range(1, width + 1):
        previous = column
        column = np.full_like(previous, far)
        column[0] = min(j, edits + 1)
        for i in range(max(1, j - edits), min(len(word), j + edits) + 1):
            cost = previous[i - 1] + (letters[j - 1] != wanted[i - 1])
            np.minimum(cost, previous[i] + np.int8(1), out=cost)
            np.minimum(cost, column[i - 1] + np.int8(1), out=cost)
            np.minimum(cost, far, out=column[i])
        distance = np.where(length == j, column[-1], distance)
    return near[distance <= edits]


def _alike(
    codes: NDArray[np.int32],
    first: NDArray[np.int64],
    length: NDArray[np.int64],
    word: NDArray[np.int32],
) -> NDArray[np.int64]:
    """How many letters each of some lines has in common with a word from both ends together.

    With one edit at most, what is not between two common ends is that edit.
    """
    steps = np.arange(len(word))[:, None]
    inside = steps < length
    forward = codes.take(first + steps, mode="clip") == word[:, None]
    forward &= inside
    backward = codes.take(first + length - 1 - steps, mode="clip") == word[::-1, None]
    backward &= inside
    alike: NDArray[np.int64] = np.logical_and.accumulate(forward).sum(0)
    alike += np.logical_and.accumulate(backward).sum(0)
    return alike

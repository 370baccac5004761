"""What a person typed, as a tree: quotes, operators, fields; languages are not known here.

A hand-written recursive descent, one pass over the characters, that never fails: what is not
syntax is words. `a AND` is `a`, `:)` is nothing, an odd quotation mark is no quotation mark.

    sequence    := alternative*
    alternative := conjunction ("OR" conjunction)*
    conjunction := signed ("AND" signed)*
    signed      := ("NOT" | "-" | "+")* primary
    primary     := "(" sequence ")" | '"' words '"' ["~" n] | field ":" primary | range | chunk
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

MAX_DEPTH = 20
"""Parentheses deeper than this are ignored."""
MAX_CLAUSES = 256
"""Words, phrases and fields beyond this many are ignored."""
MAX_EDITS = 2
MIN_PREFIX = 2
"""Letters that a prefix must have: `a*` would be a tenth of the vocabulary."""


class Sign(Enum):
    """What a sequence asks of one of its items."""

    PLAIN = "plain"
    REQUIRED = "required"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Characters between spaces: usually one word, but `44-day` and `l'homme` are two."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words in quotation marks; `slop` is None without `~n`."""

    text: str
    slop: int | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """`qara*`: every word that begins so."""

    text: str


@dataclass(frozen=True, slots=True)
class Roughly:
    """`xocali~1`: every word at most so many edits away."""

    text: str
    edits: int


@dataclass(frozen=True, slots=True)
class Everything:
    """A lone `*`."""


@dataclass(frozen=True, slots=True)
class Range:
    """`[low TO high]`; an open end is empty."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class InField:
    """`name:value`."""

    name: str
    value: Item


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items beside each other, each with its sign."""

    items: tuple[tuple[Sign, Item], ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """`a OR b AND c`."""

    branches: tuple[Sequence, ...]


Item = Chunk | Quoted | Beginning | Roughly | Everything | Range | InField | Sequence | Alternatives


_SAME = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»‹›″〝〞〟＂「」『』", '"'),
        **dict.fromkeys("‐‑‒–−﹣－", "-"),  # an em dash is punctuation, not "without"
        **dict.fromkeys("’‘‛ʼʹ`´′＇", "'"),
        **dict.fromkeys("\u00a0\u2007\u202f\u3000", " "),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
        "（": "(",
        "）": ")",
        "：": ":",
        "\x00": " ",
    }
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def normalise(text: str) -> str:
    """One kind of quotation mark, apostrophe, dash and space; NFC."""
    return unicodedata.normalize("NFC", _SURROGATE.sub(" ", text)).translate(_SAME)


_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<open>\()
    | (?P<close>\))
    | "(?P<quoted>[^"]*)"(?:~(?P<slop>\d{0,3}))?
    | (?P<stray>")
    | (?P<sign>[+-])(?=[^\s+\-)])
    | (?P<field>[^\W\d_]+):(?=[\w("\[*'])
    | (?P<chunk>[^\s()"]+)
    """,
    re.VERBOSE,
)
_CHUNK = re.compile(r'[^\s()"]+')
_RANGE = re.compile(r"\[\s*([^\s\[\]]*)\s+TO\s+([^\s\[\]]*)\s*\]")
_OPERATORS = {"AND": "and", "OR": "or", "NOT": "not"}
_ROUGHLY = re.compile(r"(.*[\w])~(\d?)")
_BEGINNING = re.compile(r"(.*[\w])\*+")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str = ""
    item: Item | None = None


class _Scanner:
    """Characters to tokens in one pass: each is looked at a bounded number of times."""

    def __init__(self, text: str, fields: Collection[str], notes: list[str]) -> None:
        self.text = text
        self.fields = fields
        self.notes = notes
        self.tokens: list[_Token] = []
        self.depth = 0
        self.ignored = 0

    def scan(self) -> list[_Token]:
        place = 0
        fresh = True  # a sign counts only where a word may begin: `44-day` has none
        while match := _TOKEN.match(self.text, place):
            kind = match.lastgroup or ""
            if kind == "sign" and not fresh:
                match = _CHUNK.match(self.text, place) or match
                kind = "chunk"
            fresh = kind in {"space", "open", "close", "sign", "field"}
            place = match.end()
            if kind == "field":
                place = self.field(match["field"], place)
            elif kind == "sign":
                self.tokens.append(_Token("plus" if match["sign"] == "+" else "not"))
            elif kind == "chunk":
                self.tokens.append(self.chunk(match[0]))
            elif kind in {"quoted", "slop"}:
                slop = int(match["slop"]) if match["slop"] else None
                self.tokens.append(_Token("item", item=Quoted(match["quoted"], slop)))
            else:
                self.mark(kind)
        return self.tokens

    def mark(self, kind: str) -> None:
        """A parenthesis, counted even where it is ignored; an odd quotation mark; a space."""
        match kind:
            case "stray":
                _note(self.notes, "quote_unbalanced")
            case "open":
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    _note(self.notes, "nesting_limited")
                else:
                    self.tokens.append(_Token("open"))
            case "close" if self.depth:
                self.depth -= 1
                if self.depth < MAX_DEPTH:
                    self.tokens.append(_Token("close"))

    def field(self, written: str, place: int) -> int:
        """A field, with its range if it has one; where to go on."""
        name = written.lower()
        if name not in self.fields:
            _note(self.notes, "unknown_field")
            self.tokens.append(_Token("item", item=Chunk(written)))
            return place
        self.tokens.append(_Token("field", name))
        bounds = _RANGE.match(self.text, place)
        if bounds is None:
            return place
        low, high = ("" if bound == "*" else bound for bound in bounds.groups())
        self.tokens.append(_Token("item", item=Range(low, high)))
        return bounds.end()

    def chunk(self, text: str) -> _Token:
        if text in _OPERATORS:
            return _Token(_OPERATORS[text], text)
        if set(text) == {"*"}:
            return _Token("item", item=Everything())
        if found := _ROUGHLY.fullmatch(text):
            letters = sum(char.isalnum() for char in found[1])
            asked = int(found[2] or 1)
            # Two edits reach any word of two letters: short words are met more strictly.
            edits = min(asked, MAX_EDITS, (letters - 1) // 2)
            if edits < asked:
                _note(self.notes, "fuzzy_limited")
            return _Token("item", item=Roughly(found[1], edits) if edits else Chunk(found[1]))
        if found := _BEGINNING.fullmatch(text):
            if sum(char.isalnum() for char in found[1]) >= MIN_PREFIX:
                return _Token("item", item=Beginning(found[1]))
            _note(self.notes, "prefix_too_short")
            return _Token("item", item=Chunk(found[1]))
        return _Token("item", item=Chunk(text))


def _note(notes: list[str], code: str) -> None:
    if code not in notes:
        notes.append(code)


class _Parser:
    def __init__(self, tokens: list[_Token], notes: list[str]) -> None:
        self.tokens = tokens
        self.notes = notes
        self.place = 0
        self.clauses = 0

    def kind(self) -> str:
        return self.tokens[self.place].kind if self.place < len(self.tokens) else "end"

    def take(self) -> _Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def sequence(self) -> Sequence:
        items: list[tuple[Sign, Item]] = []
        while self.kind() not in {"close", "end"}:
            branches = [self.conjunction()]
            while self.kind() == "or":
                self.take()
                branches.append(self.conjunction())
            branches = [branch for branch in branches if branch.items]
            if len(branches) > 1:
                items.append((Sign.PLAIN, Alternatives(tuple(branches))))
            elif branches:
                items.extend(branches[0].items)
        return Sequence(tuple(items))

    def conjunction(self) -> Sequence:
        """What AND joins; alone an item keeps its sign, joined ones are all required."""
        items: list[tuple[Sign, Item]] = []
        while True:
            while self.kind() == "and":  # `AND a`, `a AND AND b`
                self.take()
            if self.kind() in {"or", "close", "end"}:
                break
            signed = self.signed()
            if signed is not None:
                items.append(signed)
            if self.kind() != "and":
                break
        if len(items) > 1:
            items = [(Sign.REQUIRED if sign is Sign.PLAIN else sign, item) for sign, item in items]
        return Sequence(tuple(items))

    def signed(self) -> tuple[Sign, Item] | None:
        sign = Sign.PLAIN
        while self.kind() in {"not", "plus"}:
            sign = Sign.EXCLUDED if self.take().kind == "not" else Sign.REQUIRED
        item = self.primary()
        return None if item is None else (sign, item)

    def primary(self) -> Item | None:
        match self.kind():
            case "open":
                self.take()
                inner = self.sequence()
                if self.kind() == "close":
                    self.take()
                return inner if inner.items else None
            case "field":
                name = self.take().text
                value = self.primary() if self.kind() in {"item", "open"} else None
                return None if value is None else InField(name, value)
            case "item":
                item = self.take().item
                self.clauses += 1
                if self.clauses > MAX_CLAUSES:
                    _note(self.notes, "clauses_limited")
                    return None
                return item
            case _:
                return None


def read(text: str, fields: Collection[str]) -> tuple[Sequence, list[str]]:
    """The tree of a query and notes on what was ignored; `fields` are the known names.

    The time is linear in the length; nothing is raised.
    """
    notes: list[str] = []
    text = normalise(text)
    tokens = _Scanner(text, fields, notes).scan()
    tree = _Parser(tokens, notes).sequence()
    if not tree.items and any(token.kind in _OPERATORS.values() for token in tokens):
        # `NOT` or `OR` by itself is a word that somebody looks for.
        words = (Chunk(token.text) for token in tokens[:MAX_CLAUSES] if token.text)
        tree = Sequence(tuple((Sign.PLAIN, word) for word in words))
    return tree, notes

"""Paragraphs, lists, verse and headings of text that has no markup, told by its lines.

The text stays as it is, line ends included: a hard-wrapped paragraph is one block of several
lines. Each line is looked at a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from search_service.formats.opening import read_opening
from search_service.model import Block, BlockKind

BULLET = re.compile(
    r"(?:[-*•·▪◦‣●○■□➢➤✓]|[–—](?=\t)|\(?(?:[0-9]{1,3}|[a-zа-яəё])[.)])[ \t\xa0]+(?=\S)"
)
_RULED = frozenset("-=_*~#+•·—–")
_RULE = re.compile(r"(.)(?:[ \t]*\1){2,}")
_CHAPTER = re.compile(
    r"(?:chapter|part|book|section|fəsil|bölmə|hissə|bölüm|kısım|глава|часть|раздел)"
    r"\s+(?:[0-9]{1,3}|[ivxlc]{1,7})\b.{0,80}"
    r"|(?:[0-9]{1,3}-c[iıuü]|[ivxlc]{1,7})\s+(?:fəsil|bölmə|hissə)\b.{0,80}",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…:;,][\"'”’»)\]]*$")
_FULL_STOP = re.compile(r"[.!?…][\"'”’»)\]]*$")
_CELLS = re.compile(r".*\t|.*\|.*\||\+[-=+]+\+$")
_SPEECH = re.compile(r"[—–][ \xa0]?(?=\S)")

_WIDEST_WRAP = 120
"""Wider lines are not wrapped by hand: each is a paragraph."""
_NARROWEST_WRAP = 35
_MEASURED = 2_000
"""So many groups of lines tell the width."""
_VERSE = 60
"""The longest line of verse."""


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    indent: int
    text: str
    item: bool
    """It begins with a bullet or a number."""
    underline: int = 0
    """The heading level that the line of = or - below it gives it."""

    def __len__(self) -> int:
        return self.end - self.start


def structure(text: str, *, titled: bool = False) -> tuple[str, tuple[Block, ...]]:
    """The text with lines of mere ===== emptied, and its blocks, as slices of that.

    With `titled` its title is known from elsewhere, and its first line is none.
    """
    titles = {} if titled else {line.start: 1 for line in read_opening(text).titles}
    width = _wrap_width(islice(_groups(text, []), _MEASURED))
    blocks: list[Block] = []
    depths: list[int] = []
    rules: list[tuple[int, int]] = []
    column = 0
    for group in _groups(text, rules):
        above = list(depths)
        found = _blocks(group, width, titles, depths)
        goes_on = all(line.indent == column and not line.item for line in group)
        if blocks and blocks[-1].kind is BlockKind.ITEM and column and goes_on:
            blocks[-1] = replace(blocks[-1], end=found[-1].end)
            depths[:] = above
            continue
        blocks.extend(found)
        column = _text_column(group, found[-1])
    return _without(text, rules), tuple(blocks)


def _text_column(group: Sequence[_Line], last: Block) -> int:
    """Where the text of a group's last item begins: further paragraphs of it begin there too."""
    for line in reversed(group):
        if line.start == last.start and (bullet := BULLET.match(line.text)):
            return line.indent + bullet.end()
    return 0


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Where each line begins, and the line."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield start, text[start:end]
        start = end + 1
    yield start, text[start:]


def _groups(text: str, rules: list[tuple[int, int]]) -> Iterator[list[_Line]]:
    """Lines that follow each other without an empty one between, group by group, to save memory.

    Lines of mere ===== part groups too; where they begin and end is added to `rules`, and the
    lines after them are placed as if they were empty.
    """
    group: list[_Line] = []
    emptied = 0
    for start, raw in _lines(text):
        stripped = raw.strip()
        rule = stripped and stripped[0] in _RULED and _RULE.fullmatch(stripped)
        if stripped and not rule:
            indent = raw.index(stripped[0])
            wide = len(raw[:indent].expandtabs(4))
            begin = start + indent - emptied
            item = BULLET.match(stripped) is not None
            group.append(_Line(begin, begin + len(stripped), wide, stripped, item))
            continue
        if rule:
            if rule[1] in "=-~" and len(group) == 1 and len(group[0]) < 100:
                group[0].underline = 1 if rule[1] == "=" else 2
            rules.append((start, start + len(raw)))
            emptied += len(raw)
        if group:
            yield group
            group = []
    if group:
        yield group


def _without(text: str, rules: Sequence[tuple[int, int]]) -> str:
    if not rules:
        return text
    begins = [0, *(end for _, end in rules)]
    ends = [*(start for start, _ in rules), len(text)]
    return "".join(text[begin:end] for begin, end in zip(begins, ends, strict=True))


def _wrap_width(groups: Iterable[Sequence[_Line]]) -> int:
    """The width to which the text is wrapped by hand; 0 if it is not, or too little to tell."""
    inner = sorted(len(line) + line.indent for group in groups for line in group[:-1])
    if not inner:
        return 0
    width = inner[int(len(inner) * 0.95)]
    return width if _NARROWEST_WRAP <= width <= _WIDEST_WRAP else 0


def _blocks(
    group: Sequence[_Line], width: int, titles: dict[int, int], depths: list[int]
) -> list[Block]:
    if group[0].start in titles or group[0].underline:
        level = titles.get(group[0].start) or group[0].underline
        first = Block(group[0].start, group[0].end, BlockKind.HEADING, level)
        rest = group[1:]
        return [first, *(_blocks(rest, width, titles, depths) if rest else [])]
    kind = _kind_of(group, width)
    if kind is not None:
        depths.clear()
        level = 2 if kind is BlockKind.HEADING else 0
        return [Block(group[0].start, group[-1].end, kind, level)]
    return _paragraphs(group, width, titles, depths)


def _kind_of(group: Sequence[_Line], width: int) -> BlockKind | None:
    """What a group is as a whole: a heading, verse, a table, a quotation; None if paragraphs."""
    if len(group) == 1:
        alone = group[0]
        return BlockKind.HEADING if not alone.item and _is_heading(alone.text) else None
    if all(line.text.startswith(">") for line in group):
        return BlockKind.QUOTE
    if all(_CELLS.match(line.text) for line in group):
        return BlockKind.TABLE
    return BlockKind.VERSE if _is_verse(group, width) else None


def _is_verse(group: Sequence[_Line], width: int) -> bool:
    """Whether lines are short for another reason than the width of the page."""
    if len(group) < 3 or any(line.item or len(line) > _VERSE for line in group):
        return False
    if _each_a_paragraph(group):
        return False
    wrapped = sum(_wraps(line, after, width) for line, after in pairwise(group))
    # Where a poem is all there is, its lines are the width: then its capitals tell.
    capitals = len(group) >= 4 and all(
        line.text.lstrip("\"'“‘«„—–")[:1].isupper() for line in group
    )
    return wrapped * 2 < len(group) - 1 or capitals


def _each_a_paragraph(group: Sequence[_Line]) -> bool:
    """Whether each line is a paragraph: indented, and ended as sentences are."""
    return all(line.indent and _FULL_STOP.search(line.text) for line in group)


def _is_heading(text: str) -> bool:
    if len(text) > 100 or _SENTENCE_END.search(text):
        return False
    if _CHAPTER.fullmatch(text):
        return True
    letters = sum(map(str.isalpha, text))
    return text.isupper() and letters >= 4 and letters * 2 > len(text) and len(text.split()) <= 12


def _wraps(line: _Line, after: _Line, width: int) -> bool:
    """Whether the line was broken for its width: the next word would not have fitted.

    A seventh of the width is left to ragged margins.
    """
    if not width or len(line) > _WIDEST_WRAP:
        return False
    word = after.text.split(None, 1)[0]
    return line.indent + len(line) + 1 + len(word) > width * 6 // 7


def _paragraphs(
    group: Sequence[_Line], width: int, titles: dict[int, int], depths: list[int]
) -> list[Block]:
    """Splits a group where an item, an indented first line or an unfilled line says so."""
    blocks: list[Block] = []
    base = min(line.indent for line in group)
    begin = 0
    apart = _each_a_paragraph(group)
    for place in range(1, len(group) + 1):
        if (
            not apart
            and place < len(group)
            and _continues(group[begin], group[place - 1], group[place], base, width)
        ):
            continue
        piece = group[begin:place]
        kind, level = BlockKind.PARAGRAPH, 0
        if piece[0].start in titles:
            kind, level = BlockKind.HEADING, 1
        elif piece[0].item:
            kind, level = BlockKind.ITEM, _depth(piece[0].indent, depths)
        else:
            depths.clear()
        blocks.append(Block(piece[0].start, piece[-1].end, kind, level))
        begin = place
    return blocks


def _continues(first: _Line, line: _Line, after: _Line, base: int, width: int) -> bool:
    """Whether a line belongs to what `first` began and `line` went on with."""
    if after.item or len(line) > _WIDEST_WRAP:
        return False
    if first.item:
        return after.indent > first.indent or _wraps(line, after, width)
    if after.indent > base and line.indent == base and line is not first:
        return False  # an indented first line
    speech = _SPEECH.match(after.text)
    if speech and not after.text[speech.end()].islower() and _FULL_STOP.search(line.text):
        return False  # the answer in a dialogue
    if _wraps(line, after, width):
        return True
    # An unfilled line goes on only into a line that cannot begin a sentence.
    return after.text[0].islower() and not _FULL_STOP.search(line.text)


def _depth(indent: int, depths: list[int]) -> int:
    while depths and depths[-1] > indent:
        depths.pop()
    if not depths or depths[-1] < indent:
        depths.append(indent)
    return len(depths)

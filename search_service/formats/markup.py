"""From an HTML tree to blocks: for HTML, Markdown, EPUB, DOCX and HTML mail alike.

The tree is walked once and never by recursion, so deep nesting costs no stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from search_service.formats.builder import Builder, language_code
from search_service.formats.numbers import Numbers
from search_service.model import BlockKind

_SKIPPED_NAMES = (
    "script style template noscript nav svg iframe object canvas audio video button select"
    " textarea input form dialog menu head rt rp map"
)
_SKIPPED = frozenset(_SKIPPED_NAMES.split())
_SKIPPED_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "dialog", "menu"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS_NAMES = (
    "p div section article main header footer aside address figure figcaption caption details"
    " summary dl dt dd fieldset hr center body html hgroup legend"
)
_BLOCKS = frozenset(_BLOCKS_NAMES.split())
_LISTS = frozenset(("ul", "ol", "dir"))
_CELLS = frozenset(("tr", "td", "th"))
_CODE = frozenset(("code", "kbd", "samp", "tt"))
_OPENING = _LISTS | _HEADINGS.keys() | {"li", "pre", "blockquote", "table"}
_SPACE = re.compile("[ \t\n\r\f]+")
_BREAK = "\v"
_NOTE_MARK = re.compile(r"[\[(]?(?:[0-9]{1,3}|[*†‡↑↩])\ufe0e?[\])]?")
_VERSE = 60


_PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, remove_pis=True, huge_tree=True)


def parse(text: str) -> etree._Element | None:
    """The tree of a page or a fragment; None where there is nothing in it."""
    # As bytes, for lxml refuses characters with an XML declaration of another encoding.
    try:
        root = etree.fromstring(text.encode(), _PARSER)
    except etree.XMLSyntaxError:
        return None
    # An empty page gives None in spite of the stubs.
    return root if isinstance(root, etree._Element) else None


@dataclass(slots=True)
class _Item:
    """An open item: its depth, and its number as the reader sees it, until that is written."""

    level: int
    marker: str


@dataclass(slots=True)
class _State:
    """Where the walk is: what is open, and the inline text read since the last block."""

    numbered: bool
    buffer: list[str] = field(default_factory=list)
    prose: bool = False
    """Whether any of it is not code."""
    code: int = 0
    lists: list[Numbers | None] = field(default_factory=list)
    """For each open list how its items are numbered, None if they are not."""
    items: list[_Item] = field(default_factory=list)
    quotes: int = 0
    pre: int = 0
    heading: int = 0
    tables: list[bool] = field(default_factory=list)
    """For each open table whether it lays out a page and holds no rows of data."""
    cells: int = 0
    languages: list[str | None] = field(default_factory=list)


def add_blocks(
    builder: Builder, root: etree._Element, *, main_only: bool = False, numbered: bool = True
) -> None:
    """Adds the blocks below an element; with `main_only` menus and the like are left out.

    Items of ordered lists have their numbers, unless `numbered` says that those are not known.
    """
    state = _State(numbered=numbered)
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if tag in _SKIPPED or (main_only and _is_furniture(element)) or _is_hidden(element):
                walker.skip_subtree()
                state.languages.append(None)
                continue
            _open(builder, state, element, tag)
            if element.text:
                _say(state, element.text)
            continue
        if event == "end":
            if tag not in _SKIPPED:
                _close(builder, state, tag)
            state.languages.pop()
        if element.tail and element is not root:
            _say(state, element.tail)
    _flush(builder, state)


def _say(state: _State, text: str) -> None:
    state.buffer.append(text)
    state.prose = state.prose or not (state.code or text.isspace())


def _is_hidden(element: etree._Element) -> bool:
    attributes = element.attrib
    if not attributes:
        return False
    if element.tag == "a" and attributes.get("href", "").startswith("#"):
        # The mark of a note, or the way back from it: it would stick to the word before it.
        inner = element[0].text if len(element) else element.text
        return _NOTE_MARK.fullmatch((inner or "").strip()) is not None
    return "hidden" in attributes or attributes.get("aria-hidden") == "true"


def _is_furniture(element: etree._Element) -> bool:
    """Whether an element is round a page and not of it: a site's header, footer or menu."""
    if element.get("role") in _SKIPPED_ROLES:
        return True
    if element.tag not in {"header", "footer"}:
        return False
    parent = element.getparent()
    return parent is not None and parent.tag == "body" and element.find(".//h1") is None


def _open(builder: Builder, state: _State, element: etree._Element, tag: str) -> None:
    inherited = state.languages[-1] if state.languages else None
    tagged = element.get("lang") or element.get("{http://www.w3.org/XML/1998/namespace}lang")
    # The language of the whole page is its metadata's: templates often claim a wrong one.
    # On code it is that of the code: GitHub writes `<pre lang="js">`.
    named = tagged and tag not in {"html", "body", "pre", "code"}
    own = language_code(tagged) if named else None
    if tag in {"br", "wbr", "img"}:
        if tag == "br":
            state.buffer.append("\n" if state.pre else _BREAK)
    elif tag in _CODE:
        state.code += 1
    elif tag in _CELLS:
        _open_cell(builder, state, tag)
    elif tag in _BLOCKS:
        _part(builder, state)
    elif tag in _OPENING:
        _open_block(builder, state, element, tag)
    state.languages.append(own or inherited)


def _in_rows(state: _State) -> bool:
    return bool(state.tables) and not state.tables[-1]


def _part(builder: Builder, state: _State) -> None:
    """The edge of a paragraph: within an item a line end, within a cell a space."""
    if _in_rows(state):
        state.buffer.append(" ")
    elif state.items:
        state.buffer.append(_BREAK)
    else:
        _flush(builder, state)


def _open_cell(builder: Builder, state: _State, tag: str) -> None:
    if not _in_rows(state):
        _flush(builder, state)
    elif tag == "tr":
        state.cells = 0
        state.buffer.append(_BREAK)
    else:
        state.buffer.append(" | " if state.cells else "")
        state.cells += 1


def _open_block(builder: Builder, state: _State, element: etree._Element, tag: str) -> None:
    if _in_rows(state) and tag != "li":
        # A table that holds these lays out a page: what came so far were its first cells.
        state.tables[-1] = True
    _flush(builder, state)
    if tag in _HEADINGS:
        state.heading = _HEADINGS[tag]
    elif tag in _LISTS:
        ordered = tag == "ol" and state.numbered
        state.lists.append(Numbers.of(element) if ordered else None)
    elif tag == "li":
        numbers = state.lists[-1] if state.lists else None
        marker = numbers.next(element) if numbers else ""
        state.items.append(_Item(max(1, len(state.lists)), marker))
    elif tag == "blockquote":
        state.quotes += 1
    elif tag == "pre":
        state.pre += 1
    else:
        state.tables.append(False)


def _close(builder: Builder, state: _State, tag: str) -> None:
    if tag in _BLOCKS:
        _part(builder, state)
    elif tag in _CODE:
        state.code -= 1
    elif tag in _CELLS:
        if not _in_rows(state):
            _flush(builder, state)
    elif tag in _OPENING:
        _flush(builder, state)
        _close_block(state, tag)


def _close_block(state: _State, tag: str) -> None:
    if tag in _HEADINGS:
        state.heading = 0
    elif tag in _LISTS:
        state.lists.pop()
    elif tag == "li":
        state.items.pop()
    elif tag == "blockquote":
        state.quotes -= 1
    elif tag == "pre":
        state.pre -= 1
    else:
        state.tables.pop()


def _flush(builder: Builder, state: _State) -> None:
    """Makes a block of the inline text read so far."""
    if not state.buffer:
        return
    raw = "".join(state.buffer)
    only_code = not state.prose
    state.buffer.clear()
    state.prose = False
    if not raw or raw.isspace():
        return
    language = state.languages[-1] if state.languages else None
    if state.pre:
        builder.add(raw.replace(_BREAK, "\n"), BlockKind.CODE, 0, language)
        return
    lines = [line.strip() for line in _SPACE.sub(" ", raw).split(_BREAK)]
    text = "\n".join(line for line in lines if line.strip(" |"))
    if not text:
        return
    kind, level = _kind(state, lines, only_code=only_code)
    if kind is BlockKind.HEADING:
        text = text.replace("\n", " ")
    if kind in {BlockKind.ITEM, BlockKind.HEADING}:
        text = " ".join((*_markers(state), text))
    builder.add(text, kind, level, language)


def _markers(state: _State) -> Iterator[str]:
    """The numbers that are due: of the item, and of those that begin with it."""
    for item in state.items:
        if item.marker:
            yield item.marker
            item.marker = ""


def _kind(state: _State, lines: list[str], *, only_code: bool) -> tuple[BlockKind, int]:
    """What the lines of a block are by where they stand and what they look like, and its level."""
    if state.heading:
        return BlockKind.HEADING, state.heading
    if state.tables and not state.tables[-1]:
        return BlockKind.TABLE, 0
    if state.items:
        return BlockKind.ITEM, state.items[-1].level
    if only_code:  # a command by itself, as manuals show them
        return BlockKind.CODE, 0
    if sum(map(bool, lines)) > 2 and all(len(line) <= _VERSE for line in lines):
        return BlockKind.VERSE, 0
    return BlockKind.QUOTE if state.quotes else BlockKind.PARAGRAPH, 0

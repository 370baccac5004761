"""A document as HTML to be read: its blocks, its passages as anchors, and its marks.

Every letter of the text is shown once and in order; only white space between blocks is not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import takewhile

from search_service.model import Block, BlockKind, Document, Match, Passage, Rung
from search_service.web.language import direction

_LEADER = re.compile(r"( ?\.){4,} ?[0-9]*$")
"""What leads from a heading to its page in a printed table of contents."""
BULLETS = "•◦▪‣·-–—*○●■□"


@dataclass(frozen=True, slots=True)
class Heading:
    """One line of a document's outline."""

    level: int
    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one block that lies in one passage, or in none."""

    start: int
    end: int
    passage: Passage | None


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that the text is set with, in the language of the interface."""

    link: Callable[[int], str]
    """Names the permanent link of the passage of this ordinal."""
    page: Callable[[int], str]
    """Names a page."""
    page_link: Callable[[int], str]
    """Where the original opens at a page; empty where it cannot be had."""


class Rendering:
    """One document, rendered for one request.

    Args:
        document: the whole document.
        matches: the places to mark, in order.
        title: the places to mark in the title, where it stands only above the text. All are
            numbered from 1, as they are read.
        labels: words and addresses for what stands around the text.
        target: the ordinal of the passage that the reader asked for.
        below: HTML that stands below that passage.
        former: the anchor of a link that was made for what this passage has become; its fragment
            leads here too.
    """

    def __init__(
        self,
        document: Document,
        matches: Sequence[Match],
        labels: Labels,
        target: int | None = None,
        below: str = "",
        *,
        title: Sequence[Match] = (),
        former: str = "",
    ) -> None:
        self.document = document
        self.matches = matches
        self.labels = labels
        self.target = document.passages[target] if target is not None else None
        self._below = below
        self._former = former
        self.language = document.languages[0] if document.languages else "und"
        self._starts = [passage.start for passage in document.passages]
        self._match_ends = [match.end for match in matches]
        self._pages = list(enumerate(document.page_starts, start=1))
        self._page = 0
        self.above = () if self._titled else tuple(title)
        self._levels = _nested(document.blocks[self._titled :])

    def outline(self) -> list[Heading]:
        """The headings, but for the one that is the document's title."""
        return [
            Heading(
                self._levels[block.start] - 1,
                _LEADER.sub("", " ".join(self._text(block).split())),
                f"s-{block.start}",
            )
            for block in self.document.blocks[self._titled :]
            if block.kind is BlockKind.HEADING
        ]

    @property
    def _titled(self) -> int:
        """How many first blocks say the title, which stands above the text already."""
        blocks = self.document.blocks
        title = " ".join(self.document.title.split())
        return int(bool(blocks) and " ".join(self._text(blocks[0]).split()) == title)

    def title(self) -> str:
        """The title as HTML with its marks; where the text begins with it, with its anchor too."""
        if not self._titled:
            title = self.document.title
            return "".join(_marked(title, 0, len(title), enumerate(self.above, start=1)))
        return "".join(self._inner(self.document.blocks[0]))

    def html(self) -> str:
        """The text as HTML."""
        return "".join(self._blocks())

    def _text(self, block: Block) -> str:
        return self.document.text[block.start : block.end]

    def _blocks(self) -> Iterator[str]:
        lists: list[int] = []
        quoted = False
        for block in self.document.blocks[self._titled :]:
            if quoted and block.kind is not BlockKind.QUOTE:
                yield "</blockquote>"
                quoted = False
            if block.kind is BlockKind.ITEM:
                yield from self._item(block, lists)
                continue
            while lists:
                lists.pop()
                yield "</li></ul>"
            yield from self._page_marks(block)
            if block.kind is BlockKind.QUOTE and not quoted:
                yield "<blockquote>"
                quoted = True
            yield from self._block(block)
        yield "</blockquote>" if quoted else "</li></ul>" * len(lists)

    def _item(self, block: Block, lists: list[int]) -> Iterator[str]:
        level = max(1, block.level)
        while lists and lists[-1] > level:
            lists.pop()
            yield "</li></ul>"
        if lists and lists[-1] == level:
            yield "</li>"
        else:
            own = self._text(block)[:1]
            lists.append(level)
            yield '<ul class="own">' if own in BULLETS or own.isdigit() else "<ul>"
        yield f"<li{self._attributes(block)}>"
        yield from self._page_marks(block)
        yield from self._inner(block)
        yield self._after(block)

    def _block(self, block: Block) -> Iterator[str]:
        open_ = {
            BlockKind.HEADING: f'h{self._levels.get(block.start, 2)} id="s-{block.start}"',
            BlockKind.CODE: 'pre tabindex="0"',
            BlockKind.TABLE: 'div class="table" tabindex="0"',
            BlockKind.VERSE: 'p class="verse"',
        }.get(block.kind, "p")
        close = open_.split(" ", 1)[0]
        yield f"<{_with_class(open_, self._here(block))}{self._speech(block)}>"
        yield from self._inner(block)
        yield f"</{close}>\n"
        yield self._after(block)

    def _after(self, block: Block) -> str:
        """What stands below the passage that was asked for, where this block is its last."""
        target = self.target
        return self._below if target and block.start < target.end <= block.end else ""

    def _attributes(self, block: Block) -> str:
        here = self._here(block)
        return (f' class="{here}"' if here else "") + self._speech(block)

    def _here(self, block: Block) -> str:
        """The classes of a block of the passage that was asked for: `on` where it goes on."""
        target = self.target
        if target is None or not (block.start < target.end and target.start < block.end):
            return ""
        return "here on" if target.start < block.start else "here"

    def _speech(self, block: Block) -> str:
        """`lang` and `dir` of a block that is wholly in another language than the document."""
        spoken = {each.passage.language for each in self._segments(block) if each.passage}
        spoken = spoken or {block.language or self.language}
        return _speech(spoken.pop(), self.language) if len(spoken) == 1 else ""

    def _segments(self, block: Block) -> Iterator[Segment]:
        """The block cut where passages begin and end."""
        at = block.start
        place = max(0, bisect_right(self._starts, block.start) - 1)
        passages = self.document.passages
        # By number, for a slice of a long document's passages would be copied for each block.
        for ordinal in range(place, len(passages)):
            passage = passages[ordinal]
            if passage.start >= block.end:
                break
            start, end = max(at, passage.start), min(block.end, passage.end)
            if start >= end:
                continue
            if at < start:
                yield Segment(at, start, None)
            yield Segment(start, end, passage)
            at = end
        if at < block.end:
            yield Segment(at, block.end, None)

    def _inner(self, block: Block) -> Iterator[str]:
        segments = list(self._segments(block))
        several = len({each.passage.language for each in segments if each.passage}) > 1
        parts = sum(each.passage is not None for each in segments) > 1
        for segment in segments:
            passage = segment.passage
            marked = "".join(self._marked(segment.start, segment.end))
            if passage is None:
                yield marked
                continue
            begins = passage.start == segment.start
            attributes = f' id="p-{escape(passage.anchor)}"' if begins else ""
            if parts and passage is self.target:
                attributes += ' class="this"'
            if several:
                attributes += _speech(passage.language, self.language)
            if begins and passage is self.target and self._former:
                yield f'<span id="p-{escape(self._former)}"></span>'
            if begins:
                yield self._pin(passage)
            yield f"<span{attributes}>{marked}</span>" if attributes else marked

    def _pin(self, passage: Passage) -> str:
        anchor = escape(passage.anchor)
        label = escape(self.labels.link(passage.ordinal))
        return f'<a class="pin" href="?p={anchor}#p-{anchor}" aria-label="{label}"></a>'

    def _marked(self, start: int, end: int) -> Iterator[str]:
        first = bisect_right(self._match_ends, start)
        met = takewhile(
            lambda place: self.matches[place].start < end, range(first, len(self.matches))
        )
        before = 1 + len(self.above)
        numbered = ((before + place, self.matches[place]) for place in met)
        return _marked(self.document.text, start, end, numbered)

    def _page_marks(self, block: Block) -> Iterator[str]:
        """The pages that begin at or before this block and after the one before it."""
        while self._page < len(self._pages) and self._pages[self._page][1] <= block.start:
            number, _ = self._pages[self._page]
            self._page += 1
            label, link = escape(self.labels.page(number)), self.labels.page_link(number)
            shown = f'<a href="{escape(link)}">{label}</a>' if link else label
            yield f'<div class="page" id="page-{number}">{shown}</div>'


def _marked(
    text: str, start: int, end: int, numbered: Iterable[tuple[int, Match]]
) -> Iterator[str]:
    """A stretch of a text as HTML, with its matches by their numbers."""
    at = start
    for number, match in numbered:
        low, high = max(at, match.start), min(end, match.end)
        if low >= high:
            continue
        yield escape(text[at:low])
        # A match that goes on in the next passage is one match: only its beginning is named.
        name = f' id="m{number}"' if low == match.start else ""
        yield f"<mark{name}{_rung(match)}>{escape(text[low:high])}</mark>"
        at = high
    yield escape(text[at:end])


def _nested(blocks: Sequence[Block]) -> dict[int, int]:
    """Start of each heading -> its level on the page: from 2, and never one left out."""
    levels: dict[int, int] = {}
    above: list[int] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            while above and above[-1] >= block.level:
                above.pop()
            above.append(block.level)
            levels[block.start] = min(6, len(above) + 1)
    return levels


def _with_class(tag: str, here: str) -> str:
    if not here:
        return tag
    named = 'class="' in tag
    return tag.replace('class="', f'class="{here} ') if named else f'{tag} class="{here}"'


def _speech(language: str, usual: str) -> str:
    """`lang` and `dir` where a text is in another language than what is around it."""
    if language in (usual, "und"):
        return ""
    turned = direction(language)
    turn = f' dir="{turned}"' if turned != direction(usual) else ""
    return f' lang="{escape(language)}"{turn}'


def _rung(match: Match) -> str:
    if match.synonym:
        return ' class="synonym"'
    return "" if match.rung is Rung.EXACT else f' class="{match.rung.name.lower()}"'

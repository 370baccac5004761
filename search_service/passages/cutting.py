"""Cuts a document into passages: paragraphs and headings first, then sentences.

A passage never lies across a heading, a page or a change of language. What a section has between
two such borders is a *run* of units (`units`), and where a run is cut is decided by its content
(`packing`), so that an edit leaves the passages elsewhere, and their links, as they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from search_service.languages.sentences import sentences
from search_service.model import Block, BlockKind, Extract, Passage
from search_service.passages import clauses, near, units
from search_service.passages.anchors import Namer
from search_service.passages.outline import LeadIns, Sections, Span
from search_service.passages.packing import FITS, Gap, pack

Identify = Callable[[Sequence[str], Sequence[int], Sequence[str | None]], list[str]]
"""Names the language of each text, given the number of its block and what its file declares.

A text is a sentence, or empty where it says nothing of the language (code). See
`languages.identify.Identifier.identify`.
"""

_PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE})
_LINE = 12
"""A paragraph of fewer words is a line: of a dialogue, of a chant."""
_SENTENCE_WORDS = 4
"""A list item that ends like a sentence and has so many words is a passage by itself."""


@dataclass(slots=True)
class _Part:
    """A block, or what of a block is in one language."""

    block: Block
    start: int
    end: int
    language: str

    @property
    def span(self) -> Span:
        return self.start, self.end


@dataclass(slots=True)
class _Run:
    """Units that may be packed together, with what all of them share."""

    language: str
    page: int | None
    headings: tuple[Span, ...]
    only: _Part | None = None
    """A list item that is a sentence is a run by itself."""
    units: list[Span] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    lead_ins: list[Span | None] = field(default_factory=list)

    line: bool = False
    """Whether its last block so far is a single line of prose."""

    def introduces(self, text: str) -> bool:
        """Whether its last unit so far introduces what follows: "He said:", "About the author"."""
        if not self.units:
            return False
        start, end = self.units[-1]
        return units.introduces(text, end) or (self.line and not units.ends(text, start, end))

    def takes(self, part: _Part, page: int | None, *, alone: bool) -> bool:
        """Whether a unit of `part` may be put beside the ones here."""
        together = self.only is part or (self.only is None and not alone)
        return together and self.language == part.language and self.page == page


def cut(extract: Extract, identify: Identify) -> tuple[Passage, ...]:
    """The passages of a document, in order and without overlap.

    Every character but white space is in a passage, or in a heading that is in a heading path.
    """
    namer = Namer()
    passages: list[Passage] = []
    for run in _runs(extract, _parts(extract, identify)):
        passages.extend(_pack(extract.text, run, namer, len(passages)))
    return tuple(passages)


def _parts(extract: Extract, identify: Identify) -> Iterator[_Part]:
    """Blocks without the white space around them, cut where the language changes."""
    pieces: list[tuple[Block, int, int]] = []
    texts: list[str] = []
    numbers: list[int] = []
    declared: list[str | None] = []
    document = extract.metadata.language.value if extract.metadata.language else None
    for number, block in enumerate(extract.blocks):
        text = extract.text[block.start : block.end]
        whole = block.kind in {BlockKind.CODE, BlockKind.TABLE, BlockKind.VERSE, BlockKind.HEADING}
        # Without a language there are no abbreviations yet: at worst a sentence is in pieces.
        spans = [(0, len(text))] if whole else sentences(text, frozenset())
        for start, end in spans:
            slice_ = text[start:end].strip()
            if not slice_:
                continue
            first = block.start + text.index(slice_, start)
            pieces.append((block, first, first + len(slice_)))
            texts.append("" if block.kind is BlockKind.CODE else slice_)
            numbers.append(number)
            declared.append(block.language or document)
    part: _Part | None = None
    for (block, start, end), language in zip(
        pieces, identify(texts, numbers, declared), strict=True
    ):
        if part is not None and part.block is block and part.language == language:
            part.end = end
            continue
        if part is not None:
            yield part
        part = _Part(block, start, end, language)
    if part is not None:
        yield part


def _runs(extract: Extract, parts: Iterator[_Part]) -> Iterator[_Run]:
    """Parts put together between the borders that no passage crosses."""
    sections = Sections()
    lists = LeadIns(extract.text)
    languages: dict[Span, str] = {}  # of headings
    run: _Run | None = None

    def bare(level: int) -> Iterator[_Run]:
        for heading, path in sections.close(level):
            page = _page(extract.page_starts, heading[0])
            yield _Run(languages[heading], page, path, None, [heading], [Gap.PARAGRAPH], [None])

    for part in parts:
        if part.block.kind is BlockKind.HEADING:
            if run:
                yield run
            run = None
            level = part.block.level or 1
            yield from bare(level)
            languages[part.span] = part.language
            sections.open(part.span, level)
            lists.heading()
            continue
        split = _units(extract.text, part)
        lead_in = lists.lead_in(part.block, split[-1][:2])
        alone = part.block.kind is BlockKind.ITEM and _is_sentence(extract.text, part)
        line = (
            part.block.kind in _PROSE and units.words(extract.text[part.start : part.end]) < _LINE
        )
        for start, end, gap in split:
            page = _page(extract.page_starts, start)
            if run and not run.takes(part, page, alone=alone):
                yield run
                run = None
            run = run or _Run(part.language, page, sections.path(), part if alone else None)
            joined = run.introduces(extract.text) or (gap == Gap.PARAGRAPH and line and run.line)
            run.gaps.append(Gap.JOINED if joined and gap < Gap.JOINED else gap)
            run.units.append((start, end))
            run.lead_ins.append(lead_in)
            run.line = line
    if run:
        yield run
    yield from bare(0)


def _is_sentence(text: str, part: _Part) -> bool:
    if not units.ends(text, part.start, part.end):
        return False
    return units.words(text[part.start : part.end]) >= _SENTENCE_WORDS


def _units(text: str, part: _Part) -> list[tuple[int, int, Gap]]:
    """The units of a part; a monster of a sentence is cut at its clauses."""
    found: list[tuple[int, int, Gap]] = []
    for start, end, gap in units.split(text, part.start, part.end, part.block.kind, part.language):
        if end - start <= FITS or units.words(text[start:end]) <= FITS:
            found.append((start, end, gap))
            continue
        for at, (first, last) in enumerate(clauses.split(text, start, end)):
            found.append((first, last, Gap.LINE if at else gap))
    return found


def _page(starts: Sequence[int], at: int) -> int | None:
    return bisect_right(starts, at) or 1 if starts else None


def _pack(text: str, run: _Run, namer: Namer, ordinal: int) -> Iterator[Passage]:
    slices = [text[start:end] for start, end in run.units]
    sizes = [units.words(slice_) for slice_ in slices]
    starts = pack(sizes, run.gaps, [crc32(slice_.encode()) for slice_ in slices])
    anchors = [namer.anchor(slice_) for slice_ in slices]
    for number, (first, after) in enumerate(zip(starts, [*starts[1:], len(slices)], strict=True)):
        start, end = run.units[first][0], run.units[after - 1][1]
        yield Passage(
            ordinal=ordinal + number,
            start=start,
            end=end,
            language=run.language,
            anchor=anchors[first],
            headings=run.headings,
            lead_in=run.lead_ins[first],
            page=run.page,
            signature=near.signature(text[start:end]),
        )

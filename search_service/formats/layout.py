"""From the lines of printed pages to paragraphs: without running heads, numbers and hyphenation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from search_service.formats.builder import Builder
from search_service.formats.structure import BULLET
from search_service.model import BlockKind


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line as printed; places and sizes in points, from the page's lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    size: float


Page = Sequence[PrintedLine]

_EDGE = 2
"""Running heads and feet are among so many first and last lines."""
HYPHEN = "\x02"
"""Stands at the end of a line for a hyphen that was printed there."""
_HYPHENS = "-‐\xad" + HYPHEN
_NUMBER = re.compile(
    r"(?:page|səhifə|sayfa|стр\.?|с\.)?\s*[-–—·•|]?\s*(?:[0-9]{1,4}|[ivxlc]{1,7})"
    r"\s*(?:[-–—·•|]|(?:of|/|из)\s*[0-9]{1,4})?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…:]['\"”’»)\]]*$")


def add_pages(builder: Builder, pages: Sequence[Page]) -> None:
    """Adds the pages' text to a builder, a page after the other."""
    bare = _join_over_pages(_without_running_lines(pages))
    words = _words(bare)
    sizes = _heading_sizes(bare)
    above: PrintedLine | None = None
    for page in bare:
        builder.page()
        for number, piece in enumerate(_paragraphs(page)):
            text = _joined([line.text for line in piece], words)
            size = round(piece[0].size * 2) / 2
            over = number == 0 and above is not None and _goes_over(above, piece[0])
            above = piece[-1]
            if over:
                builder.go_on(text)
            elif size in sizes and len(text) <= 200:
                builder.add(text, BlockKind.HEADING, min(6, sizes.index(size) + 1))
            elif BULLET.match(text):
                builder.add(text, BlockKind.ITEM, 1)
            else:
                builder.add(text, BlockKind.PARAGRAPH)


def _without_running_lines(pages: Sequence[Page]) -> list[list[PrintedLine]]:
    """Pages without the first and last lines that come again at the same height, and numbers."""
    if len(pages) < 2:
        return [list(page) for page in pages]
    seen = Counter(
        key for page in pages for key in {_running_key(page[place]) for place in _edges(page)}
    )
    # Left and right pages may differ, and chapters: a fifth of the pages is enough, not one in two.
    often = max(2, -(-len(pages) // 5))
    bare: list[list[PrintedLine]] = []
    for page in pages:
        order = sorted(range(len(page)), key=lambda place: -page[place].bottom)
        again = [
            seen[_running_key(page[place])] >= often
            or _NUMBER.fullmatch(page[place].text.strip()) is not None
            for place in order
        ]
        dropped = {*_run(page, order, again), *_run(page, order[::-1], again[::-1])}
        bare.append([line for place, line in enumerate(page) if place not in dropped])
    return bare


def _run(page: Page, order: Sequence[int], again: Sequence[bool]) -> Sequence[int]:
    """From the edge inwards the lines that come again, if there is a gap below them."""
    most = next((n for n in range(min(_EDGE, len(order))) if not again[n]), min(_EDGE, len(order)))
    for count in range(most, 0, -1):
        if count == len(order):
            return order
        last, inner = page[order[count - 1]], page[order[count]]
        if abs(last.bottom - inner.bottom) >= 1.5 * min(last.size, inner.size):
            return order[:count]
    return ()


def _edges(page: Page) -> list[int]:
    """The places of the lines at the top and at the foot, by their height and not their order."""
    order = sorted(range(len(page)), key=lambda place: -page[place].bottom)
    return list(dict.fromkeys((*order[:_EDGE], *order[-_EDGE:])))


def _running_key(line: PrintedLine) -> tuple[str, int]:
    return re.sub(r"[0-9]+", "#", line.text.strip().casefold()), round(line.bottom / 6)


def _join_over_pages(pages: list[list[PrintedLine]]) -> list[list[PrintedLine]]:
    """Pages where a word that was broken over two of them is whole on the first."""
    filled = [page for page in pages if page]
    for page, after in pairwise(filled):
        last, first = page[-1], after[0]
        head, _, rest = first.text.partition(" ")
        if last.text.endswith(tuple(_HYPHENS)) and head[:1].islower():
            page[-1] = replace(last, text=f"{last.text}\n{head}")
            after[0] = replace(first, text=rest)
    return pages


def _goes_over(line: PrintedLine, after: PrintedLine) -> bool:
    """Whether the sentence of a page's last line goes on in the first line of the next page."""
    alike = abs(line.size - after.size) <= 0.12 * line.size
    return alike and after.text[:1].islower() and not _SENTENCE_END.search(line.text)


def _words(pages: Iterable[Page]) -> frozenset[str]:
    """The words of the document, hyphenated ones too: they tell how a broken word is spelt."""
    return frozenset(
        word
        for page in pages
        for line in page
        for word in re.findall(r"\w+(?:-\w+)*", line.text.casefold())
    )


def _heading_sizes(pages: Sequence[Page]) -> list[float]:
    """Sizes larger than the body's by a seventh, the largest first."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page:
            letters[round(line.size * 2) / 2] += len(line.text)
    if not letters:
        return []
    body = letters.most_common(1)[0][0]
    return sorted((size for size in letters if size > body * 8 / 7), reverse=True)


def _paragraphs(page: Page) -> list[list[PrintedLine]]:
    """The lines of each paragraph, item or heading."""
    lines = [line for line in page if line.text.strip()]
    if not lines:
        return []
    steps = [
        a.bottom - b.bottom for a, b in pairwise(lines) if 0 < a.bottom - b.bottom < 4 * a.size
    ]
    step = median(steps) if steps else 0.0
    margins = _Margins(lines, step)
    pieces = [[lines[0]]]
    for line, after in pairwise(lines):
        if _goes_on(line, after, margins, pieces[-1]):
            pieces[-1].append(after)
        else:
            pieces.append([after])
    return pieces


class _Margins:
    """Where the lines of a page end, column by column, and how far one lies below the other."""

    _APART = 40.0
    """Columns begin further apart than this, in points, and indents less far."""

    def __init__(self, lines: Sequence[PrintedLine], step: float) -> None:
        self.step = step
        self._rights: dict[int, list[float]] = {}
        for line in lines:
            place = round(line.left / self._APART)
            for near in (place - 1, place, place + 1):
                self._rights.setdefault(near, []).append(line.right)
        for rights in self._rights.values():
            rights.sort()

    def right(self, line: PrintedLine) -> float:
        """Where the column of a line ends; one line in ten, a heading over two, may be longer."""
        rights = self._rights[round(line.left / self._APART)]
        return rights[int((len(rights) - 1) * 0.9)]


def _goes_on(
    line: PrintedLine, after: PrintedLine, margins: _Margins, piece: Sequence[PrintedLine]
) -> bool:
    """Whether a line belongs to the paragraph of the one before it."""
    if abs(line.size - after.size) > 0.12 * line.size or BULLET.match(after.text):
        return False
    if line.text.endswith(tuple(_HYPHENS)) and after.text[:1].islower():
        return True
    drop = line.bottom - after.bottom
    if drop > max(margins.step * 1.35, 0.1) and drop > 1.3 * line.size:
        return False
    in_item = BULLET.match(piece[0].text) is not None
    if (
        not in_item
        and after.left > line.left + 0.6 * line.size
        and drop > 0
        and line is not piece[0]
    ):
        return False  # an indented first line
    # A last line leaves room for the next word, and ends a sentence or is followed by a capital.
    word = after.text.split(None, 1)[0]
    letter = (line.right - line.left) / len(line.text)
    unfilled = line.right + (len(word) + 1) * letter < margins.right(line) - 0.5 * letter
    return not (unfilled and (_SENTENCE_END.search(line.text) or not after.text[:1].islower()))


def _joined(lines: Sequence[str], words: frozenset[str]) -> str:
    """The lines as one, without the hyphens at their ends."""
    text = ""
    for part in (part for line in lines for part in line.split("\n")):
        before, after = text.rstrip(), part.strip()
        if not before:
            text = after
        elif before[-1] in _HYPHENS and len(before) > 1 and before[-2].isalnum():
            text = before[:-1] + ("-" if _keeps_hyphen(before, after, words) else "") + after
        else:
            text = f"{before} {after}"
    # A hyphen with nothing below it: the word ended, or goes on somewhere else.
    return text.replace(HYPHEN, "-")


def _keeps_hyphen(before: str, after: str, words: frozenset[str]) -> bool:
    """Whether a hyphen at a line end is the word's own: 2020-ci, Anglo-Saxon, a met well-known."""
    if before[-1] == "\xad":
        return False
    if before[-2].isdigit() or not after[:1].islower():
        return True
    first = re.search(r"[\w-]*\w$", before[:-1])
    second = re.match(r"\w+", after)
    if not first or not second:
        return True
    whole = f"{first[0]}{second[0]}".casefold()
    parted = f"{first[0]}-{second[0]}".casefold()
    return parted in words and whole not in words

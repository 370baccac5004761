"""What the first lines of bare text say: title, date, byline, source, section.

Only what is sure is told. A line counts as a date or a byline if it is nothing else, so that
"Chronicles: November 8, 2020" stays a title.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from search_service.dates import parse_date
from search_service.formats import mailhead
from search_service.formats.byline import Meaning, meaning
from search_service.model import PublicationDate

_HEAD_LINES = 10
_HEAD_CHARS = 6_000
_TITLE_CHARS = 160
_TITLE_WORDS = 22


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty: its number from 1, where it begins, and its text, stripped."""

    number: int
    start: int
    text: str

    @property
    def end(self) -> int:
        """Where its text ends."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Said:
    """A value and the number of the line that says it."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first lines say; what they do not surely say is None."""

    titles: tuple[Line, ...] = ()
    """The lines that are the title, and nothing else: more than one where it is repeated."""
    title: Said | None = None
    """The title, also where a label stands before it."""
    date: tuple[PublicationDate, int] | None = None
    author: Said | None = None
    source: Said | None = None
    section: Said | None = None
    url: Said | None = None


_SENTENCE_END = re.compile(r"[.,;:…]['\"”»)]*$")


def read_opening(text: str) -> Opening:
    """Reads the first lines of a text, up to its first sentence of running prose."""
    if mail := mailhead.read(text[:_HEAD_CHARS].split("\n")):
        return _of_mail(mail)
    head, follows = _head(text)
    said = [_Told(line, meaning(line.text)) for line in head]
    labelled = _first(said, "title")
    titles = () if labelled else _titles(said, follows)
    if not titles and not labelled:
        return Opening()
    at = titles[0].number if titles else 0
    after = [one for one in said if one.line.number > at]
    before = [one for one in said if one.line.number < at]
    return Opening(
        titles=titles,
        title=labelled or Said(titles[0].text, at),
        date=_date(before, after),
        author=_first([*after, *before], "author"),
        source=_first([*after, *before], "source"),
        section=_first([*after[:2], *before[-1:]], "section"),
        url=_first(said, "url"),
    )


def _of_mail(header: Mapping[str, tuple[str, int]]) -> Opening:
    said = {name: Said(" ".join(value.split()), line) for name, (value, line) in header.items()}
    date = said.get("date")
    read = parse_date(date.value) if date else None
    return Opening(
        title=said.get("title"),
        author=said.get("author"),
        date=(read, date.line) if date and read else None,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    line: Line
    meaning: Meaning


def _lines(text: str) -> list[Line]:
    """The written lines of the head, and the one after it."""
    lines: list[Line] = []
    start = 0
    for number, raw in enumerate(text[:_HEAD_CHARS].split("\n"), 1):
        if stripped := raw.strip():
            lines.append(Line(number, start + raw.index(stripped[0]), stripped))
            if len(lines) > _HEAD_LINES:
                break
        start += len(raw) + 1
    return lines


def _head(text: str) -> tuple[list[Line], dict[int, Line]]:
    """The lines before the first prose, and for each line's number the next written line."""
    lines = _lines(text)
    follows = {line.number: after for line, after in pairwise(lines)}
    head: list[Line] = []
    for line in lines[:_HEAD_LINES]:
        if len(line.text) > _TITLE_CHARS or len(line.text.split()) > _TITLE_WORDS:
            break
        if head and len(line.text.split()) >= 8 and re.search(r"[.!?…]['\"”’»)]*$", line.text):
            break
        head.append(line)
    return head, follows


def _titles(said: Sequence[_Told], follows: dict[int, Line]) -> tuple[Line, ...]:
    candidates = [one.line for one in said if not one.meaning.told]
    # A line that comes twice in so few is the title, above and below the page's masthead.
    for line in candidates:
        same = tuple(other for other in candidates if other.text == line.text)
        if len(same) > 1 and _is_title(line, None):
            return same
    first = candidates[0] if candidates else None
    return (first,) if first and _is_title(first, follows.get(first.number)) else ()


def _is_title(line: Line, after: Line | None) -> bool:
    text = line.text
    first = next((char for char in text if char.isalnum()), "")
    if not first or first.islower() or _SENTENCE_END.search(text):
        return False
    if re.match(r"[-*•·–—>#|]", text) or not any(map(str.isalpha, text)):
        return False
    if after is None or after.number > line.number + 1:
        return True
    # No empty line below it: then it must be far from filling the line, as a wrapped one would,
    # and what follows must be no verse; a byline or a date may follow at once.
    if meaning(after.text).told:
        return True
    return len(after.text) > 60 and len(text) * 3 < len(after.text) * 2


def _date(before: Sequence[_Told], after: Sequence[_Told]) -> tuple[PublicationDate, int] | None:
    """The date under the title, or else one above it: without a weekday, which mastheads have."""
    for one in after:
        if one.meaning.date:
            return one.meaning.date, one.line.number
    above = [one for one in before if one.meaning.date and not one.meaning.weekday]
    if len(above) == 1 and above[0].meaning.date:
        return above[0].meaning.date, above[0].line.number
    return None


def _first(said: Sequence[_Told], name: str) -> Said | None:
    for one in said:
        if value := getattr(one.meaning, name):
            return Said(value, one.line.number)
    return None

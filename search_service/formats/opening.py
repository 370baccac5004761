"""What the first lines of bare text say: title, date, byline, source, section.

Only what is sure is told. A line counts as a date or a byline if it is nothing else, so that
"Chronicles: November 8, 2020" stays a title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from search_service.dates import find_date_span
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
    """The title, and further lines that repeat it, as scraped pages do."""
    date: tuple[PublicationDate, int] | None = None
    author: Said | None = None
    source: Said | None = None
    section: Said | None = None
    url: Said | None = None


_SECTIONS_NAMES = (
    "editorial|opinion|op-ed|commentary|analysis|interview|feature|features|news|world|politics"
    "|economy|business|culture|society|science|travel|sport|sports|arts|review|reviews|letters"
    "|obituary|letters to the editor"
    "|redaksiyadan|baş məqalə|rəy|şərh|təhlil|müsahibə|reportaj|xəbərlər|siyasət|iqtisadiyyat"
    "|mədəniyyət|cəmiyyət|elm|idman|dünya|məktublar"
    "|başyazı|görüş|yorum|analiz|söyleşi|röportaj|haberler|siyaset|ekonomi|kültür|toplum|bilim"
    "|spor|dünya|mektuplar|kültür sanat"
    "|редакционная статья|от редакции|мнение|комментарий|анализ|интервью|репортаж|новости"
    "|политика|экономика|культура|общество|наука|спорт|письма"
)
_SECTIONS = frozenset(_SECTIONS_NAMES.split("|"))

_WEEKDAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun"
    "|bazar ertəsi|çərşənbə axşamı|çərşənbə|cümə axşamı|cümə|şənbə|bazar"
    "|pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar"
    "|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
)
_WEEKDAY = re.compile(rf"(?<!\w)(?:{_WEEKDAYS})(?!\w)", re.IGNORECASE)
_DATE_LABEL = re.compile(
    r"^(?:date|published|posted|published on|posted on|publication date"
    r"|tarix|dərc olunub|dərc edilib|nəşr tarixi|tarih|yayın tarihi|yayınlanma tarihi"
    r"|дата|опубликовано|дата публикации)\b\s*:?",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"^by\b\s*[:|]?\s*(?P<who>\S.*)$", re.IGNORECASE)
_AUTHOR = re.compile(
    r"^(?:author|written by|text by|müəllif|yazan|yazar|автор|текст)\b\s*[:|]?\s+(?P<who>\S.*)$",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"^(?:source|mənbə|kaynak|источник)\s*:\s*(?P<who>\S.{0,80})$", re.IGNORECASE)
_URL = re.compile(r"^(?:(?:url|link|ссылка)\s*:\s*)?(?P<url>https?://\S+)$", re.IGNORECASE)

# Words in the names of those who publish, not of people: "By Press Service", "By AZERTAC Staff".
_INSTITUTION = re.compile(
    r"(?<!\w)(?:agency|press|news|newsroom|staff|desk|editors?|editorial|team|bureau|service"
    r"|ministry|office|times|post|daily|media|radio|tv|agentliyi|redaksiya|xəbər|nazirliyi"
    r"|ajansı|haber|bakanlığı|редакция|агентство|новости|служба|министерство)(?!\w)",
    re.IGNORECASE,
)
_PARTICLES_NAMES = (
    "de da di del der den van von la le al el bin ibn ul oğlu qızı oglu qizi oglu kızı and və ve"
    " и & y et und"
)
_PARTICLES = frozenset(_PARTICLES_NAMES.split())
_NAME_WORD = re.compile(r"(?:[^\W\d_]\.)+|[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_SENTENCE_END = re.compile(r"[.,;:…]['\"”»)]*$")


def read_opening(text: str) -> Opening:
    """Reads the first lines of a text, up to its first sentence of running prose."""
    head, follows = _head(text)
    kinds = [_Kind(line) for line in head]
    titles = _titles(head, kinds, follows)
    if not titles:
        return Opening()
    after = [kind for kind in kinds if kind.line.number > titles[0].number]
    before = [kind for kind in kinds if kind.line.number < titles[0].number]
    return Opening(
        titles=titles,
        date=_date(before, after),
        author=_first(after, "author"),
        source=_first(after, "source"),
        section=_section(head, titles[0]),
        url=_first(kinds, "url"),
    )


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


class _Kind:
    """What one line of the head is besides a possible title."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.date: PublicationDate | None = None
        self.weekday = False
        self.placed = False
        self.author: str | None = None
        self.source: str | None = None
        text = line.text
        url = _URL.match(text)
        self.url = url["url"] if url else None
        if (span := find_date_span(text)) is not None:
            date, start, end = span
            rest = _DATE_LABEL.sub("", text[:start].strip()) + " " + text[end:]
            self.weekday = _WEEKDAY.search(rest) is not None
            rest = _WEEKDAY.sub("", rest).strip(" \t\xa0,.|–—-()")
            if not rest or self._byline(rest):
                self.date = date
            elif (
                re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)?\s*,\s*", text[:start]) and rest[0].isupper()
            ):
                # "Baku, 8 November 2020": a place and a date, if it stands below a title.
                self.date, self.placed = date, True
        else:
            self._byline(text)

    def _byline(self, text: str) -> bool:
        if source := _SOURCE.match(text):
            self.source = source["who"].strip()
            return True
        labelled = _AUTHOR.match(text)
        match = labelled or _BYLINE.match(text)
        if not match:
            return False
        who = match["who"].strip(" \t\xa0,|–—-:")
        if _is_publisher(who, labelled=labelled is not None):
            self.source = who
        elif is_person(who) or (labelled and _NAME_WORD.fullmatch(who)):
            self.author = who
        return bool(self.source or self.author)

    @property
    def told(self) -> bool:
        """It surely is something else than a title."""
        return bool((self.date and not self.placed) or self.author or self.source or self.url)


def is_person(name: str) -> bool:
    """Whether a name is that of one or more people: two to eight capitalised words."""
    words = name.replace(",", " ").split()
    capitals = [word for word in words if word.lower() not in _PARTICLES]
    return (
        2 <= len(capitals) <= 8
        and all(_NAME_WORD.fullmatch(word) and word[0].isupper() for word in capitals)
        and _INSTITUTION.search(name) is None
    )


def _is_publisher(name: str, *, labelled: bool) -> bool:
    """Whether "By ..." names an agency: one capitalised word without a surname, or its sort.

    What is labelled as the author may well be one word, a pen name.
    """
    if _INSTITUTION.search(name):
        return len(name.split()) <= 6
    return (
        not labelled
        and re.fullmatch(r"[^\W\d_][\w.-]{1,24}", name) is not None
        and (name[0].isupper() or "." in name)
    )


def _titles(
    head: Sequence[Line], kinds: Sequence[_Kind], follows: dict[int, Line]
) -> tuple[Line, ...]:
    candidates = [
        line
        for line, kind in zip(head, kinds, strict=True)
        if not kind.told and line.text.casefold() not in _SECTIONS
    ]
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
    if _Kind(after).told or after.text.casefold() in _SECTIONS:
        return True
    return len(after.text) > 60 and len(text) * 3 < len(after.text) * 2


def _date(before: Sequence[_Kind], after: Sequence[_Kind]) -> tuple[PublicationDate, int] | None:
    """The date under the title, or else one above it: without a weekday, which mastheads have."""
    below = [(kind.date, kind.line.number) for kind in after if kind.date]
    above = [(kind.date, kind.line.number) for kind in before if kind.date and not kind.weekday]
    found = below or above
    if len({date for date, _ in found}) > 1 and found is above:
        return None
    return found[0] if found else None


def _first(kinds: Sequence[_Kind], name: str) -> Said | None:
    for kind in kinds:
        if value := getattr(kind, name):
            return Said(value, kind.line.number)
    return None


def _section(head: Sequence[Line], title: Line) -> Said | None:
    place = next(i for i, line in enumerate(head) if line.number == title.number)
    for line in (*head[place + 1 : place + 3], *head[max(0, place - 1) : place]):
        if line.text.strip(" .:|").casefold() in _SECTIONS:
            return Said(line.text.strip(" .:|"), line.number)
    return None

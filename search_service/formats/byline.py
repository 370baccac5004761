"""What one line at the head of a text says, if it is nothing else: a date, a byline, a section."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from search_service.dates import find_date_span
from search_service.model import PublicationDate


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a line says; a line of the text itself says none of these."""

    title: str | None = None
    """Where it is labelled as the title: "Title: ..."."""
    date: PublicationDate | None = None
    weekday: bool = False
    """The date is given with its day of the week, as mastheads do."""
    placed: bool = False
    """The date stands beside a place: "Baku, 8 November 2020"."""
    author: str | None = None
    source: str | None = None
    section: str | None = None
    url: str | None = None
    furniture: bool = False
    """It is of the page and not of the text: "Print", "Home » News", "Updated: ..."."""

    @property
    def told(self) -> bool:
        """It surely is something else than a heading."""
        return bool(
            (self.date and not self.placed)
            or self.title
            or self.author
            or self.source
            or self.section
            or self.url
            or self.furniture
        )


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
_TITLE = re.compile(
    r"^(?:title|headline|subject|başlıq|mövzu|başlık|konu|заголовок|тема)\s*:\s*(?P<what>\S.*)$",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"^(?:last )?(?:updated|modified|yenilənib|güncelleme|güncellendi|обновлено)\b", re.IGNORECASE
)
_FURNITURE_NAMES = (
    "home|menu|search|share|print|subscribe|log in|sign in|sign up|advertisement|read more"
    "|latest news|skip to content|share this|a- a+|ana səhifə|axtarış|paylaş|çap et|reklam"
    "|ana sayfa|ara|yazdır|abone ol|главная|меню|поиск|поделиться|печать|реклама"
)
_FURNITURE = frozenset(_FURNITURE_NAMES.split("|"))
_TRAIL = re.compile(r"^(?:home|ana səhifə|ana sayfa|главная)\s*[»>/|›→]", re.IGNORECASE)
_PARTS = re.compile(r"\s+[|•·]\s+")
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


def meaning(text: str) -> Meaning:
    """What a stripped line says; of "By Ann Lee | 8 May 2020" each part must say something."""
    parts = _PARTS.split(text) if len(text) < 300 else [text]
    if len(parts) > 1 and not re.match(r"by\s*\|", text, re.IGNORECASE):
        said = [_part(part) for part in parts]
        return _joined(said) if all(one.told for one in said) else Meaning()
    return _part(text)


def _joined(said: list[Meaning]) -> Meaning:
    """What the parts of a line say together, the first of each kind."""
    dates = [one for one in said if one.date]
    sections = [one.section for one in said if one.section]
    return Meaning(
        date=dates[0].date if dates else None,
        weekday=bool(dates) and dates[0].weekday,
        author=next((one.author for one in said if one.author), None),
        source=next((one.source for one in said if one.source), None),
        section=sections[0] if len(sections) == 1 else None,  # of several they are a menu
        url=next((one.url for one in said if one.url), None),
        furniture=True,
    )


def _part(text: str) -> Meaning:
    if text.strip(" .:|").casefold() in _SECTIONS:
        return Meaning(section=text.strip(" .:|"))
    if text.casefold() in _FURNITURE or _TRAIL.match(text) or _UPDATED.match(text):
        return Meaning(furniture=True)
    if url := _URL.match(text):
        return Meaning(url=url["url"])
    if title := _TITLE.match(text):
        return Meaning(title=title["what"].strip())
    return _dated(text) or _byline(text) or Meaning()


def _dated(text: str) -> Meaning | None:
    """A date by itself, or with a weekday, a label, a byline or a place; None without a date."""
    span = find_date_span(text)
    if span is None:
        return None
    date, start, end = span
    rest = _DATE_LABEL.sub("", text[:start].strip()) + " " + text[end:]
    weekday = _WEEKDAY.search(rest) is not None
    rest = _WEEKDAY.sub("", rest).strip(" \t\xa0,.|–—-()[]")
    if not rest:
        return Meaning(date=date, weekday=weekday)
    if byline := _byline(rest):
        return replace(byline, date=date, weekday=weekday)
    if _PLACE.fullmatch(text[:start]) and rest[0].isupper():
        return Meaning(date=date, weekday=weekday, placed=True)
    return Meaning()


_PLACE = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?\s*,\s*")


def _byline(text: str) -> Meaning | None:
    """The author or source of a line such as "By Ann Lee, staff writer"; None if it has none."""
    if source := _SOURCE.match(text):
        return Meaning(source=source["who"].strip())
    labelled = _AUTHOR.match(text)
    match = labelled or _BYLINE.match(text)
    if not match:
        return None
    who = match["who"].strip(" \t\xa0,|–—-:")
    if is_person(who) or (labelled and _NAME_WORD.fullmatch(who)):
        return Meaning(author=who)
    # "By Ann Lee, Staff Writer" and "By Ann Lee for the Shore Gazette" are by Ann Lee.
    person = re.split(r",\s|\s+(?:for|of|at)\s", who, maxsplit=1)[0]
    if person != who and is_person(person):
        return Meaning(author=person)
    if _is_publisher(who, labelled=labelled is not None):
        return Meaning(source=who)
    return None


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

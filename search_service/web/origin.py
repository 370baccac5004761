"""What is known of a document, and where each piece of it came from, in the reader's language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from search_service.model import Document, PublicationDate
from search_service.web.answers import metadata_of
from search_service.web.language import day, gettext, language_name
from search_service.web.shapes import ValueAnswer

_DATE = re.compile(
    r"[0-9]{4}(-[0-9]{2}){0,2}|[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}:[0-9]{2}([+-][0-9]{2}:[0-9]{2})?"
)
_NUMBERED = re.compile(r"(text, line|row) ([0-9]+)")


@dataclass(frozen=True, slots=True)
class Known:
    """One line of what is known of a document."""

    label: str
    value: str
    where: str
    url: str = ""


def known(document: Document, original: str = "") -> list[Known]:
    """All that is known of a document; its file is the last line, with where it can be had.

    Whether it has a date is always told.
    """
    lines = [_line(name, value) for name, value in metadata_of(document).items()]
    if document.metadata.date is None:
        nowhere = gettext("neither in the file nor in metadata.csv")
        above = sum(
            each is not None for each in (document.metadata.title, document.metadata.author)
        )
        lines.insert(above, Known(_label("date"), gettext("undated"), nowhere))
    label = gettext("Original file") if original else gettext("File")
    return [*lines, Known(label, document.path, format_label(document.format), original)]


def format_label(name: str) -> str:
    """A format's name for people: PDF, Markdown."""
    return name.capitalize() if len(name) > 5 or name in ("text", "email") else name.upper()


def _line(name: str, found: ValueAnswer) -> Known:
    value = found.value
    if name in ("date", "created") and _DATE.fullmatch(value):
        value = day(PublicationDate(value), long=True)
    elif name == "language":
        value = language_name(value)
    web = name == "url" and value.startswith(("https://", "http://"))
    return Known(_label(name), value, _where(found.where), value if web else "")


def _label(name: str) -> str:
    """What a field is called; one that the owner has thought of is called as the owner does."""
    return {
        "title": gettext("Title"),
        "author": gettext("Author"),
        "date": gettext("Date"),
        "source": gettext("Source"),
        "section": gettext("Section"),
        "url": gettext("Address"),
        "language": gettext("Language"),
        "identifier": gettext("Identifier"),
        "created": gettext("Created"),
    }.get(name, name)


def _where(where: str) -> str:
    """Where a value came from; the name of an element or a file stands as it is."""
    if numbered := _NUMBERED.fullmatch(where):
        at = numbered[2]
        return gettext("line %(n)s", n=at) if numbered[1] != "row" else gettext("row %(n)s", n=at)
    return {
        "file name": gettext("file name"),
        "front matter": gettext("front matter"),
        "field list": gettext("field list"),
        "document properties": gettext("document properties"),
        "PDF properties": gettext("PDF properties"),
        "EPUB metadata": gettext("EPUB metadata"),
        "mail header": gettext("mail header"),
    }.get(where, where)

"""Citations of a document or a passage: in words, in BibTeX and in CSL-JSON.

What is not known is left out or said to be missing ("undated"), never guessed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from babel import Locale

from search_service.languages import UNDETERMINED
from search_service.model import Document, PublicationDate

_MAILBOX = re.compile(r"\s*<[^<>\s@]+@[^<>\s]+>")
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "%": r"\%",
    "&": r"\&",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a citation is put in words with, in the reader's language."""

    quoted: str = "“%(title)s”"
    """A title as the language quotes it."""
    undated: str = "undated"
    published: str = ""
    """The date, where there is one."""
    accessed: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation says."""

    title: str
    author: str
    agency: str
    """The source: a news agency, a journal, a publisher."""
    archive: str
    written: PublicationDate | None
    link: str
    accessed: date
    language: str
    page: int | None = None
    key: str = "document"

    def plain(self, words: Words) -> str:
        """In words: title, author, source, date, archive, link, date of access."""
        names = dict.fromkeys(filter(None, (self.author, self.agency)))
        dated = words.published if self.written else _sentence(words.undated)
        parts = [
            words.quoted % {"title": _isolated(self.title)},
            *map(_isolated, names),
            ", ".join(filter(None, (dated, words.page))),
            _isolated(self.archive),
            f"{self.link} ({words.accessed})",
        ]
        return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)

    def bibtex(self) -> str:
        """As a BibTeX (biblatex) entry."""
        fields = {
            "title": "{" + _tex(self.title) + "}",
            "author": "{" + _tex(self.author) + "}" if self.author else "",
            "organization": _tex(self.agency),
            "date": self.written.text[:10] if self.written else "",
            "year": self.written.text[:4] if self.written else "",
            "note": _tex(self.archive) if self.written else _tex(self.archive) + ", undated",
            "pages": str(self.page or ""),
            "langid": _babel(self.language),
            "url": self.link,
            "urldate": self.accessed.isoformat(),
        }
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        return f"@online{{{self.key},\n{body}\n}}\n"

    def csl(self) -> dict[str, object]:
        """As an item of CSL-JSON 1.0."""
        item: dict[str, object] = {
            "id": self.key,
            "type": "webpage",
            "title": self.title,
            "author": [{"literal": self.author}] if self.author else None,
            "publisher": self.agency,
            "container-title": self.archive,
            "issued": {"date-parts": [_parts(self.written)]} if self.written else None,
            "page": str(self.page or ""),
            "note": "" if self.written else "undated",
            "language": self.language if self.language != UNDETERMINED else "",
            "URL": self.link,
            "accessed": {
                "date-parts": [[self.accessed.year, self.accessed.month, self.accessed.day]]
            },
        }
        return {name: value for name, value in item.items() if value}

    def csl_json(self) -> str:
        """The item in the list that CSL-JSON is."""
        return json.dumps([self.csl()], ensure_ascii=False, indent=2) + "\n"


def of(
    document: Document, archive: str, link: str, today: date, page: int | None = None
) -> Citation:
    """The citation of a document, or of the passage that the link opens."""
    known = document.metadata
    return Citation(
        title=" ".join(document.title.split()),
        author=names(known.author.value) if known.author else "",
        agency=known.source.value if known.source else "",
        archive=archive,
        written=known.date.value if known.date else None,
        link=link,
        accessed=today,
        language=document.languages[0] if document.languages else UNDETERMINED,
        page=page,
        key=re.sub(r"[^A-Za-z0-9-]+", "-", document.id).strip("-") or "document",
    )


def names(author: str) -> str:
    """An author without the addresses that a file gives for writing to: `A. Nur <a@b.org>`."""
    return _MAILBOX.sub("", author).strip() or author


def _isolated(text: str) -> str:
    """A text from right to left in Unicode's isolates: a date after it would be drawn into it."""
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return f"\u2068{text}\u2069" if turned else text


def _babel(language: str) -> str:
    """A language as biblatex and babel call it: `azerbaijani`."""
    known = Locale("en").languages.get(language) if language != UNDETERMINED else None
    return known.lower() if known and known.isalpha() else ""


def _sentence(words: str) -> str:
    """Words as they begin a sentence; none of ours begins with an i, which has two capitals."""
    return words[:1].upper() + words[1:]


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)


def _parts(written: PublicationDate) -> list[int]:
    return [int(part) for part in written.text[:10].split("-")]

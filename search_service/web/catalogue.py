"""All documents of a generation by their metadata: what the start page and browsing need."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from search_service import languages
from search_service.languages.base import Language
from search_service.model import Document
from search_service.schema import UNDATED
from search_service.web.alphabet import Alphabet

Groups = dict[str, list[Document]]


class Catalogue:
    """The documents of one generation, without their texts."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = tuple(documents)
        self.languages = Counter(code for each in self.documents for code in each.languages)
        self.undated = sum(each.metadata.date is None for each in self.documents)
        self._by_id = {each.id: each for each in self.documents}

    def __len__(self) -> int:
        return len(self.documents)

    def get(self, document_id: str) -> Document | None:
        """A document by its id."""
        return self._by_id.get(document_id)

    def recent(self, count: int) -> list[Document]:
        """Those published last; the undated only when there are too few others."""
        return sorted(self.documents, key=_newest)[:count]

    def years(self) -> Mapping[str, int]:
        """Year -> number of documents; `undated` is a year of its own, the last."""
        counts = Counter(map(_year, self.documents))
        return {year: counts[year] for year in sorted(counts)}

    def grouped(self, by: str, language: str = "en") -> Groups:
        """The documents by `date`, `source`, `language`, `folder` or `title`, in order.

        Years run from the newest, the undated last. All else is in alphabetical order: of the
        interface's language, but the titles of one language in that language's own.
        """
        alphabet = Alphabet.of(language)
        groups: dict[str, list[Document]] = defaultdict(list)
        for each in self.documents:
            for name in _groups_of(each, by):
                groups[name].append(each)
        if by == "date":
            names = sorted(groups, reverse=True)
            names.sort(key=lambda name: name == UNDATED)
            return {name: sorted(groups[name], key=_newest) for name in names}
        # What has no source or letter stands last.
        names = sorted(groups, key=lambda name: (not name, alphabet.key(name), name))
        order = {name: Alphabet.of(name) if by == "language" else alphabet for name in names}
        return {
            name: sorted(groups[name], key=lambda each: (order[name].key(each.title), each.path))
            for name in names
        }


def _groups_of(document: Document, by: str) -> Iterable[str]:
    match by:
        case "date":
            return (_year(document),)
        case "source":
            source = document.metadata.source
            return (source.value if source else "",)
        case "language":
            return document.languages
        case "folder":
            return (document.path.rpartition("/")[0],)
        case _:
            return (_initial(document),)


def _year(document: Document) -> str:
    written = document.metadata.date
    return written.value.text[:4] if written else UNDATED


def _newest(document: Document) -> tuple[int, str]:
    written = document.metadata.date
    return (-written.value.last_day.toordinal() if written else 1, document.path)


def _language(document: Document) -> Language:
    code = document.languages[0] if document.languages else languages.UNDETERMINED
    return languages.get(code if code in languages.LANGUAGES else languages.UNDETERMINED)


def _initial(document: Document) -> str:
    """The letter that a title is filed under: `I` and `İ` are two in Azerbaijani."""
    language = _language(document)
    for letter in document.title:
        if letter.isalpha():
            small = language.lower(letter)
            # `str.upper` does not know that Turkic languages have two letters I.
            turkic = {"i": "İ", "ı": "I"} if "ı" in language.alphabet else {}
            return turkic.get(small, small.upper())
    return ""

"""Other spellings that the index has, and completion as one types.

Both speak of what is in the index, in neutral words: a place's two names are not errors of one
another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from search_service.engines.base import Reader, Request
from search_service.highlight.ladder import meets
from search_service.languages import analysis, translit
from search_service.model import Suggestion, WordReport
from search_service.nodes import Word
from search_service.query.parsed import Options, ParsedQuery
from search_service.query.parsing import parse
from search_service.query.syntax import normalise
from search_service.query.words import ROMANISED
from search_service.searcher.reports import alone

MIN_LETTERS = 4
"""Shorter words have too many neighbours."""
RARE = 3
"""Where more documents are found than this, only words that nobody has are asked about."""
ASKED = 3
"""Words of one query whose neighbours are looked for: each costs as much as a search."""
TIMES = 5
"""A spelling must find so many times more than one that finds something."""
SUGGESTIONS = 3
CANDIDATES = 8


def spellings(
    reader: Reader,
    request: Request,
    parsed: ParsedQuery,
    words: Sequence[WordReport],
    options: Options,
    *,
    documents: int,
) -> tuple[Suggestion, ...]:
    """Like spellings of the words that few documents have, if they would find more.

    `documents` is how many the whole query finds.
    """
    found: list[Suggestion] = []
    most = RARE if documents <= RARE else 0
    rare = [
        (part, report)
        for part, report in zip(parsed.parts, words, strict=True)
        if report.documents <= most
    ]
    for part, report in rare[:ASKED]:
        word = part.query
        if not isinstance(word, Word) or len(word.text) < MIN_LETTERS:
            continue
        others = _others(reader, word)
        if not others:
            continue
        trees = [parse(other, options).parts[0].query for other in others]
        counts = alone(reader, request, trees)
        for other, count in zip(others, counts, strict=True):
            if count > report.documents * TIMES:
                query = normalise(parsed.text).replace(part.typed, other, 1)
                found.append(Suggestion(query, other, count))
    found.sort(key=lambda suggestion: -suggestion.documents)
    return tuple(found[:SUGGESTIONS])


def _others(reader: Reader, word: Word) -> list[str]:
    """Forms near a word in spelling that its own ladder does not meet, one of each folded form."""
    others: dict[str, str] = {}
    for folded in {form.folded for _, form in word.readings}:
        for form, language, _ in reader.spellings(folded, CANDIDATES):
            read = analysis.analyser(language).form(form)
            if not meets(word, read) and not read.stop and not form.isdigit():
                others.setdefault(read.folded, form)
    return list(others.values())[:CANDIDATES]


@dataclass(frozen=True, slots=True)
class Completion:
    """What may be meant by the beginning of a word or a title."""

    text: str
    """To be put in the search box: the whole query for a word, the title for a document."""
    kind: Literal["word", "title"]
    count: int
    """Passages that have the word; 1 for a title."""
    document: str | None = None
    """The document of a title."""


class Completer:
    """Completes what is being typed, folding as search does: `qara` is completed by `Qarağac`."""

    def __init__(self, reader: Reader, languages: Sequence[str]) -> None:
        self._reader = reader
        self._languages = tuple(languages) or ("und",)
        self._titles: list[tuple[list[str], str, str]] | None = None

    def complete(self, typed: str, limit: int = 8) -> tuple[Completion, ...]:
        """Titles that have all the words typed, the last as a beginning; then words."""
        typed = normalise(typed)
        folded = self._fold(typed)
        if not folded or limit < 1:
            return ()
        titles = self._of_titles(folded, limit)
        words = () if typed[-1:].isspace() else self._of_words(typed, folded[-1], limit)
        half = max(limit // 2, limit - len(words))
        return (*titles[:half], *words)[:limit]

    def _fold(self, text: str) -> list[str]:
        """The words of a text as they are compared; the last may be unfinished."""
        forms = analysis.analyser(self._languages[0]).forms(text)
        return [form.folded for _, form in forms]

    def _of_words(self, typed: str, prefix: str, limit: int) -> tuple[Completion, ...]:
        if len(prefix) < 2:
            return ()
        before = typed[: len(typed) - len(typed.rsplit(maxsplit=1)[-1])]
        found: dict[str, Completion] = {}
        last = typed.rsplit(maxsplit=1)[-1]
        spelt = self._reader.forms(prefix, limit * 3)
        sounding = self._reader.forms_sounding(self._sounds(last), limit * 3)
        for form, _, passages in (*spelt, *set(sounding).difference(spelt)):
            # In several languages one word is one completion.
            known = found.get(form)
            count = passages + (known.count if known else 0)
            found[form] = Completion(before + form, "word", count)
        ranked = sorted(found.values(), key=lambda word: (-word.count, word.text))
        # What begins as it was typed comes before what sounds so, but does not keep all of it out.
        as_typed = {form for form, _, _ in spelt}
        own = [word for word in ranked if word.text.removeprefix(before) in as_typed]
        others = [word for word in ranked if word not in own]
        own = own[: max(limit // 2, limit - len(others))]
        return (*own, *others[: limit - len(own)])

    def _sounds(self, beginning: str) -> list[str]:
        """The keys across scripts of a beginning: `aqar` is that of Агарунов and of Agarunov."""
        codes = (*self._languages, *(code for code in ROMANISED if code not in self._languages))
        read = ((code, analysis.analyser(code).form(beginning).exact) for code in codes)
        keys = (key for code, exact in read for key in translit.beginnings(exact, code))
        return list(dict.fromkeys(keys))

    def _of_titles(self, folded: list[str], limit: int) -> list[Completion]:
        if self._titles is None:
            self._titles = [
                (
                    self._fold(unicodedata.normalize("NFC", document.title)),
                    document.title,
                    document.id,
                )
                for document in self._reader.summaries()
            ]
        *whole, last = folded
        found = []
        for words, title, document_id in self._titles:
            if all(word in words for word in whole) and any(
                word.startswith(last) for word in words
            ):
                found.append((not words[0].startswith(folded[0]), len(title), title, document_id))
        found.sort()
        return [Completion(title, "title", 1, key) for _, _, title, key in found[:limit]]

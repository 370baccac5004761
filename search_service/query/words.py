"""Words, phrases and patterns of a query, read in every language that the index holds.

Where languages cut a word differently (`l'homme` is one word in English, two in French) the tree
has both as alternatives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from whoosh.query import And, DisjunctionMax, FuzzyTerm, Or, Prefix, Query

from search_service.languages import analysis, get
from search_service.languages.base import Form
from search_service.model import Rung
from search_service.nodes import Word, WordPhrase
from search_service.query import syntax
from search_service.query.parsed import Options, Part
from search_service.query.written import written
from search_service.schema import TEXT_FIELD

COMPOUND_LETTERS = 3
"""Words joined by a hyphen, a full stop or a slash are words by themselves from so many letters."""

ROMANISED = ("en", "ru")
"""Languages in which names of others are typed, whatever the index holds."""


class WordReader:
    """Reads the words of one query."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.languages = options.languages or ("und",)

    def phrase(self, item: syntax.Quoted, name: str) -> list[Part]:
        """Words in quotation marks: exactly so, or with a slop by their ladder."""
        exact = item.slop is None
        rung = Rung.EXACT if exact else self.options.match
        near = "" if exact else f"~{item.slop}"
        return [
            replace(part, text=f'"{part.text}"{near}', typed=written(item), exact_phrase=exact)
            for part in self.words(item.text, name, rung, item.slop or 0)
        ]

    def words(self, text: str, name: str, rung: Rung, slop: int = 0) -> list[Part]:
        """A word, or a phrase of words, in each way in which the languages cut the text."""
        cuts: dict[tuple[tuple[int, int], ...], list[str]] = {}
        for code in self.languages:
            spans = tuple((token.start, token.end) for token in get(code).tokenise(text))
            if spans:
                cuts.setdefault(spans, []).append(code)
        nodes: list[Query] = []
        for spans, codes in cuts.items():
            words = tuple(self.word(text[start:end], codes, name, rung) for start, end in spans)
            nodes.append(words[0] if len(words) == 1 else WordPhrase(words, slop))
        if not nodes:
            return []
        start = min(spans[0][0] for spans in cuts)
        end = max(spans[-1][1] for spans in cuts)
        node = nodes[0] if len(nodes) == 1 else DisjunctionMax(nodes)
        return [Part(text[start:end], node, text)]

    def word(self, text: str, codes: Iterable[str], name: str, rung: Rung) -> Word:
        """A word as some languages read it."""
        synonyms = self.options.synonyms if rung is Rung.TRANSLIT else None
        readings = [(code, analysis.analyser(code).form(text)) for code in codes]
        if rung is Rung.TRANSLIT and (keys := self._foreign_keys(text, readings)):
            code, form = readings[0]
            readings[0] = code, replace(form, translit=(*form.translit, *keys))
        return Word(
            name,
            text,
            tuple(readings),
            rung,
            similar=rung is Rung.TRANSLIT and name == TEXT_FIELD,
            synonyms=synonyms.of(text) if synonyms else (),
        )

    def _foreign_keys(self, text: str, readings: list[tuple[str, Form]]) -> list[str]:
        """Keys of a name as it is written in languages that the index need not hold.

        `Ganja` is English, and is asked of an index that has nothing but Azerbaijani.
        """
        if any(form.stop for _, form in readings):
            return []
        known = {key for _, form in readings for key in form.translit}
        foreign = [
            key
            for code in ROMANISED
            if code not in self.languages
            for key in analysis.analyser(code).form(text).translit
        ]
        return [key for key in dict.fromkeys(foreign) if key not in known]

    def runs(self, text: str) -> list[str]:
        """A chunk, cut into what is asked for by itself.

        Words side by side with nothing in between are pairs of letters of a script without spaces:
        in quotation marks they are a phrase, but a bare `北京大学` asks for each, or no long
        question would be met. `time-sharing` and `core.pager` ask for their words, as `time
        sharing` does, which writers use for the same; but `44-day`, `27-də` and `l'homme` are
        phrases: their parts say little alone.
        """
        tokens = get(self.languages[0]).tokenise(text)
        pairs = any(after.start <= before.end for before, after in pairwise(tokens))
        compound = "'" not in text and all(
            len(token.surface) >= COMPOUND_LETTERS and token.surface.isalpha() for token in tokens
        )
        if len(tokens) > 1 and (pairs or compound):
            return [token.surface for token in tokens]
        return [text]

    def pattern(self, item: syntax.Beginning | syntax.Roughly, name: str) -> list[Part]:
        """A prefix or a fuzzy word, folded as each language folds it.

        Of `qara-b*` the words before the last are asked for as well.
        """
        found: dict[tuple[str, ...], Query] = {}
        for code in self.languages:
            forms = analysis.analyser(code).forms(item.text)
            folded = tuple(form.folded for _, form in forms)
            if not folded or folded in found:
                continue
            before = [
                self.word(token.surface, self.languages, name, self.options.match)
                for token, _ in forms[:-1]
            ]
            last = (
                Prefix(name, folded[-1])
                if isinstance(item, syntax.Beginning)
                else FuzzyTerm(name, folded[-1], maxdist=item.edits, prefixlength=0)
            )
            found[folded] = And([*before, last]) if before else last
        return [Part(written(item), any_of(list(found.values())))] if found else []


def any_of(nodes: list[Query]) -> Query:
    """Any of some nodes; of one, itself."""
    return nodes[0] if len(nodes) == 1 else Or(nodes)

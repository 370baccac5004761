"""Reading and showing texts by the compiled loops; what they leave out goes through Python's."""

from __future__ import annotations

from array import array
from functools import cache, cached_property, partial

from search_service.highlight import _marking
from search_service.highlight.letters import block
from search_service.highlight.plain_texts import PlainTexts, Wanted
from search_service.highlight.texts import Asked, Asking, MakeSnippet, Mark, Shown, Words
from search_service.languages import get, tokens
from search_service.languages.analysis import Analyser
from search_service.languages.base import Language
from search_service.languages.casing import lower, lower_turkic
from search_service.languages.folding import fold
from search_service.languages.sentences import sentences
from search_service.model import Match, Rung, Snippet

ALPHABET = _marking.Alphabet(block)
_PYTHON = PlainTexts()
_TYPES = (Snippet, Match, tuple(Rung))


class BothWanted:
    """What is asked, as either looks it up."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.compiled = _marking.Wanted(asked.forms, asked.beginnings, asked.prefixes)

    @cached_property
    def python(self) -> Wanted:
        """For texts that Python reads."""
        return _PYTHON.wanted(self._asked)


class CompiledWords:
    """The words of one text."""

    __slots__ = ("candidates", "ends", "starts")

    def __init__(self, starts: bytes, ends: bytes, candidates: list[tuple[int, str]]) -> None:
        self.starts = memoryview(starts).cast("i")
        self.ends = memoryview(ends).cast("i")
        self.candidates = candidates


class CompiledTexts:
    """See `texts.Texts`."""

    def wanted(self, asked: Asked) -> BothWanted:
        """Hash."""
        return BothWanted(asked)

    def words(self, analyser: Analyser, text: str, wanted: BothWanted | None) -> Words:
        """Read letter by letter, where the language separates words as most do."""
        joins = _joins(analyser.language.code)
        if joins is not None:
            found = ALPHABET.words(text, wanted.compiled if wanted else None, joins)
            if found is not None:
                return CompiledWords(*found)
        return _PYTHON.words(analyser, text, wanted.python if wanted else None)

    def snippets(self, asking: Asking) -> MakeSnippet | None:
        """Read, mark, choose and write in one call."""
        code = asking.analyser.code
        joins, rules = _joins(code), _rules(code)
        if joins is None or rules is None:
            return None
        return _marking.Snippets(
            ALPHABET,
            asking.wanted.compiled if asking.wanted else None,
            joins,
            asking.memory,
            asking.uses,
            array("H", asking.numbers).tobytes(),
            asking.called,
            *rules,
            _TYPES,
        ).snippet

    def show(
        self, language: Language, text: str, words: Words, marks: list[Mark], most: int | None
    ) -> Shown:
        """Choose and write in one call."""
        rules = _rules(language.code)
        if rules is None or not isinstance(words, CompiledWords):
            return _PYTHON.show(language, text, words, marks, most)
        return Shown(
            *_marking.show(ALPHABET, text, words.starts, words.ends, marks, most or 0, *rules)
        )


@cache
def _joins(code: str) -> bool | None:
    """Whether an apostrophe joins letters; None where words are read in another way."""
    language = get(code)
    rule: object = getattr(language.surfaces, "__self__", None)
    if not isinstance(rule, tokens.Words) or not rule.usual:
        return None
    folds = language.fold is fold and language.lower in {lower, lower_turkic}
    return rule.joins if folds else None


@cache
def _rules(code: str) -> tuple[frozenset[str], bool] | None:
    """How the language ends sentences; None where it does it in another way."""
    rule = get(code).sentences
    if not isinstance(rule, partial) or rule.func is not sentences:
        return None
    return rule.keywords["abbreviations"], rule.keywords.get("ordinals", False)

"""The owner's synonyms: what no rule can know of a word, such as a place's other name.

The file has one group a line, its words separated by commas; `#` begins a comment. Each word of a
group finds the others. `kompüter => hesablayıcı, PC` goes one way: the first finds the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from search_service.errors import InvalidValue
from search_service.languages import UNDETERMINED, analysis
from search_service.languages.base import Form

_ARROW = "=>"


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Groups of synonyms, as the languages of an index read them.

    Attributes:
        found_by: folded form or stem of a word -> forms of its synonyms.
        codes: the languages.
    """

    found_by: dict[str, tuple[Form, ...]]
    codes: tuple[str, ...]

    def of(self, word: str) -> tuple[Form, ...]:
        """Forms that are to be found for a word as well; none for most."""
        own = {form.folded for form in _readings(word, self.codes)}
        found: dict[Form, None] = {}
        for key in _keys(word, self.codes):
            for form in self.found_by.get(key, ()):
                if form.folded not in own:
                    found[form] = None
        return tuple(found)


def load(path: Path, codes: Sequence[str]) -> Synonyms:
    """The synonyms of a file, read in these languages. Raises `InvalidValue` naming the line."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue(str(path), "a file in another encoding", "save it as UTF-8") from error
    return parse(text, codes, path.name)


def parse(text: str, codes: Sequence[str], name: str = "synonyms") -> Synonyms:
    """The synonyms of a text, read in these languages. Raises `InvalidValue` naming the line."""
    languages = tuple(codes) or (UNDETERMINED,)
    found_by: dict[str, dict[Form, None]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.split("#")[0].strip()
        if not content:
            continue
        where = f"{name}, line {number},"
        left, arrow, right = content.partition(_ARROW)
        if arrow:
            askers, answers = _words(left, where, 1), _words(right, where, 1)
        else:
            askers = answers = _words(content, where, 2)
        forms = dict.fromkeys(form for word in answers for form in _readings(word, languages))
        for asker in askers:
            for key in _keys(asker, languages):
                found_by.setdefault(key, {}).update(forms)
    return Synonyms({key: tuple(forms) for key, forms in found_by.items()}, languages)


def _words(text: str, where: str, least: int) -> list[str]:
    """The words of a group, each of them one word."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if len(words) < least:
        cure = "write at least two words with a comma between, or word => other words"
        raise InvalidValue(where, text.strip(), cure)
    analyser = analysis.analyser(UNDETERMINED)
    for word in words:
        if _ARROW in word:
            raise InvalidValue(where, text.strip(), f"write one {_ARROW} a line")
        if len(analyser.surfaces(word)) != 1:
            raise InvalidValue(where, word, "a synonym is one word; search a phrase in quotes")
    return words


def _readings(word: str, codes: Sequence[str]) -> list[Form]:
    return [analysis.analyser(code).form(word) for code in codes]


def _keys(word: str, codes: Sequence[str]) -> list[str]:
    """What a word of a query is looked up by: its folded forms and its likeliest stems."""
    readings = _readings(word, codes)
    return [*(form.folded for form in readings), *(form.stems[0] for form in readings)]

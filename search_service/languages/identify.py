"""Names the language of every sentence of a document, by script, by letters and by its neighbours.

Each word says how likely it is in each language (`ngrams`); what all words of a sentence say is
added up. Then the likeliest sequence of languages is sought for the whole document, in which a
change costs something (Viterbi 1967): a line too short to tell takes the language around it, and
five words of another language are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.errors import UnknownName
from search_service.languages import LANGUAGES, UNDETERMINED
from search_service.languages.ngrams import normal, tables
from search_service.languages.scripts import OTHER, script_of
from search_service.languages.wordtable import letters_rule, open_table, sums_of

# What the letters of these scripts say by themselves, in nats; what is left out is unlikely.
_BY_SCRIPT = {
    "Grek": {"el": 0.0},
    "Armn": {"hy": 0.0},
    "Hebr": {"he": 0.0},
    "Deva": {"hi": 0.0},
    "Geor": {"ka": 0.0},
    "Hang": {"ko": 0.0},
    "Kana": {"ja": 0.0},
    "Hani": {"zh": -0.1, "ja": -1.0},
    OTHER: {UNDETERMINED: 0.0},
}
_UNLIKELY = -5.0
"""The least that one word can say of a language: names are everywhere."""
_BORROWED = -2.5
"""What a Latin word says of a language of another script, where such words are often quoted."""
_DECLARED = 4.0
"""What a declared language is worth; templates declare English for anything."""
_CHANGE_BETWEEN = 6.0
"""What a change of language costs between two blocks: more than one word can say."""
_CHANGE_INSIDE = 9.0
"""What it costs inside a paragraph."""
_DECIDED = 0.5
"""A document of a few words whose best language is ahead of the next by less has none."""
_FEW = 5  # words
_READ = 2000
"""Letters of a text that are looked at."""
_WORDS_KEPT = 500_000

_UNSPACED = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_APOSTROPHES = "'ʻʼ’‘"
_WORD = re.compile(
    rf"[^\W\d_{_UNSPACED}]+(?:[{_APOSTROPHES}][^\W\d_{_UNSPACED}]+)*|[{_UNSPACED}\U00020000-\U0003ffff]"
)
# Commands, paths, addresses and names of files are in no language.
_CODE_SIGN = re.compile(r"[-/\\{}<>=_|@#$~`]")
_DOTTED = re.compile(r"\.[a-z]")
"""Without a match of either there is no code: most sentences are told at one look."""
_CODE = re.compile(
    r"(?<!\S)(?:[^\s/\\{}<>=_|@#$~`]*[/\\{}<>=_|@#$~`]|--?\w)\S*|\b\w+\.[a-z]\w*(?:\.\w+)*"
)


def known() -> tuple[str, ...]:
    """The codes of all languages that can be told apart, `und` left out."""
    by_letters = (name for table in tables().values() for name in table.classes)
    by_script = (name for said in _BY_SCRIPT.values() for name in said)
    codes = dict.fromkeys(name.rstrip("~") for name in (*by_letters, *by_script))
    return tuple(code for code in codes if code != UNDETERMINED)


class Identifier:
    """Names the languages of texts.

    Args:
        candidates: Codes of the languages that occur, and no other does. Without them all
            languages of the service are candidates, and a text in another language is `und`.

    Raises:
        UnknownName: A candidate is not one of `known()`.
    """

    def __init__(self, candidates: Sequence[str] | None = None) -> None:
        for code in candidates or ():
            if code not in known():
                raise UnknownName("language", code, known())
        self.candidates = tuple(candidates or (code for code in known() if code in LANGUAGES))
        self._closed = candidates is not None
        self.languages = (*self.candidates, UNDETERMINED)
        """The codes that may be answered, in the order of the columns."""
        columns = [(script, name) for script, name in _readings() if self._takes(script, name)]
        # All readings of a language side by side, so that its best can be taken.
        columns.sort(key=lambda column: self.languages.index(self._code(column[1])))
        self._columns = {column: at for at, column in enumerate(columns)}
        codes = [self._code(name) for _, name in columns]
        self.languages = tuple(dict.fromkeys(codes))
        self._firsts = [codes.index(code) for code in self.languages]
        self._borrowing = [
            at for at, (script, _) in enumerate(columns) if script not in {"Latn", OTHER}
        ]
        self._forget()

    def _forget(self) -> None:
        """Know no word."""
        self._table = open_table(_WORD.findall, _rule)
        self._rows = np.zeros((1024, len(self._columns)), np.float32)

    def identify(
        self, texts: Sequence[str], blocks: Sequence[int], declared: Sequence[str | None]
    ) -> list[str]:
        """The language of each text of a document, in reading order.

        Args:
            texts: Sentences; an empty one (code) says nothing and takes its neighbours' language.
            blocks: The number of the block that each text is a part of.
            declared: What the file says each text's language is.
        """
        if not texts:
            return []
        evidence = self._evidence(texts)
        for row, code in enumerate(declared):
            if code is not None and (column := self._column(code)) is not None:
                evidence[row, column] += _DECLARED
        evidence -= evidence.max(axis=1, keepdims=True)
        document = evidence.sum(axis=0)
        ranked = np.sort(document)
        few = document.min() > _FEW * _UNLIKELY
        if few and ranked[-1] - ranked[-2] < _DECIDED:
            return [UNDETERMINED] * len(texts)
        best = int(document.argmax())
        if not evidence[:, best].any():
            return [self.languages[best]] * len(texts)
        changes = [
            _CHANGE_INSIDE if one == other else _CHANGE_BETWEEN for one, other in pairwise(blocks)
        ]
        return [self.languages[state] for state in _likeliest(evidence, changes, best)]

    def _takes(self, script: str, name: str) -> bool:
        return not self._closed or script == OTHER or name.rstrip("~") in self.candidates

    def _code(self, name: str) -> str:
        code = name.rstrip("~")
        return code if code in self.candidates else UNDETERMINED

    def _column(self, declared: str) -> int | None:
        code = declared.split("-", maxsplit=1)[0].lower()
        if code in self.languages:
            return self.languages.index(code)
        return None if self._closed else self.languages.index(UNDETERMINED)

    def _evidence(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What the words of each text say of each language: one row a text, in nats."""
        if len(self._table) > _WORDS_KEPT:
            self._forget()
        fresh: list[str] = []
        try:
            found = [self._table.read(_prose(text), fresh) for text in texts]
            if fresh:
                self._learn(fresh)
        except BaseException:
            self._forget()  # The table has words that are not scored.
            raise
        sums = np.stack([sums_of(self._rows, words) for words in found])
        best: NDArray[np.float32] = np.maximum.reduceat(sums, self._firsts, axis=1)
        return best

    def _learn(self, words: Sequence[str]) -> None:
        """Score words that were not met before: the last of the table."""
        count = len(self._table)
        if count > len(self._rows):
            grown = np.zeros((2 * count, self._rows.shape[1]), np.float32)
            grown[: len(self._rows)] = self._rows
            self._rows = grown
        by_script: dict[str, list[int]] = {}
        for place, word in enumerate(words):
            by_script.setdefault(script_of(word[0]), []).append(place)
        first = count - len(words)
        for script, places in by_script.items():
            rows = self._score(script, [words[place] for place in places])
            self._rows[np.array(places) + first] = rows

    def _score(self, script: str, words: Sequence[str]) -> NDArray[np.float32]:
        rows = np.full((len(words), len(self._columns)), _UNLIKELY, np.float32)
        if script in _BY_SCRIPT:
            said = _BY_SCRIPT[script]
            columns = [name for name in said if (script, name) in self._columns]
            for name in columns or [UNDETERMINED]:
                place = (script, name) if columns else (OTHER, UNDETERMINED)
                rows[:, self._columns[place]] = said.get(name, 0.0)
            return rows
        table = tables()[script]
        taken = [at for at, name in enumerate(table.classes) if (script, name) in self._columns]
        if not taken:
            rows[:, self._columns[OTHER, UNDETERMINED]] = 0.0
            return rows
        logits = table.scores(normal(words))[:, taken]
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        if script == "Latn":
            rows[:, self._borrowing] = logits.max(axis=1, keepdims=True) + _BORROWED
        places = [self._columns[script, table.classes[at]] for at in taken]
        rows[:, places] = np.maximum(logits, _UNLIKELY)
        return rows


def _prose(text: str) -> str:
    """What of a text is read: its beginning, without code."""
    read = text[:_READ]
    if _CODE_SIGN.search(read) or _DOTTED.search(read):
        read = _CODE.sub(" ", read)
    return read


def _rule() -> Any:
    """The rule of `_WORD`, for compiled tables."""
    unspaced = "".join(re.findall(f"[{_UNSPACED}]", "".join(map(chr, range(0x2E80, 0xFB00)))))
    return letters_rule(_APOSTROPHES, unspaced)


def _readings() -> list[tuple[str, str]]:
    """(script, class) for all that a word can be read as."""
    return [
        *((script, name) for script, table in tables().items() for name in table.classes),
        *((script, name) for script, said in _BY_SCRIPT.items() for name in said),
    ]


def _likeliest(evidence: NDArray[np.float32], changes: Sequence[float], document: int) -> list[int]:
    """The sequence of states with the most evidence less the cost of its changes.

    Only states that are the best of some text, or of the document, are looked at: two or three.
    """
    columns = sorted({document, *evidence.argmax(axis=1).tolist()})
    away = [0.0 if column == document else _CHANGE_BETWEEN / 2 for column in columns]
    rows: list[list[float]] = evidence[:, columns].tolist()
    score = [said - cost for said, cost in zip(rows[0], away, strict=True)]
    came: list[list[int]] = []
    for row, cost in zip(rows[1:], changes, strict=True):
        top = max(range(len(columns)), key=score.__getitem__)
        changed = score[top] - cost
        came.append([top if changed >= stayed else at for at, stayed in enumerate(score)])
        score = [max(changed, stayed) + said for stayed, said in zip(score, row, strict=True)]
    state = max(range(len(columns)), key=lambda at: score[at] - away[at])
    states = [columns[state]]
    for before in reversed(came):
        state = before[state]
        states.append(columns[state])
    return states[::-1]

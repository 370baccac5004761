"""Makes `identify.npz`, the tables by which languages are told apart.

    python search_service/languages/data/train.py WORDS STOPWORDS

WORDS is a folder of word lists, one word a line, named as in `_SCRIPTS` (`aze.txt`); STOPWORDS is
`stopwords-iso.json`. docs/language-identification.md says where both come from and how they were
made. It takes about five minutes, and its result is the same each time.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import babel
import numpy as np
from numpy.typing import NDArray

from search_service.languages.ngrams import LONGEST_WORD, normal, runs
from search_service.languages.scripts import script_of

HERE = Path(__file__).parent
NOTICE = """Weights of letter runs for telling languages apart; made by train.py beside this file.
Word lists: tessdata_fast, copyright Google Inc. and others, Apache License 2.0.
Words of Turkmen: Unicode CLDR, copyright Unicode, Inc., Unicode License v3.
Function words: stopwords-iso, copyright Gene Diaz, MIT License; and function_words.tsv.
"""
_SAMPLE = 60_000  # words of a language
_OTHERS_SAMPLE = 10_000  # words of a language that is not ours
_VOCABULARY = 0.65  # what the words of a list weigh together, in each language
# What one function word weighs, in each language, so that a word that two languages share is no
# sign of the one with the shorter list; and what all of a language may weigh.
_FUNCTION_WORD = 0.35 / 300
_FUNCTION_WORDS = 0.5
_EPOCHS = 3
_BATCH = 4096
_RATE = 0.35
_SEED = 1

Words = list[str]


@dataclass(frozen=True)
class _Script:
    bits: int
    lists: Mapping[str, str]
    """Language -> its word list; those without one are made below."""
    others: Mapping[str, str]
    """Word lists of languages that are `und` -> their code among the stop words."""
    others_weight: float
    plain: tuple[str, ...] = ()
    """Languages with a class of their own for text typed without diacritics."""


_SCRIPTS = {
    "Latn": _Script(
        bits=16,
        lists={
            "az": "aze",
            "en": "eng",
            "tr": "tur",
            "de": "deu",
            "fr": "fra",
            "es": "spa",
            "it": "ita",
            "pt": "por",
            "nl": "nld",
            "pl": "pol",
            "ro": "ron",
            "uz": "uzb",
            "tk": "",
        },
        others={
            "cat": "ca",
            "swe": "sv",
            "dan": "da",
            "nor": "no",
            "fin": "fi",
            "hun": "hu",
            "ces": "cs",
            "slk": "sk",
            "hrv": "hr",
            "slv": "sl",
            "est": "et",
            "lav": "lv",
            "lit": "lt",
            "vie": "vi",
            "ind": "id",
            "sqi": "",
            "eus": "eu",
            "isl": "",
            "kmr": "ku",
            "swa": "sw",
            "fil": "tl",
        },
        others_weight=2.0,
        plain=("az", "tr"),
    ),
    "Cyrl": _Script(
        bits=15,
        lists={"ru": "rus", "uk": "ukr", "kk": "kaz", "az": "", "uz": "uzb_cyrl"},
        others={
            "bul": "bg",
            "mkd": "",
            "srp": "",
            "bel": "",
            "kir": "",
            "tgk": "",
            "tat": "",
            "mon": "",
        },
        others_weight=1.0,
    ),
    "Arab": _Script(
        bits=15,
        lists={"ar": "ara", "fa": "fas", "azb": ""},
        others={"urd": "ur", "pus": "", "uig": "", "snd": ""},
        others_weight=0.5,
    ),
}

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_UNMARKED = str.maketrans({"ə": "e", "ı": "i", "ł": "l", "ß": "ss"})
_CYRILLIC = str.maketrans("abcçdeəfgğhxıijkqlmnoöprsştuüvyz", "абҹчдеәфҝғһхыижкглмноөпрсштуүвјз")
# Azerbaijani as it is written in Iran: vowels by their place in the word.
_ARABIC = dict(zip("bcçdfgğhxjkqlmnprsştvyz", "بجچدفگغهخژکقلمنپرسشتویز", strict=True))
_FIRST = {
    "a": "آ",
    "ə": "ا",
    "e": "ائ",
    "i": "ای",
    "ı": "ای",
    "o": "او",
    "ö": "اؤ",
    "u": "او",
    "ü": "او",
}
_INNER = {"a": "ا", "ə": "", "e": "ئ", "i": "ی", "ı": "ی", "o": "و", "ö": "ؤ", "u": "و", "ü": "و"}
_ARABIC_KEYS = str.maketrans("یک", "يك")  # Persian typed on an Arabic keyboard


@dataclass
class _Sample:
    """Words with their class and weight."""

    words: Words = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, words: Sequence[str], number: int, weight: float) -> None:
        """Add words of a class that weigh so much together."""
        self.words += words
        self.classes += [number] * len(words)
        self.weights += [weight / len(words)] * len(words) if words else []


def unmarked(word: str) -> str:
    """A word typed without diacritics."""
    letters = unicodedata.normalize("NFD", word.translate(_UNMARKED))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def in_arabic_letters(word: str, *, rounded: bool) -> str:
    """An Azerbaijani word in Arabic letters; `rounded` writes ü as ۆ, as some do."""
    letters = []
    for at, letter in enumerate(word):
        if letter in _ARABIC:
            letters.append(_ARABIC[letter])
        elif at == 0:
            letters.append(_FIRST.get(letter, ""))
        elif letter == "ə" and at == len(word) - 1:
            letters.append("ه")
        else:
            letters.append("ۆ" if rounded and letter == "ü" else _INNER.get(letter, ""))
    return "".join(letters)


class _Trainer:
    def __init__(self, words: Path, stop_words: Path) -> None:
        self._folder = words
        self._chance = np.random.default_rng(_SEED)
        self._function: dict[str, Words] = json.loads(stop_words.read_text("utf-8"))
        own = (HERE / "function_words.tsv").read_text("utf-8").splitlines()
        for line in own:
            if not line.startswith("#"):
                code, words_ = line.split("\t")
                self._function[code] = words_.split() + self._function.get(code, [])

    def vocabulary(self, name: str, script: str) -> Words:
        """The words of a list that are of a script, in small letters."""
        lines = (self._folder / f"{name}.txt").read_text("utf-8").splitlines()
        pieces = (piece for line in lines for piece in re.split(r"[\s\-./,]+", line))
        return sorted(self._clean(pieces, script))

    def _clean(self, words: Iterable[str], script: str) -> set[str]:
        found = set(normal(list(words)))
        return {
            word
            for word in found
            if 1 < len(word) < LONGEST_WORD
            and _WORD.fullmatch(word)
            and script_of(word[0]) == script
        }

    def function_words(self, code: str, script: str) -> Words:
        """The function words of a language."""
        words = normal(self._function.get(code, []))
        return [
            word
            for word in dict.fromkeys(words)
            if _WORD.fullmatch(word) and script_of(word[0]) == script
        ]

    def table(self, script: str, plan: _Script) -> tuple[list[str], NDArray[np.float32]]:
        """The classes of a script and their weights."""
        classes = [*plan.lists, *(f"{code}~" for code in plan.plain), "und"]
        sample = _Sample()
        ours: set[str] = set()
        for number, (code, name) in enumerate(plan.lists.items()):
            words, function = self._language(script, code, name)
            ours.update(words, function)
            self._add(sample, words, function, number)
            if code in plan.plain:
                bare = [sorted(set(map(unmarked, of))) for of in (words, function)]
                self._add(sample, bare[0], bare[1], classes.index(f"{code}~"))
            elif script == "Latn":
                self._add(sample, _changed(words), _changed(function), number, 0.2)
            if code == "azb":
                # Persian words are common in it, and are no sign of Persian.
                sample.add(self.vocabulary("fas", "Arab"), number, 0.4)
            if code in {"fa", "azb"}:
                sample.add([word.translate(_ARABIC_KEYS) for word in words], number, 0.1)
        for name, code in plan.others.items():
            # What is a word of ours too says nothing: word lists have words of their neighbours.
            words = [word for word in self.vocabulary(name, script) if word not in ours]
            function = [word for word in self.function_words(code, script) if word not in ours]
            weight = plan.others_weight / len(plan.others)
            words = self._some(words, _OTHERS_SAMPLE)
            self._add(sample, words, function, len(classes) - 1, weight)
        return classes, self._fit(sample, len(classes), plan.bits)

    def _language(self, script: str, code: str, name: str) -> tuple[Words, Words]:
        function = self.function_words(code, script)
        if name:
            return self.vocabulary(name, script), function
        if code == "tk":
            return sorted(self._clean(_locale_words("tk"), script)), function
        latin = [word for word in self.vocabulary("aze", "Latn") if "'" not in word]
        latin_function = self.function_words("az", "Latn")
        if code == "az":
            return (
                [word.translate(_CYRILLIC) for word in latin],
                [word.translate(_CYRILLIC) for word in latin_function],
            )
        rounded = self._chance.random(len(latin)) < 0.4
        written = [
            in_arabic_letters(word, rounded=bool(r)) for word, r in zip(latin, rounded, strict=True)
        ]
        return [word for word in written if len(word) > 1], function * 3 + [
            in_arabic_letters(word, rounded=False) for word in latin_function
        ]

    def _add(
        self, sample: _Sample, words: Words, function: Words, number: int, weight: float = 1.0
    ) -> None:
        words = self._some(words, _SAMPLE)
        sample.add(words, number, weight * _VOCABULARY)
        heavy = min(_FUNCTION_WORDS, len(function) * _FUNCTION_WORD)
        sample.add(function, number, weight * heavy)

    def _some(self, words: Words, count: int) -> Words:
        if len(words) <= count:
            return words
        return [words[at] for at in self._chance.choice(len(words), count, replace=False)]

    def _fit(self, sample: _Sample, classes: int, bits: int) -> NDArray[np.float32]:
        """Multinomial logistic regression by AdaGrad (Duchi et al. 2011), one step size a row."""
        truth = np.array(sample.classes)
        weight = np.array(sample.weights, np.float32)
        weight /= weight.mean()
        rows, starts = runs(sample.words, bits)
        ends = np.append(starts[1:], len(rows))
        table = np.zeros((1 << bits, classes), np.float32)
        squares = np.full((1 << bits, 1), 1e-3, np.float32)
        for _ in range(_EPOCHS):
            order = self._chance.permutation(len(truth))
            for first in range(0, len(order), _BATCH):
                batch = order[first : first + _BATCH]
                sizes = ends[batch] - starts[batch]
                offsets = np.cumsum(sizes) - sizes
                at = np.repeat(starts[batch] - offsets, sizes) + np.arange(sizes.sum())
                logits = np.add.reduceat(table[rows[at]], offsets, axis=0)
                wrong = np.exp(logits - logits.max(axis=1, keepdims=True))
                wrong /= wrong.sum(axis=1, keepdims=True)
                wrong[np.arange(len(batch)), truth[batch]] -= 1
                wrong *= weight[batch, None] * (100 / _BATCH)
                by_row = np.argsort(rows[at], kind="stable")
                used, begins = np.unique(rows[at][by_row], return_index=True)
                owner = np.repeat(np.arange(len(batch)), sizes)[by_row]
                slope = np.add.reduceat(wrong[owner], begins, axis=0)
                squares[used] += (slope**2).mean(axis=1, keepdims=True)
                table[used] -= _RATE * slope / np.sqrt(squares[used])
        return table


def _changed(words: Sequence[str]) -> Words:
    return [bare for word in words if (bare := unmarked(word)) != word]


def _locale_words(code: str) -> Iterator[str]:
    """The names of languages, countries, months, currencies ... in a language."""
    data = babel.Locale.parse(code)._data

    def texts(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield from value.split()
        elif isinstance(value, Mapping):
            for item in value.values():
                yield from texts(item)

    for part in ("languages", "territories", "months", "days", "eras", "currency_names", "scripts"):
        yield from texts(dict(data[part]))


def main() -> None:
    """Train all tables and write them."""
    trainer = _Trainer(Path(sys.argv[1]), Path(sys.argv[2]))
    stored: dict[str, NDArray[np.generic]] = {
        "notice": np.array(NOTICE),
        "scripts": np.array(list(_SCRIPTS)),
    }
    for script, plan in _SCRIPTS.items():
        classes, weights = trainer.table(script, plan)
        scale = float(np.quantile(np.abs(weights), 0.9995)) / 127
        weights[np.abs(weights) < 0.05] = 0
        stored[f"{script}.classes"] = np.array(classes)
        stored[f"{script}.weights"] = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
        stored[f"{script}.scale"] = np.array(scale)
        print(script, weights.shape, flush=True)
    # The stubs take any keyword for `allow_pickle`, so it is given.
    np.savez_compressed(HERE / "identify.npz", allow_pickle=False, **stored)


if __name__ == "__main__":
    main()

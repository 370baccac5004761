"""Where sentences end, in every script: one pass over the text, linear in its length.

A candidate is a run of end marks with the quotes and brackets that close after it. What stands
before it (an abbreviation, an initial, an ordinal) and what follows it (a small letter) say
whether it is one. In doubt a sentence goes on: a sentence too long is shown whole, a sentence cut
in two is not found by a phrase across the cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FULL_WIDTH = "。！？｡．"
"""Marks that end a sentence with or without a space after them."""
MARKS = ".!?…‼⁇⁈⁉‽؟۔։।॥።፧፨។៕။།༎"
"""Marks that end one before white space: Unicode's Sentence_Terminal, as far as our scripts go and
a little further: Latin, Arabic, Urdu, Armenian, Hindi, Ethiopic, Khmer, Burmese, Tibetan."""
CLOSERS = "\"'”’»“‟›)]}）」』】》〉］｝"
OPENERS = "\"'“”‘„‚«»‹¿¡([{（「『【《〈-–—―•·*_"
GO_ON = "とっ、，,"
"""What the sentence goes on with after a quotation."""
NOTE_DIGITS = "¹²³⁰ⁱ⁴⁵⁶⁷⁸⁹"
_REFERENCE = rf"(?:\[\d{{1,4}}\]|[{NOTE_DIGITS}])*"  # the note's number in "as measured.[12] Later"

_CANDIDATE = re.compile(
    # What can begin one is told at one look: nearly no letter does.
    rf"(?=[{FULL_WIDTH}{MARKS}:;\n])(?:"
    # An Armenian typist's full stop is often a colon, a Greek question mark is a semicolon.
    rf"[{FULL_WIDTH}{MARKS}]+[{re.escape(CLOSERS)}]*{_REFERENCE}"
    r"|(?<=[ա-և]):(?=\s)|(?<=[ά-ώα-ω]);(?=\s)|\n[^\S\n]*\n)"
)
_BEFORE = 24  # characters looked back for an abbreviation: "bzw", "i.e", "müəl"
_NEXT = re.compile(rf"\s*[{re.escape(OPENERS)}]{{0,4}}\s*")
_LETTER = re.compile(r"[^\W\d_]")


def sentences(
    text: str, abbreviations: frozenset[str], *, ordinals: bool = False
) -> list[tuple[int, int]]:
    """The sentences of a paragraph as slices, white space around them left out.

    Args:
        text: A paragraph; a blank line in it ends a sentence, a single line break does not.
        abbreviations: What a full stop after it does not end ("dr", "i.e"), in small letters and
            without that full stop. Those that can close a sentence ("etc") do not belong here.
        ordinals: Whether "8. November" is how this language writes "8th of November".
    """
    writing = _Writing(abbreviations, ordinals)
    found: list[tuple[int, int]] = []
    start = _skip_space(text, 0)
    for candidate in _CANDIDATE.finditer(text):
        end = candidate.end()
        if candidate.start() < start or not _ends(text, start, candidate, writing):
            continue
        if candidate[0][0] == "\n":
            end = len(text[start : candidate.start()].rstrip()) + start
        found.append((start, end))
        start = _skip_space(text, candidate.end())
    end = len(text.rstrip())
    if start < end:
        found.append((start, end))
    return found


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


@dataclass(frozen=True, slots=True)
class _Writing:
    """How a language writes what could be taken for the end of a sentence."""

    abbreviations: frozenset[str]
    ordinals: bool


def _ends(text: str, start: int, candidate: re.Match[str], writing: _Writing) -> bool:
    """Whether a sentence that began at `start` ends with this candidate."""
    marks = candidate[0]
    end = candidate.end()
    if marks[0] == "\n" or end == len(text):
        return True
    if any(mark in FULL_WIDTH for mark in marks):
        # 「はい。」と言った: the quotation is a part of the sentence.
        return not (marks[-1] in CLOSERS and text[end] in GO_ON)
    if not text[end].isspace():
        return False
    match = _NEXT.match(text, end)
    after = match.end() if match else end
    if _small(text[after : after + 1]):
        return False
    if marks[0] != "." or marks.startswith(".."):
        return True
    token = text[max(start, candidate.start() - _BEFORE) : candidate.start()].rsplit(None, 1)
    word = token[-1].lstrip(OPENERS) if token else ""
    first = candidate.start() - len(word) <= _skip_openers(text, start)
    return not _goes_on(word, first, text[after : after + 2], writing)


def _goes_on(word: str, first: bool, follows: str, writing: _Writing) -> bool:
    """Whether a full stop belongs to the word before it and not to the sentence.

    `first` is whether the sentence begins with the word, `follows` are the next two letters.
    """
    if word.isdigit():
        # "1. Wash the rice": a number that stands alone is not a sentence.
        return first or (writing.ordinals and len(word) <= 2)
    if word.lower() in writing.abbreviations:
        return True
    letter = word.rsplit(".", 1)[-1] if "." in word else word
    if len(letter) != 1 or not _LETTER.match(letter):
        return False
    # An initial: "A. Xəlilov", "ა. წერეთელი", "U.S. President"; a small letter goes on when
    # a number follows it, "д. 5", or another letter with a full stop, "z. B.".
    if not _small(letter) or follows[:1].isdigit():
        return True
    return follows[1:] == "." and bool(_LETTER.match(follows))


def _small(letter: str) -> bool:
    # Georgian letters are small ones to Unicode, and yet begin sentences: they have no title case.
    return letter.islower() and letter.title() != letter


def _skip_openers(text: str, start: int) -> int:
    while start < len(text) and text[start] in OPENERS:
        start += 1
    return start

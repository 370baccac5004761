"""Where sentences end, in every script: one pass over the text, linear in its length.

A candidate is a run of end marks with the quotes and brackets that close after it. What stands
before it (an abbreviation, an initial, an ordinal) and what follows it (a small letter) say
whether it is one. In doubt a sentence goes on: a sentence too long is shown whole, a sentence cut
in two is not found by a phrase across the cut.
"""

from __future__ import annotations

import re

# Marks that end a sentence with or without a space after them.
_FULL_WIDTH = "。！？｡．"
# Marks that end one before white space. Unicode's Sentence_Terminal, as far as our scripts go and
# a little further: Latin, Arabic, Urdu, Armenian, Hindi, Ethiopic, Khmer, Burmese, Tibetan.
_MARKS = ".!?…‼⁇⁈⁉‽؟۔։।॥።፧፨។៕။།༎"
_CLOSERS = "\"'”’»“‟›)]}）」』】》〉］｝"
_OPENERS = "\"'“”‘„‚«»‹¿¡([{（「『【《〈-–—―•·*_"
_REFERENCE = r"(?:\[\d{1,4}\]|[¹²³⁰-⁹])*"  # the note's number in "as measured.[12] Later"

_CANDIDATE = re.compile(
    # An Armenian typist's full stop is often a colon, a Greek question mark is a semicolon.
    rf"[{_FULL_WIDTH}{_MARKS}]+[{re.escape(_CLOSERS)}]*{_REFERENCE}"
    rf"|(?<=[ա-և])[:](?=\s)|(?<=[ά-ώα-ω]);(?=\s)|\n[^\S\n]*\n"
)
_BEFORE = 24  # characters looked back for an abbreviation: "bzw", "i.e", "müəl"
_NEXT = re.compile(rf"\s*[{re.escape(_OPENERS)}]{{0,4}}\s*")
_CASED = re.compile(r"[^\W\d_]")


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
    found: list[tuple[int, int]] = []
    start = _skip_space(text, 0)
    for candidate in _CANDIDATE.finditer(text):
        end = candidate.end()
        if candidate.start() < start or not _ends(text, start, candidate, abbreviations, ordinals):
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


def _ends(
    text: str,
    start: int,
    candidate: re.Match[str],
    abbreviations: frozenset[str],
    ordinals: bool,
) -> bool:
    """Whether a sentence that began at `start` ends with this candidate."""
    marks = candidate[0]
    if marks[0] == "\n":
        return True
    end = candidate.end()
    if end == len(text):
        return True
    if any(mark in _FULL_WIDTH for mark in marks):
        # 「はい。」と言った: the quotation is a part of the sentence.
        return not (marks[-1] in _CLOSERS and text[end] in "とっ、，,")
    if not text[end].isspace():
        return False
    match = _NEXT.match(text, end)
    after = match.end() if match else end
    follows = text[after : after + 1]
    if _small(follows):
        return False
    if marks[0] != "." or marks.startswith(".."):
        return True
    return not _goes_on(text, start, candidate.start(), after, abbreviations, ordinals)


def _goes_on(
    text: str, start: int, stop: int, after: int, abbreviations: frozenset[str], ordinals: bool
) -> bool:
    """Whether the full stop at `stop` belongs to the word before it and not to the sentence."""
    token = text[max(start, stop - _BEFORE) : stop].rsplit(None, 1)
    if not token:
        return False
    word = token[-1].lstrip(_OPENERS)
    if not word:
        return False
    if word.isdigit():
        # "1. Wash the rice": a number that stands alone is not a sentence.
        alone = stop - len(word) <= _skip_openers(text, start)
        return alone or (ordinals and len(word) <= 2)
    if word.lower() in abbreviations:
        return True
    letter = word.rsplit(".", 1)[-1] if "." in word else word
    if len(letter) != 1 or not _CASED.match(letter):
        return False
    if not _small(letter):
        return True  # an initial, "A. Xəlilov", "ა. წერეთელი", "U.S. President"
    # "z. B.", "т. Е.": a small letter goes on when another letter with a full stop follows it.
    return text[after + 1 : after + 2] == "." and bool(_CASED.match(text[after : after + 1]))


def _small(letter: str) -> bool:
    # Georgian letters are small ones to Unicode, and yet begin sentences: they have no title case.
    return letter.islower() and letter.title() != letter


def _skip_openers(text: str, start: int) -> int:
    while start < len(text) and text[start] in _OPENERS:
        start += 1
    return start

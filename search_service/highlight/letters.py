"""What compiled code has to know of letters, made from what `languages` says of them.

A word is folded letter by letter as long as none of its letters is *odd*: one that is folded to
several letters, or otherwise beside another letter or in another language. Of an odd one Python
makes sure.
"""

from __future__ import annotations

import unicodedata
from array import array

from search_service.languages import sentences, tokens
from search_service.languages.casing import APOSTROPHES, INVISIBLE, lower, lower_turkic, plain
from search_service.languages.folding import fold_letters

BLOCK = 256
"""Letters that are told of at once."""

# The same bits as in `native/marking/marking.h`; the lower sixteen are the folded letter.
WORD, INSIDE, APOSTROPHE, UNSPACED, ODD = (1 << bit for bit in range(16, 21))
_SENTENCES = (
    (1 << 21, frozenset(sentences.FULL_WIDTH)),
    (1 << 22, frozenset(sentences.MARKS)),
    (1 << 23, frozenset(sentences.CLOSERS)),
    (1 << 24, frozenset(sentences.OPENERS)),
    (1 << 25, frozenset(sentences.GO_ON)),
    (1 << 26, frozenset(sentences.NOTE_DIGITS)),
    (1 << 27, frozenset(map(chr, range(ord("ա"), ord("և") + 1)))),
    (
        1 << 28,
        frozenset(map(chr, (*range(ord("ά"), ord("ώ") + 1), *range(ord("α"), ord("ω") + 1)))),
    ),
)
_CASINGS = (lower, lower_turkic)
"""The rules by which languages write small letters."""
_BY_NEIGHBOURS = frozenset("Әә")
"""Among Latin letters it is an Azerbaijani one."""


def block(number: int) -> bytes:
    """What is known of the letters from `256 * number`, a uint32 each."""
    first = number * BLOCK
    return array("I", [_known(chr(code)) for code in range(first, first + BLOCK)]).tobytes()


def _known(letter: str) -> int:
    known = 0
    if tokens.is_word_letter(letter):
        known |= WORD
    elif letter in tokens.INSIDE:
        known |= INSIDE
    if letter in APOSTROPHES:
        known |= APOSTROPHE
    if not tokens.is_spaced(letter):
        known |= UNSPACED
    for bit, letters in _SENTENCES:
        if letter in letters:
            known |= bit
    if known & (WORD | INSIDE | APOSTROPHE) or letter in tokens.SIGNS:
        known |= _folded(letter)
    return known


def _folded(letter: str) -> int:
    """The letter that this one is folded to, 0 if none; `ODD` where it depends."""
    if letter in APOSTROPHES or letter in INVISIBLE:
        return 0
    if _is_joined(letter):
        return ODD
    folded = {fold_letters(casing(plain(letter))) for casing in _CASINGS}
    only = folded.pop()
    if folded or len(only) > 1 or only > "\uffff":
        return ODD
    return ord(only) if only else 0


def _is_joined(letter: str) -> bool:
    """Whether what it is depends on its neighbours: NFC may put them together, or cases do."""
    return (
        letter in _BY_NEIGHBOURS
        or unicodedata.category(letter)[0] == "M"
        or unicodedata.normalize("NFC", letter) != letter
        or "\u1100" <= letter <= "\u11ff"
    )

"""Signatures by which near-duplicate passages are known: the same words with small changes.

A signature has 64 bits. The upper six are the passage's length on a logarithmic scale; the rest is
a SimHash (Charikar 2002) of its pairs of neighbouring folded words or, for a short passage, a hash
of all its words: "Dear town, you are free!" and "Dear town, we are back!" share most of theirs and
are two statements. Two translations share hardly any pair.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from math import log2

import numpy as np
from numpy.typing import NDArray

COMPILED = find_spec("search_service.passages._near") is not None
"""Whether the compiled comparison was built at installation."""
if COMPILED:
    from search_service.passages import _near

SHORT = 16
"""Words up to which passages must be the same, but for case, diacritics and punctuation."""
_BITS = 58
_MASK = (1 << _BITS) - 1
_DISTANCE = 8
"""Bits in which two SimHashes of one statement may differ; of unrelated ones 29 do."""
_STEPS = 5  # steps of the length scale a doubling: a step is 15 % of the words
# Scripts that put no spaces between words: each letter counts as a word.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[^\\W{_UNSPACED}]+|[{_UNSPACED}]")
_MIX = tuple(np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F))


def signature(text: str) -> int:
    """The signature of a passage; 0 if it has no word."""
    words = _WORD.findall(text)
    if not words:
        return 0
    step = _step(len(words))
    length = step << _BITS
    hashes = [_word_hash(word) for word in words]
    if step <= _step(SHORT):
        digest = blake2b(b"".join(h.to_bytes(8, "little") for h in hashes), digest_size=8)
        return length | int.from_bytes(digest.digest(), "little") & _MASK
    return length | _simhash(np.array(hashes, np.uint64)) & _MASK


def alike(one: int, other: int) -> bool:
    """Whether two signatures are those of near-duplicates."""
    return bool(alike_mask(one, np.array([other], np.uint64))[0])


def alike_mask(one: int, others: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of many signatures are those of near-duplicates of `one`."""
    if not one:
        return np.zeros(len(others), np.bool_)
    step = one >> _BITS
    if step <= _step(SHORT):
        same: NDArray[np.bool_] = others == np.uint64(one)
        return same
    steps = (others >> np.uint64(_BITS)).astype(np.int64) - step
    bits = np.bitwise_count((others ^ np.uint64(one)) & np.uint64(_MASK))
    near: NDArray[np.bool_] = (np.abs(steps) <= 1) & (bits <= _DISTANCE)
    return near


def alike_pairs(signatures: list[int]) -> list[tuple[int, int]]:
    """The places (i, j), i < j, of all near-duplicates among a few hundred signatures."""
    if COMPILED:
        return _near.alike_pairs(signatures, _DISTANCE, _step(SHORT))
    return alike_pairs_without_compiler(signatures)


def alike_pairs_without_compiler(signatures: list[int]) -> list[tuple[int, int]]:
    """The same in NumPy."""
    hashes = np.array(signatures, np.uint64) & np.uint64(_MASK)
    # Few are near by their hashes alone, and of those the rest is looked at one by one.
    near = np.bitwise_count(hashes[:, None] ^ hashes) <= _DISTANCE
    places = np.flatnonzero(near)
    ones, others = np.divmod(places, max(1, len(signatures)))
    return [
        (one, other)
        for one, other in zip(ones.tolist(), others.tolist(), strict=True)
        if one < other and _both_alike(signatures[one], signatures[other])
    ]


def _both_alike(one: int, other: int) -> bool:
    """Whether two signatures whose hashes are near are those of near-duplicates."""
    if one == other or not one or not other:
        return one == other != 0
    steps = one >> _BITS, other >> _BITS
    return min(steps) > _step(SHORT) and abs(steps[0] - steps[1]) <= 1


def _step(words: int) -> int:
    return min(63, 1 + round(_STEPS * log2(words)))


def _simhash(words: NDArray[np.uint64]) -> int:
    first, second = _MIX
    shingles = words[:-1] * first ^ words[1:] * second
    shingles ^= shingles >> np.uint64(29)
    shingles *= first
    shingles = np.unique(shingles)  # a table says "Name:" in every row
    bits = np.unpackbits(shingles.view(np.uint8)).reshape(-1, 64)
    votes = bits.sum(axis=0, dtype=np.int32) * 2 > len(shingles)
    return int(np.packbits(votes).view(np.uint64)[0])


@lru_cache(maxsize=1 << 17)
def _word_hash(word: str) -> int:
    folded = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", word.casefold())
        if not unicodedata.combining(letter)
    )
    return int.from_bytes(blake2b(folded.encode(), digest_size=8).digest(), "little")

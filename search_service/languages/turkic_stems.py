"""Chooses the roots of a Turkic word: which of its endings are suffixes, by what each would cost.

Every way to cut a word into a root and suffixes that the grammar knows has a cost: that of the
suffixes (rare ones cost more, long ones prove themselves), and that of the root's shape (a root of
two letters is rare, one that ends in `tm` is none). Without a dictionary the cheapest is not always
right (`insanın` is `insan-ın`, but might be `insa-nın`), so those that cost little more are stems
too, and words meet when they share one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from search_service.languages.folding import fold
from search_service.languages.stop_words import words
from search_service.languages.turkic import (
    IMPOSSIBLE,
    NOWHERE,
    VOWELS,
    Costs,
    Path,
    Sounds,
    places,
    spell,
)

_MOST = 4
"""Stems of one word at most."""
_MARGIN = 1.0
"""What a further stem may cost more than the cheapest."""
_MARGIN_WHOLE = 1.5
"""What the whole word may cost beyond that: bare words are commonest (komanda is no koman-da)."""
_LETTER = 0.45
"""What each letter of suffixes speaks for them."""
_BUFFER = 0.5
"""Of a root's last y between vowels: it is mostly the suffix's (kopya-ya)."""
_VERB = 0.5
"""Of a verb's suffixes: nouns are commoner, and some of these endings are theirs by chance."""
_VOICE = 0.8
"""Of taking a passive or causative off a verb."""
_TWO_LETTERS, _TWO_LETTERS_KNOWN, _THREE_LETTERS = 2.0, 0.3, 0.4
"""Of roots so short."""
_BAD_END, _BAD_ENDS = 3.0, 6.0
"""Of a root that ends in two consonants that no word ends in, or in three."""
_ODD_END = 1.2
"""Of a root that ends in a stop and another consonant."""

# Two consonants at the end of a root whose second one often begins a suffix: these are words' own
# (dərd, kənd, meyl, film, nəzm, hökm, rəqs, həbs, mətn).
_ENDS = words("rd nd ld yd vd rt yl ql sl tl rm lm zm sm km hm ks qs ns rs bs fs tn yn rn hn zn sn")
_STOPS = frozenset("bcdgkpqt")
# Last letter -> passive and causative suffixes, and whether they stand after a vowel.
_VOICES = {
    "l": (("il", False), ("ul", False), ("l", True)),
    "n": (("in", False), ("un", False), ("n", True)),
    "r": (("dir", False), ("dur", False), ("dir", True), ("dur", True)),
    "t": (("t", False), ("t", True)),
}
# ş while a word is taken apart: where the writer tells them apart, -sı is no suffix of qardaşı.
_SH = "ʃ"


@dataclass
class TurkicStemmer:
    """Takes suffixes off.

    Args:
        nouns: the grammar of nouns.
        verbs: the grammar of verbs.
        short_roots: roots of two letters, folded.
        hardened: a root's last letter before a vowel, folded -> as it is elsewhere, in roots of
            more than one syllable (çörəy-i: çörək).
        restored: folded roots as they are before a vowel -> elsewhere (oğl-u: oğul; ged-ir: get).
        sounds: how suffixes follow the vowels before them.
    """

    nouns: Sequence[Path]
    verbs: Sequence[Path]
    short_roots: frozenset[str]
    hardened: Mapping[str, str]
    restored: Mapping[str, str]
    sounds: Sounds

    @cached_property
    def _proper(self) -> dict[str, tuple[Costs, Costs]]:
        """Suffixes -> their costs after any root, and after a verb's; made when first used."""
        nouns, verbs = spell(self.nouns, self.sounds), spell(self.verbs, self.sounds)
        same: dict[tuple[Costs, Costs], tuple[Costs, Costs]] = {}  # few costs, of many suffixes
        found: dict[str, tuple[Costs, Costs]] = {}
        for text in nouns | verbs:
            own = nouns.get(text, NOWHERE), verbs.get(text, NOWHERE)
            both = same.get(own)
            if both is None:
                verb = tuple(cost + _VERB for cost in own[1])
                both = same[own] = tuple(map(min, own[0], verb)), verb
            found[text.replace("ş", _SH)] = both
        return found

    @cached_property
    def _plain(self) -> dict[str, tuple[Costs, Costs]]:
        """The same for words typed without diacritics: -mis may be -miş."""
        # No suffix in ş is like one in s, so none is lost.
        return self._proper | {
            text.replace(_SH, "s"): costs for text, costs in self._proper.items() if _SH in text
        }

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._proper))

    @cached_property
    def compiled(self) -> Any:
        """The same in C: of a word without what is no Latin letter."""
        pairs: dict[tuple[Costs, Costs], int] = {}
        proper, plain = (
            {text: pairs.setdefault(costs, len(pairs)) for text, costs in chains.items()}
            for chains in (self._proper, self._plain)
        )
        made = import_module("search_service.languages._reading").Stemmer
        return made(
            list(pairs),
            proper,
            plain,
            dict(self.restored),
            self.short_roots,
            dict(self.hardened),
        )

    def stems(self, word: str) -> tuple[str, ...]:
        """The stems of a Latin word in small letters, the likeliest first, folded."""
        letters = fold(word.replace("ş", _SH))
        chains = self._plain if word.isascii() else self._proper
        length = len(letters)
        kinds = places(letters)
        roots = {letters: self._shape(letters)}
        for cut in range(max(2, length - self._longest), length):
            kind = kinds[cut]
            found = chains.get(letters[cut:])
            if found is None or kind is None:
                continue
            any_kind, verb = found[0][kind], found[1][kind]
            if any_kind == IMPOSSIBLE:
                continue
            root = letters[:cut]
            evidence = _LETTER * (length - cut)
            if root[-1] == "y" and letters[cut] in "ae" and letters[cut - 2] in VOWELS:
                evidence -= _BUFFER
            _improve(roots, root, any_kind - evidence + self._shape(root))
            if verb < IMPOSSIBLE and root[-1] in _VOICES:
                for base, cost in _without_voice(root):
                    _improve(roots, base, verb + cost - evidence + self._shape(base))
        if len(roots) == 1:
            return (self._basic(letters, ""),)
        ranked = sorted((cost, root) for root, cost in roots.items())
        limit = ranked[0][0] + _MARGIN
        likely = [root for cost, root in ranked[:_MOST] if cost <= limit]
        if letters not in likely and roots[letters] <= limit + _MARGIN_WHOLE:
            likely.append(letters)
        return tuple(dict.fromkeys(self._basic(root, letters[len(root) :]) for root in likely))

    def _shape(self, root: str) -> float:
        """How unlike a root this is."""
        if root in self.restored:
            return 0.0
        cost = 0.0
        if len(root) == 2:
            cost = _TWO_LETTERS_KNOWN if root in self.short_roots else _TWO_LETTERS
        elif len(root) == 3:
            cost = _THREE_LETTERS
        if len(root) > 1 and root[-1] not in VOWELS and root[-2] not in VOWELS:
            if root[-1] in "dlmsnz" and root[-2:] not in _ENDS:
                cost += _BAD_END
            elif root[-2] in _STOPS:
                cost += _ODD_END
            if len(root) > 2 and root[-3] not in VOWELS:
                cost += _BAD_ENDS
        return cost

    def _basic(self, root: str, suffix: str) -> str:
        """The root as it is when nothing follows, folded."""
        root = root.replace(_SH, "s")
        if suffix[:1] in VOWELS:
            root = self.restored.get(root, root)
        if root[-1:] in self.hardened and sum(letter in VOWELS for letter in root) > 1:
            root = root[:-1] + self.hardened[root[-1]]
        return root


def _improve(roots: dict[str, float], root: str, cost: float) -> None:
    """Enter a root, or lower its cost."""
    if cost < roots.get(root, IMPOSSIBLE):
        roots[root] = cost


def _without_voice(verb: str, depth: int = 2) -> Iterator[tuple[str, float]]:
    """The verbs that this one may be the passive or causative of, and the cost of saying so."""
    for suffix, after_vowel in _VOICES.get(verb[-1], ()):
        base = verb[: -len(suffix)]
        if len(base) >= 2 and verb.endswith(suffix) and (base[-1] in VOWELS) == after_vowel:
            cost = _VOICE - _LETTER * len(suffix)
            yield base, cost
            if depth > 1:
                for deeper, extra in _without_voice(base, depth - 1):
                    yield deeper, cost + extra

"""Operators, parentheses, patterns and the title."""

from __future__ import annotations

from whoosh.query import (
    And,
    AndNot,
    Every,
    FuzzyTerm,
    Not,
    Or,
    Prefix,
    Require,
)

from search_service.nodes import Word, WordPhrase
from tests.query.reading import only, read, words


def test_operators() -> None:
    both = read("tar AND saz").tree
    assert isinstance(both, And)
    either = only("tar OR saz")
    assert isinstance(either, Or)
    mixed = only("tar AND saz OR ney")
    assert isinstance(mixed, Or)
    assert [type(child) for child in mixed.children()] == [And, Word]
    without = read("tar -saz").tree
    assert isinstance(without, AndNot)
    assert words(without.a) == ["tar"]
    assert words(without.b) == ["saz"]
    assert str(read("tar NOT saz").tree) == str(without)
    required = read("tar +saz").tree
    assert isinstance(required, Require)
    assert words(required.a) == ["tar", "saz"]
    assert words(required.b) == ["saz"]


def test_operators_are_upper_case_only() -> None:
    assert words(read("salt and pepper or not").tree) == ["salt", "and", "pepper", "or", "not"]


def test_only_negative_is_everything_but() -> None:
    tree = read("-saz").tree
    assert isinstance(tree, AndNot)
    assert isinstance(tree.a, Every)
    nested = only("tar OR (-saz)")
    assert [type(child) for child in nested.children()] == [Word, Not]


def test_parentheses() -> None:
    tree = read("(tar OR saz) AND (mugham -radio)").tree
    assert isinstance(tree, And)
    first, second = tree.children()
    assert isinstance(first, Or)
    assert isinstance(second, AndNot)


def test_prefix_and_fuzzy_are_folded() -> None:
    prefix = only("QARA*")
    assert isinstance(prefix, Prefix)
    assert prefix.text == "qara"
    fuzzy = only("Xocalı~9")
    assert isinstance(fuzzy, FuzzyTerm)
    assert (fuzzy.text, fuzzy.maxdist) == ("xocali", 2)
    assert isinstance(only("tar~2"), FuzzyTerm)
    assert isinstance(only("xo~2"), Word)


def test_title() -> None:
    phrase = only('title:"Silk Road"')
    assert isinstance(phrase, WordPhrase)
    assert {word.fieldname for word in phrase.words} == {"title"}

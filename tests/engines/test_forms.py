"""Forms while an index is built: the compiled kind and the one in Python make the same of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from search_service.engines.whoosh.writing import formtable, packing
from search_service.engines.whoosh.writing.formtable import (
    CompiledForms,
    Forms,
    PlainForms,
    open_forms,
)
from search_service.engines.whoosh.writing.inversion import invert
from search_service.engines.whoosh.writing.packing import VOCABULARY, PackedVocabulary
from search_service.engines.whoosh.writing.prepared import GAP, form_hash
from search_service.languages.separators import FORM_SEPARATOR, KEY_SEPARATOR, PART_SEPARATOR

needs_compiled = pytest.mark.skipif(not packing.COMPILED, reason="no compiler at installation")

_WORD = st.text("abəüЖ語𐐀", min_size=1, max_size=9) | st.text("ab", min_size=1, max_size=300)
_KEYS = st.lists(_WORD, max_size=3).map(KEY_SEPARATOR.join)
_FORM = st.tuples(_WORD, _WORD, st.sampled_from(["az", "azb", "en", "und"]), _KEYS, _KEYS).map(
    PART_SEPARATOR.join
)
_NUMBER = st.integers(0, 11) | st.just(GAP)


def both() -> tuple[Forms, Forms]:
    return CompiledForms(), PlainForms()


def arrays_of(vocabulary: PackedVocabulary) -> dict[str, list[int]]:
    found = {}
    for name, dtype in VOCABULARY.items():
        array = vocabulary.arrays[name]
        assert isinstance(array, bytes | np.ndarray)
        found[name] = (np.frombuffer(array, dtype) if isinstance(array, bytes) else array).tolist()
    return found


@needs_compiled
@settings(max_examples=60, deadline=None)
@given(st.lists(_FORM, max_size=12), st.lists(_FORM, max_size=12), st.lists(_NUMBER, max_size=30))
def test_both_kinds_make_the_same(one: list[str], other: list[str], words: list[int]) -> None:
    kinds = both()
    numbers = [[forms.number(keys).tolist() for keys in (one, other, one)] for forms in kinds]
    assert numbers[0] == numbers[1]
    known = list(dict.fromkeys((*one, *other)))
    assert kinds[0].keys == kinds[1].keys == known  # type: ignore[attr-defined]
    given = np.array([word for word in words if word == GAP or word < len(known)], np.uint32)
    local = [forms.local(given) for forms in kinds]
    assert [part.tolist() for part in local[0][::2]] == [part.tolist() for part in local[1][::2]]
    assert local[0][1] == local[1][1]
    found, joined, hashes = local[0]
    met = joined.decode().split(FORM_SEPARATOR) if joined else []
    assert [known[n] if n != GAP else None for n in given.tolist()] == [
        met[n] if n < len(met) else None for n in found.tolist()
    ]
    assert hashes.tolist() == list(map(form_hash, met))
    vocabularies, rows_of_forms = zip(*(forms.vocabulary() for forms in kinds), strict=True)
    assert arrays_of(vocabularies[0]) == arrays_of(vocabularies[1])
    assert list(vocabularies[0].arrays) == list(vocabularies[1].arrays)
    assert vocabularies[0].languages == vocabularies[1].languages
    assert rows_of_forms[0].tolist() == rows_of_forms[1].tolist()


@pytest.mark.parametrize("compiled", [pytest.param(True, marks=needs_compiled), False])
@settings(max_examples=30, deadline=None)
@given(st.lists(st.sets(st.sampled_from([f"form {n}" for n in range(12)])), max_size=12))
def test_forms_of_documents_are_known_again(compiled: bool, documents: list[set[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formtable, "_SLOTS", 4)  # a cache of any size
        table = open_forms(compiled=compiled)
        known: dict[str, int] = {}
        for keys in map(sorted, documents):
            hashes = np.array([form_hash(key) for key in keys], np.uint64)
            joined = FORM_SEPARATOR.join(keys).encode()
            expected = [known.setdefault(key, len(known)) for key in keys]
            for _ in range(2):
                assert sorted(table.take(hashes, joined).tolist()) == sorted(expected)
            numbers = table.take(hashes, joined).tolist()
            assert [table.keys[number] for number in numbers] == keys  # type: ignore[attr-defined]
        assert len(table) == len(known)


@needs_compiled
def test_many_forms_keep_their_numbers() -> None:
    keys = [PART_SEPARATOR.join((f"w{n}", f"w{n}", "en", "", "")) for n in range(20_000)]
    compiled, plain = both()
    assert compiled.number(keys).tolist() == list(range(20_000))
    assert compiled.number(keys[::-7]).tolist() == list(range(20_000))[::-7]
    plain.number(keys)
    assert arrays_of(compiled.vocabulary()[0]) == arrays_of(plain.vocabulary()[0])
    size = compiled.memory()
    assert 20_000 * 100 < size < plain.memory()


@needs_compiled
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_NUMBER, max_size=9), max_size=9), st.permutations(range(12)))
def test_words_are_inverted_alike(units: list[list[int]], rows: list[int]) -> None:
    words = np.array([word for unit in units for word in unit], np.uint32)
    counts = np.array([len(unit) for unit in units], np.int32)
    row_of_form: NDArray[np.uint32] = np.array(rows, np.uint32) // np.uint32(2)
    found = [invert(words, counts, row_of_form, 7, compiled=kind) for kind in (True, False)]
    assert [part.tolist() for part in found[0]] == [part.tolist() for part in found[1]]


@needs_compiled
def test_what_is_no_form_is_refused() -> None:
    forms = CompiledForms()
    forms.number(["a"])
    with pytest.raises(ValueError, match="five parts"):
        forms.vocabulary()
    with pytest.raises(ValueError, match="no form of this number"):
        forms.local(np.array([1], np.uint32))
    with pytest.raises(ValueError, match="fewer forms"):
        forms.take(np.array([5, 6, 7], np.uint64), b"a\x1eb")
    with pytest.raises(ValueError, match="units have all words"):
        invert(np.zeros(3, np.uint32), np.array([2], np.int32), np.zeros(1, np.uint32), 1)

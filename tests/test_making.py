"""The compiled constructor makes what the class itself makes."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from dataclasses import FrozenInstanceError, dataclass

import pytest

from search_service import making
from search_service.making import maker
from search_service.model import FacetValue, Passage, Sourced

compiled = pytest.mark.skipif(not making.COMPILED, reason="the compiled constructor is not built")


def test_it_is_as_if_the_class_had_made_it() -> None:
    made = maker(Passage)(3, 0, 9, "az", "anchor", ((1, 2),), None, 7, 1 << 63)
    assert made == Passage(3, 0, 9, "az", "anchor", ((1, 2),), None, 7, 1 << 63)
    assert repr(made) == repr(pickle.loads(pickle.dumps(made)))
    assert hash(made) == hash(copy.copy(made))
    with pytest.raises(FrozenInstanceError):
        made.start = 1  # type: ignore[misc]


def test_defaults_may_be_left_out_at_the_end() -> None:
    assert maker(FacetValue)("az", "Azərbaycanca", 3) == FacetValue("az", "Azərbaycanca", 3)
    for values in ((), ("az",), ("az", "Azərbaycanca", 3, True, 5)):
        with pytest.raises(TypeError):
            maker(FacetValue)(*values)


def test_a_generic_class_is_made_too() -> None:
    assert maker(Sourced)("a", "text, line 5") == Sourced("a", "text, line 5")


def test_what_it_holds_is_let_go() -> None:
    kept = {1, 2}
    alive = weakref.ref(kept)
    made = maker(Sourced)(kept, "here")
    del kept
    assert alive() is not None
    del made
    gc.collect()
    assert alive() is None


@compiled
def test_a_class_without_slots_is_refused() -> None:
    @dataclass
    class Loose:
        value: int

    with pytest.raises(TypeError, match="no slot"):
        maker(Loose)


def test_without_a_compiler_it_is_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "COMPILED", False)
    assert maker(Passage) is Passage


@compiled
def test_a_class_that_does_more_when_it_is_made_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        value: int

        def __post_init__(self) -> None:
            assert self.value

    with pytest.raises(TypeError, match="Checked does more"):
        maker(Checked)

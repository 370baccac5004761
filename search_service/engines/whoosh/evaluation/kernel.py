"""The executor's inner loops behind one interface: compiled where that could be built, else NumPy.

Which it is is chosen when an index is opened and shown by `status`. Both give the same answers to
the last bit. All arrays of units ascend; units are passages, or documents where it is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from search_service.engines.base import Found
from search_service.engines.whoosh.evaluation.occurrences import Gathered, Occurrences
from search_service.engines.whoosh.planning.plan import Counts, Plan
from search_service.engines.whoosh.store.arraytypes import Floats, Ints, Mask
from search_service.errors import UnknownName

if TYPE_CHECKING:
    from search_service.engines.whoosh.snapshot import Snapshot

COMPILED = find_spec("search_service.engines.whoosh.evaluation._kernel") is not None
"""Whether the compiled kernel was built at installation."""


Page = tuple[tuple[Found, ...], int, int, int, tuple[int, ...], bytes]
"""What a search of a flat query gives: what is found, how many documents, passages and units with
every word there are, the documents of each word, and the facets' counts (int64)."""

Places = NDArray[np.int64]
"""`passage << 32 | position`."""


class Kernel(Protocol):
    """What a kernel does."""

    def gather(
        self, plan: Plan, factor: float, within: Ints | None = None, *, evidence: bool
    ) -> Gathered:
        """Sum a plan's postings over live passages and score them.

        `within` leaves out all other passages; the plan's counts must be known then. `evidence`
        asks for the sums too.
        """

    def gather_documents(self, plan: Plan) -> Occurrences:
        """Sum a plan's postings over documents, deleted ones included."""

    def units(self, plan: Plan, within: Ints | None = None) -> Ints:
        """The units that have any form of a plan, deleted ones included."""

    def document_scores(
        self, found: Occurrences, counts: Counts, factor: float
    ) -> tuple[Ints, Floats]:
        """The documents of passages, with the BM25 of the sums over each document."""

    def unite(self, lists: Sequence[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
        """The units of any list, with their scores added up in the order of the lists."""

    def shares(self, units: Ints, lists: Sequence[tuple[Ints, float]]) -> Floats:
        """For each unit the sum of the values of those lists that have it."""

    def contained(self, units: Ints, among: Ints) -> Mask:
        """Which units are among others."""

    def documents_of(self, units: Ints) -> Ints:
        """The documents of passages, each once."""

    def grouped(self, units: Ints, scores: Floats) -> tuple[Ints, NDArray[np.int64], Floats]:
        """Documents of passages, where the passages of each begin (and the end), the best score."""

    def top(self, values: Floats, k: int) -> tuple[NDArray[np.int64], bool]:
        """Where the k greatest values are, the greatest first, and all that equal the last.

        Beside it, whether any two of them are equal; those are in the order of their places.
        """

    def places(self, plan: Plan, units: Ints) -> Places:
        """All places of a plan's forms in some passages (documents, of titles), ascending."""

    def followed(self, ends: Places, following: Places, reach: int) -> Places:
        """Those places of the one list that have one of the other at most `reach` before them."""

    def ends(self, plans: Sequence[Plan], reach: int) -> Places:
        """Where the last words of all occurrences of a phrase stand, ascending."""


@runtime_checkable
class WholeKernel(Kernel, Protocol):
    """A kernel that answers flat queries in one call."""

    def search(self, *asked: Any) -> Page | None:
        """See `native/kernel/search.c`; None where the ranks of documents are asked for."""


@runtime_checkable
class WordsKernel(Kernel, Protocol):
    """A kernel that reads several words in one go."""

    def gather_words(
        self,
        plans: Sequence[Plan],
        factors: Sequence[float],
        surfaces: Sequence[float | None],
        check: Callable[[], None],
    ) -> list[tuple[Gathered, Gathered | None]] | None:
        """Sum and score, with evidence; None where they do not fit together.

        And for a word with a factor of its surface, what is written as it was asked, or folded.
        Between steps `check` is called, which may raise.
        """


KERNELS = {
    "compiled": ("search_service.engines.whoosh.evaluation.compiled_kernel", "CompiledKernel"),
    "numpy": ("search_service.engines.whoosh.evaluation.numpy_kernel", "NumpyKernel"),
}


def chosen_kernel() -> str:
    """The name of the kernel used where none is asked for."""
    return "compiled" if COMPILED else "numpy"


def open_kernel(snapshot: Snapshot, name: str | None = None) -> Kernel:
    """A kernel over the arrays of a snapshot."""
    name = name or chosen_kernel()
    if name not in KERNELS:
        raise UnknownName("kernel", name, KERNELS)
    module, kind = KERNELS[name]
    kernel: Kernel = getattr(import_module(module), kind)(snapshot)
    return kernel

"""The engines that are timed, one a file, and which of them are compared on what."""

from __future__ import annotations

from importlib.util import find_spec

from search_service.engines.whoosh.evaluation.kernel import chosen_kernel
from tests.benchmarks.engines.base import Timed
from tests.benchmarks.engines.bm25s import Bm25s
from tests.benchmarks.engines.fts5 import Fts5
from tests.benchmarks.engines.ours import Ours, OursLadder
from tests.benchmarks.engines.stock_whoosh import StockWhoosh
from tests.benchmarks.engines.tantivy import Tantivy, TantivyLadder
from tests.benchmarks.engines.xapian import Xapian, xapian

SEGMENTS = 4


def over_words() -> list[Timed]:
    """Those that are given the same words in one field; ours is the first."""
    kernels = sorted({"numpy", chosen_kernel()})
    found: list[Timed] = [Ours(kernel) for kernel in kernels]
    found += [Ours(kernel, SEGMENTS) for kernel in kernels]
    if find_spec("tantivy"):
        found += [Tantivy(), Tantivy(count=False), Tantivy(fetch=False)]
        found.append(Tantivy(count=False, fetch=False))
    found.append(Fts5())
    if find_spec("bm25s"):
        found.append(Bm25s())
    if _has_xapian():
        found.append(Xapian())
    found.append(StockWhoosh())
    return found


def with_ladder() -> list[Timed]:
    """Those that meet words by the rungs of the match ladder; ours is the first."""
    kernels = sorted({"numpy", chosen_kernel()})
    found: list[Timed] = [OursLadder(kernel) for kernel in kernels]
    found += [OursLadder(kernel, SEGMENTS) for kernel in kernels]
    if find_spec("tantivy"):
        found += [TantivyLadder(), TantivyLadder(count=False), TantivyLadder(fetch=False)]
        found.append(TantivyLadder(count=False, fetch=False))
    return found


def absent() -> list[str]:
    """What cannot be timed here, and why."""
    found = [
        f"{name}: not installed (pip install {name})"
        for name in ("tantivy", "bm25s")
        if not find_spec(name)
    ]
    if not _has_xapian():
        found.append("Xapian: not installed for this Python (Debian's package is python3-xapian)")
    return found


def _has_xapian() -> bool:
    try:
        xapian()
    except ImportError:
        return False
    return True

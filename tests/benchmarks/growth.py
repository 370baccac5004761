"""Growth: the same number of postings in ever more passages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from search_service.engines.whoosh.evaluation.kernel import chosen_kernel
from tests.benchmarks.building import build
from tests.benchmarks.corpus import Corpus, synthetic
from tests.benchmarks.engines.base import Run
from tests.benchmarks.engines.ours import Ours
from tests.benchmarks.measuring import Measured, Results, timed
from tests.benchmarks.queries import Query, Words

SIZES = (10_000, 100_000, 1_000_000)
POSTINGS = 1000
"""Each word of a query is in about so many passages, whatever the size."""

_CLASSES: dict[str, Callable[[Words], Query]] = {
    "1 word": lambda w: Query("or", (w.near(POSTINGS),)),
    "OR of 4": lambda w: Query("or", tuple(w.near(POSTINGS) for _ in range(4))),
    "AND of 2": lambda w: Query("and", (w.near(POSTINGS), w.near(POSTINGS))),
}


def grow(sizes: Sequence[int], folder: Path, queries: int, seed: int) -> dict[str, Results]:
    """Kernel -> class -> number of passages -> times."""
    kernels = sorted({"numpy", chosen_kernel()})
    engines: dict[tuple[str, int], Ours] = {}
    words: dict[int, Words] = {}
    for passages in sizes:
        corpus: Corpus = synthetic(passages, seed)
        place = folder / f"growth-{passages}"
        build(Ours(kernels[0]), corpus, place)
        for kernel in kernels:
            engines[kernel, passages] = Ours(kernel)
            engines[kernel, passages].open(corpus, place)
        words[passages] = Words(corpus, seed)
    return {kernel: _measured(kernel, sizes, engines, words, queries) for kernel in kernels}


def _measured(
    kernel: str,
    sizes: Sequence[int],
    engines: dict[tuple[str, int], Ours],
    words: dict[int, Words],
    queries: int,
) -> Results:
    results: Results = {}
    for name, draw in _CLASSES.items():
        times: dict[int, list[float]] = {passages: [] for passages in sizes}
        for _ in range(queries):
            for passages in sizes:
                run: Run | None = engines[kernel, passages].compile(draw(words[passages]))
                if run is not None:
                    times[passages].append(timed(run)[0])
        results[name] = {str(n): Measured.of(taken) for n, taken in times.items()}
    return results

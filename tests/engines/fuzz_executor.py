"""Random trees against the oracle: `python -m tests.engines.fuzz_executor --trees 20000`."""

from __future__ import annotations

import argparse
import math
import random
import tempfile
from pathlib import Path

from search_service.engines.base import Answer
from search_service.engines.whoosh.evaluation.executor import Executor
from search_service.engines.whoosh.evaluation.kernel import chosen_kernel
from tests.engines.corpora import Corpus, Trees, segments
from tests.engines.oracle import Oracle, stored

TOLERANCE = 1e-5


def differences(expected: Answer, got: Answer) -> list[str]:
    """In words, how two answers differ; none where they are the same."""
    found = []
    for name in (
        "total_documents",
        "total_passages",
        "total_all_words",
        "facets",
        "word_documents",
    ):
        left, right = getattr(expected, name), getattr(got, name)
        if left != right:
            found.append(f"{name}: expected {left}, got {right}")
    if len(expected.found) != len(got.found):
        found.append(f"{len(expected.found)} hits expected, got {len(got.found)}")
    for place, (left, right) in enumerate(zip(expected.found, got.found, strict=False)):
        same = (
            left.document_id == right.document_id
            and _close(left.score, right.score)
            and left.passages_found == right.passages_found
            and left.missing == right.missing
            and len(left.passages) == len(right.passages)
            and all(
                a.ordinal == b.ordinal
                and a.similar_only == b.similar_only
                and _close(a.score, b.score)
                for a, b in zip(left.passages, right.passages, strict=True)
            )
        )
        if not same and not _tied(expected, got, place):
            found.append(f"hit {place}: expected {left}, got {right}")
            break
    return found


def _close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _tied(expected: Answer, got: Answer, place: int) -> bool:
    """Whether two scores are the same but for the order in which floats were added."""
    return math.isclose(expected.found[place].score, got.found[place].score, rel_tol=1e-12)


def check(rng: random.Random, folder: Path, trees: int) -> int:
    """Compare on one corpus, cut and deleted from at random; how many trees differ."""
    corpus = Corpus(rng, rng.choice((1, 4, 12, 40)))
    documents = corpus.prepared
    deleted = {d.header["id"] for d in documents if rng.random() < rng.choice((0.0, 0.2))}
    if len(deleted) == len(documents):
        deleted.pop()
    cuts = sorted(rng.choices(range(1, len(documents) + 1), k=rng.choice((0, 1, 3))))
    opened = segments(folder, documents, cuts, deleted)
    executors = [Executor(opened, kernel) for kernel in available_kernels()]
    oracle = Oracle(stored(d) for d in documents if d.header["id"] not in deleted)
    failures = 0
    for _ in range(trees):
        request = Trees(corpus, rng).request()
        expected = oracle.execute(request)
        answers = [executor.execute(request) for executor in executors]
        problems = [
            f"{executor.kernel}: {problem}"
            for executor, answer in zip(executors, answers, strict=True)
            for problem in differences(expected, answer)
        ]
        if answers[0] != answers[-1]:
            problems.append("the kernels differ in the last bit")
        if problems:
            failures += 1
            print(request, *problems, sep="\n    ")
    return failures


def available_kernels() -> list[str]:
    """NumPy's, and the compiled one where it was built."""
    return sorted({"numpy", chosen_kernel()})


def main() -> int:
    """Run until so many trees were compared."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    failures = 0
    each = 50
    for number in range(-(-arguments.trees // each)):
        rng = random.Random(arguments.seed * 1_000_003 + number)
        with tempfile.TemporaryDirectory() as folder:
            failures += check(rng, Path(folder), each)
        if failures > 5:
            break
    print(f"{failures} of {arguments.trees} trees differ")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())

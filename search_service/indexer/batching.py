"""Small files put together for a worker, so that handing them over costs little."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_service.indexer.messages import Task

BATCH_BYTES = 1 << 18
BATCH_FILES = 64
"""A worker is given small files together, up to so many bytes or files."""


def batches(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    """Tasks put together for workers, in order."""
    batch: list[Task] = []
    size = 0
    for task in tasks:
        batch.append(task)
        size += task.state.size
        if size >= BATCH_BYTES or len(batch) == BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch

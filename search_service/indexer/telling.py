"""What the system refuses, as an error that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC

from search_service.errors import RunFailed

_FULL = (ENOSPC, EDQUOT, EFBIG)


@contextmanager
def telling() -> Iterator[None]:
    """Raise `RunFailed` with the cure for what the system refuses: a full disk, a broken one."""
    try:
        yield
    except OSError as problem:
        cure = "make room" if problem.errno in _FULL else "see to that"
        raise RunFailed(
            f"the run stopped ({problem}): {cure}, and run it again; what was searchable still is"
        ) from problem

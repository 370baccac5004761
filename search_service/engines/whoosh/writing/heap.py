"""Memory that is free, back to the system."""

from __future__ import annotations


def give_back() -> None:
    """Have glibc give up what it keeps of freed memory: without, what comes next is added to it.

    It keeps whatever lies below something in use. Other allocators have nothing to be asked.
    """
    import ctypes  # noqa: PLC0415 -- 10 ms that a small change does not need

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

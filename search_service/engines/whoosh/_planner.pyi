"""What `_planner.c` offers; arrays are anything with a buffer."""

from typing import Any

def lower_bound(starts: Any, data: Any, key: bytes, /) -> int: ...
def equal_range(
    order: Any,
    exact_starts: Any,
    exact_data: Any,
    folded_starts: Any,
    folded_data: Any,
    group_starts: Any,
    key: bytes,
    /,
) -> tuple[int, int]: ...

"""What `native/making` offers."""

from typing import Any, Generic, TypeVar

T = TypeVar("T")

class Maker(Generic[T]):
    def __init__(
        self, kind: type[T], names: tuple[str, ...], defaults: tuple[Any, ...], /
    ) -> None: ...
    def __call__(self, *values: Any) -> T: ...

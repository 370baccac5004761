"""What `native/planner` offers; arrays are anything with a buffer, and come back as bytes."""

from typing import Any

from search_service.engines.whoosh.planning.plan import Plan

class Planner:
    def __init__(
        self,
        segments: list[tuple[Any, ...]],
        bases: list[tuple[int, ...]],
        fields: tuple[str, ...],
        levels: tuple[int, int, int, int],
        similar: tuple[tuple[int, int], ...],
        make: Any,
        index: Any,
        /,
    ) -> None: ...
    def word(
        self,
        readings: tuple[tuple[str, Any], ...],
        rung: int,
        similar: bool,
        synonyms: tuple[Any, ...],
        sources: tuple[tuple[str, int], ...],
        /,
    ) -> Plan: ...
    def form(self, form: str, sources: tuple[tuple[str, int], ...], /) -> Plan: ...
    def ranges(self, ranges: list[Any], sources: tuple[tuple[str, int], ...], /) -> Plan: ...
    def rows(
        self, entries: Any, levels: Any, least: int, /
    ) -> list[tuple[int, int, int, str, str]]: ...
    def bound(self, segment: int, key: bytes, /) -> int: ...
    def within_edits(
        self, segment: int, low: int, high: int, word: str, edits: int, /
    ) -> bytes: ...

"""What `_kernel.c` offers; arrays are anything with a buffer, and come back as bytes."""

from collections.abc import Sequence
from typing import Any

from search_service.engines.base import Found

class Index:
    def __init__(
        self,
        views: list[tuple[Any, ...]],
        live: Any,
        passage_document: Any,
        passage_lengths: Any,
        length_norms: Any,
        document_norms: Any,
        live_counts: tuple[float, float],
        weights: tuple[float, ...],
        decisive_and_fold: tuple[int, int],
        gain_and_similar: tuple[float, float, float],
        coverage_and_document_share: tuple[float, float],
        nearness: tuple[float, int, int, int],
        ids: list[tuple[Any, Any, Any]],
        types: tuple[type, type, type],
        /,
    ) -> None: ...
    def gather(
        self,
        plan: Any,
        levels: Any,
        within: Any,
        documents: bool,
        evidence: bool,
        factor: float,
        known: tuple[float, float, float, float, bool] | None,
        /,
    ) -> tuple[
        bytes,
        bytes,
        bytes | None,
        bytes | None,
        bytes | None,
        bytes | None,
        tuple[float, float, float, float, int],
    ]: ...
    def search(
        self, *asked: Any
    ) -> tuple[tuple[Found, ...], int, int, int, tuple[int, ...], bytes] | None: ...
    def telling(self, plan: Any, levels: Any, /) -> tuple[bytes, int, bool] | None: ...
    def unite(self, lists: Sequence[tuple[Any, Any]], /) -> tuple[bytes, bytes]: ...
    def shares(self, units: Any, lists: Sequence[tuple[Any, float]], /) -> bytes: ...
    def contained(self, units: Any, among: Any, /) -> bytes: ...
    def document_scores(
        self,
        units: Any,
        decided: Any,
        total: Any,
        best: Any,
        counts: tuple[float, float, float, float, bool],
        factor: float,
        /,
    ) -> tuple[bytes, bytes]: ...
    def documents_of(self, units: Any, /) -> bytes: ...
    def grouped(self, units: Any, scores: Any, /) -> tuple[bytes, bytes, bytes]: ...
    def top(self, values: Any, k: int, /) -> tuple[bytes, bool]: ...
    def places(self, plan: Any, levels: Any, units: Any, /) -> bytes: ...
    def followed(self, ends: Any, following: Any, reach: int, /) -> bytes: ...

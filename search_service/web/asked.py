"""A search as it was asked, and the query strings that ask it again with a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from search_service.model import PublicationDate, Rung
from search_service.schema import FACETS
from search_service.searcher.searching import Question

LIMIT = 10
MAX_LIMIT = 100
MAX_OFFSET = 10_000
"""How deep one may page: further down, a narrower question is of more use than a next page."""

RUNGS = {rung.name.lower(): rung for rung in Rung if rung is not Rung.SIMILAR}
FACET_NAMES = tuple(facet.name for facet in FACETS)
PARAMETER_OF = {facet.name: facet.parameter for facet in FACETS}


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was asked, with defaults filled in."""

    q: str = ""
    op: Literal["or", "and"] = "or"
    match: str = "translit"
    group: Literal["document", "none"] = "document"
    sort: Literal["relevance", "date", "-date"] = "relevance"
    start: PublicationDate | None = None
    end: PublicationDate | None = None
    doc: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet name -> values."""
    limit: int = LIMIT
    offset: int = 0
    facets: tuple[str, ...] = ()
    highlight: bool = True
    clamped: bool = False
    """The limit asked for was more than is given."""

    def question(self) -> Question:
        """As the searcher takes it."""
        return Question(
            q=self.q,
            op=self.op,
            match=RUNGS[self.match],
            group=self.group,
            sort=self.sort,
            first_day=self.start.first_day if self.start else None,
            last_day=self.end.last_day if self.end else None,
            document=self.doc or None,
            filters=self.filters,
            limit=self.limit,
            offset=self.offset,
            facets=self.facets,
            highlight=self.highlight,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the words decides what is found."""
        return bool(self.filters or self.start or self.end or self.doc)

    def pairs(self, *, paging: bool = True, **changes: Any) -> list[tuple[str, str]]:
        """The query string that asks this with some changes; a change goes to the first page."""
        asked = replace(self, **{"offset": 0, **changes}) if changes else self
        pairs = [("q", asked.q)]
        pairs += [
            (name, value)
            for name, value, default in (
                ("op", asked.op, "or"),
                ("match", asked.match, "translit"),
                ("group", asked.group, "document"),
                ("sort", asked.sort, "relevance"),
            )
            if value != default
        ]
        pairs += [("from", asked.start.text if asked.start else "")]
        pairs += [("to", asked.end.text if asked.end else ""), ("doc", asked.doc)]
        pairs += [
            (PARAMETER_OF[name], value)
            for name in FACET_NAMES
            for value in asked.filters.get(name, ())
        ]
        if paging:
            pairs += [("limit", str(asked.limit) if asked.limit != LIMIT else "")]
            pairs += [("offset", str(asked.offset) if asked.offset else "")]
        return [(name, value) for name, value in pairs if value]

    def following(self, total: int) -> list[tuple[str, str]] | None:
        """The query string of the next page; None if this is the last, or the last that is shown.

        `total` counts hits, so documents or passages.
        """
        after = self.offset + self.limit
        if not self.limit or after >= min(total, MAX_OFFSET - self.limit + 1):
            return None
        return [
            *replace(self, offset=after).pairs(),
            *(("facets", ",".join(names)) for names in [self.facets] if names),
            *([] if self.highlight else [("highlight", "false")]),
        ]

    def with_filter(self, facet: str, value: str) -> list[tuple[str, str]]:
        """The query string with one more value of a facet."""
        values = (*self.filters.get(facet, ()), value)
        return self.pairs(filters={**self.filters, facet: values})

    def without_filter(self, facet: str, value: str = "") -> list[tuple[str, str]]:
        """The query string without a value of a facet, or without the facet."""
        values = tuple(v for v in self.filters.get(facet, ()) if value and v != value)
        return self.pairs(filters={**self.filters, facet: values})

    @property
    def dated(self) -> bool:
        """Whether a date or a year is asked for."""
        return bool(self.start or self.end or self.filters.get("year"))

    def of_all_years(self) -> Asked:
        """The same whatever the date."""
        filters = {name: values for name, values in self.filters.items() if name != "year"}
        return replace(self, start=None, end=None, filters=filters, offset=0)

    def only_year(self, year: str = "") -> list[tuple[str, str]]:
        """The query string of one year, or of all, in place of what dates are asked for."""
        whole = self.of_all_years()
        return whole.with_filter("year", year) if year else whole.pairs()

    def has_years(self, first: str, last: str) -> bool:
        """Whether some of these years are asked for, and not all years are."""
        chosen = self.filters.get("year", ())
        return self.dated and (
            (not chosen or any(year.isdigit() and first <= year <= last for year in chosen))
            and (self.start is None or self.start.text[:4] <= last)
            and (self.end is None or first <= self.end.text[:4])
        )

    @property
    def marks(self) -> list[tuple[str, str]]:
        """What a document's page needs to mark the same words."""
        pairs = [("q", self.q), ("match", self.match if self.match != "translit" else "")]
        return [(name, value) for name, value in pairs if value]

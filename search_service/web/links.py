"""Addresses of our own pages: the one place that knows their paths.

`Links` is pure, so the command line, feeds and tests make the same addresses as the pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from search_service.settings import Settings

Pairs = Iterable[tuple[str, str]]
"""Parameters of a query string, in order."""


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses below `base`: `/prefix` for pages, `https://host/prefix` where they travel."""

    base: str = ""
    ui: str = ""
    """The interface language that the reader has chosen; every link to a page keeps it."""

    def at(self, path: str, pairs: Pairs = (), fragment: str = "", *, keep: bool = True) -> str:
        """A path with its query string; `keep` carries the interface language along."""
        query = [(name, value) for name, value in pairs if value]
        if keep and self.ui and not any(name == "ui" for name, _ in query):
            query.append(("ui", self.ui))
        tail = "?" + urlencode(query) if query else ""
        return f"{self.base}{path}{tail}" + (f"#{fragment}" if fragment else "")

    def start(self) -> str:
        """The page with nothing but the box."""
        return self.at("/")

    def search(self, pairs: Pairs = (), fragment: str = "") -> str:
        """The page of results."""
        return self.at("/search", pairs, fragment)

    def document(self, document_id: str, anchor: str = "", pairs: Pairs = ()) -> str:
        """A document, opened at a passage."""
        place = [("p", anchor), *pairs]
        return self.at(f"/doc/{quote(document_id)}", place, f"p-{anchor}" if anchor else "")

    def permanent(self, document_id: str, anchor: str = "") -> str:
        """The link to keep and to cite: without the query and the language it was found in."""
        place = [("p", anchor)]
        return self.at(
            f"/doc/{quote(document_id)}", place, f"p-{anchor}" if anchor else "", keep=False
        )

    def original(self, document_id: str, page: int | None = None) -> str:
        """The file that a document was read from, opened at a page."""
        fragment = f"page={page}" if page else ""
        return self.at(f"/original/{quote(document_id)}", (), fragment, keep=False)

    def citation(self, document_id: str, anchor: str, form: str) -> str:
        """A document's or a passage's citation as a file."""
        return self.at(f"/cite/{quote(document_id)}.{form}", [("p", anchor)])

    def passage(self, document_id: str) -> str:
        """A passage's link and citation, as a piece of a page; its anchor is added as `p`."""
        return self.at(f"/passage/{quote(document_id)}")

    def neighbours(self, document_id: str, anchor: str, pairs: Pairs = ()) -> str:
        """The passages before and after one, as a piece of a page."""
        return self.at(f"/around/{quote(document_id)}", [("p", anchor), *pairs])

    def browse(self, pairs: Pairs = ()) -> str:
        """All documents."""
        return self.at("/browse", pairs)

    def page(self, name: str) -> str:
        """A page without parameters: `help`, `status`, `embed`."""
        return self.at(f"/{name}")

    def feed(self, form: str, pairs: Pairs) -> str:
        """A search as a feed, `atom` or `json`."""
        return self.at(f"/feed.{form}", pairs, keep=False)

    def export(self, form: str, pairs: Pairs) -> str:
        """A search as a file, `csv`, `jsonl` or `bib`."""
        return self.at(f"/export.{form}", pairs, keep=False)

    def api(self, path: str, pairs: Pairs = ()) -> str:
        """An address of the JSON endpoint; `path` begins with a slash."""
        return self.at(f"/api/v1{path}", pairs, keep=False)

    def api_document(self, document_id: str) -> str:
        """A document as JSON."""
        return self.api(f"/documents/{quote(document_id)}")

    def api_passage(self, passage_id: str) -> str:
        """A passage as JSON."""
        return self.api(f"/passages/{quote(passage_id)}")


def public_base(settings: Settings, host_url: str = "") -> str:
    """Where the public finds the service: the setting, or else the address that was asked.

    A `public_url` that already ends with the path prefix does not get it twice.
    """
    origin = (settings.public_url or host_url).rstrip("/")
    return origin if origin.endswith(settings.path_prefix or "/") else origin + settings.path_prefix

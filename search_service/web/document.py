"""`GET /doc/<id>`: the whole text, opened at a passage, with the same marks as in the results.

Beside it the passages around one (`/around`), citations as files (`/cite`) and the original
file (`/original`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from search_service import formats
from search_service.errors import DocumentGone, NotFound
from search_service.highlight.snippets import render
from search_service.model import Document, Match, Passage
from search_service.passages.anchors import resolve
from search_service.searcher.searching import DocumentView
from search_service.web import citation, context, params
from search_service.web.answers import metadata_of
from search_service.web.language import day, gettext, number, today
from search_service.web.params import Asked
from search_service.web.rendering import Labels, Rendering
from search_service.web.shapes import ValueAnswer

page = Blueprint("document", __name__)
_CITATIONS = {
    "txt": "text/plain; charset=utf-8",
    "bib": "text/plain; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json",
}
STRIP = 1000
"""Height of the strip of matches, in its own units."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link leads: a passage, and whether it is the one that the link was made for."""

    ordinal: int | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage shown beside a hit."""

    passage: Passage
    html: str
    url: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The passages around one."""

    document_id: str
    anchor: str
    before: Neighbour | None
    after: Neighbour | None


@page.get("/doc/<document_id>")
def document(document_id: str) -> str | BaseResponse:
    """The document page."""
    asked = params.read(request.args)
    found = view(document_id, asked)
    if isinstance(found, str):
        links = context.links()
        anchor = params.one(request.args, "p")
        return redirect(links.document(found, anchor, asked.marks), 301)
    place = locate(found.document, params.one(request.args, "p"))
    matches = [match for _, match in found.matches]
    current = _current(found, matches, place, params.number(request.args, "m"))
    anchor = (
        found.document.passages[place.ordinal].anchor
        if place.ordinal is not None
        else params.one(request.args, "p")
    )
    cited = _cited(found.document, place)
    below = _below(found.document, anchor, cited) if place.ordinal is not None else ""
    rendering = _rendering(found.document, matches, place, below)
    return render_template(
        "document.html",
        asked=asked,
        document=found.document,
        rendering=rendering,
        matches=matches,
        current=current,
        step=lambda n: _step(document_id, anchor, asked, n, len(matches)),
        anchor=anchor,
        place=place,
        ticks=_ticks(found.document, matches),
        strip=STRIP,
        cited=cited,
        metadata=_metadata(found.document),
        similar=_similar(found.document, place),
        original=_original_link(found.document, place),
        permanent=context.public_links().permanent(found.document.id),
        data=_schema_org(found.document),
    )


@page.get("/around/<document_id>")
def around(document_id: str) -> str:
    """The passages before and after one, as a piece of a page for our script."""
    found = neighbours(document_id, params.one(request.args, "p"), params.read(request.args))
    if found is None:
        raise NotFound(f"document {document_id} has no such passage: open the document")
    return render_template("around.html", around=found, part=params.one(request.args, "part"))


@page.get("/passage/<document_id>")
def passage(document_id: str) -> str:
    """A passage's link and citation, as a piece of a page for our script."""
    found = view(document_id, Asked())
    anchor = params.one(request.args, "p")
    place = Place() if isinstance(found, str) else locate(found.document, anchor)
    if isinstance(found, str) or place.ordinal is None:
        raise NotFound(f"document {document_id} has no such passage: open the document")
    return _below(found.document, anchor, _cited(found.document, place), unfold=True)


@page.get("/cite/<document_id>.<form>")
def cite(document_id: str, form: str) -> Response | BaseResponse:
    """A citation as a file: `txt`, `bib` or CSL-JSON."""
    if form not in _CITATIONS:
        raise NotFound(f"there is no citation as {form}: choose one of {', '.join(_CITATIONS)}")
    found = view(document_id, Asked())
    if isinstance(found, str):
        return redirect(context.links().citation(found, params.one(request.args, "p"), form), 301)
    cited = _citation(found.document, locate(found.document, params.one(request.args, "p")))
    text = {"txt": _in_words(cited) + "\n", "bib": cited.bibtex(), "json": cited.csl_json()}[form]
    answer = Response(text, content_type=_CITATIONS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{cited.key}.{form}"'
    return answer


@page.get("/original/<document_id>")
def original(document_id: str) -> BaseResponse:
    """The file that a document was read from, where the owner lets it be downloaded."""
    settings = context.settings()
    known = context.opened().searcher.reader.summary(document_id)
    if not settings.originals or known is None:
        raise NotFound("this file cannot be downloaded: read the text of the document")
    root = settings.corpus.resolve()
    path = (root / known.path).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise NotFound("the file is not in the folder any more: read the text of the document")
    form = formats.get(known.format)
    # A PDF opens at its page in the browser; whatever could be a page of ours is handed over.
    inline = form.media_type == "application/pdf"
    answer = send_file(
        path,
        mimetype=form.media_type,
        as_attachment=not inline,
        download_name=path.name,
        max_age=0,
        conditional=True,
    )
    if not inline:
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def view(document_id: str, asked: Asked) -> DocumentView | str:
    """A document with its marks; or the id it has now, if that has changed.

    Raises `DocumentGone` and `NotFound`.
    """
    archive = context.archive()
    try:
        return context.opened().searcher.view(document_id, asked.question())
    except NotFound:
        now = archive.successor(document_id)
        if now is not None and context.opened().searcher.reader.summary(now) is not None:
            return now
        since = archive.gone_since(document_id)
        if since is not None:
            raise DocumentGone(document_id, since) from None
        raise


def locate(document: Document, anchor: str) -> Place:
    """The passage that an anchor means now, with a notice if it has changed since."""
    if not anchor:
        return Place()
    found = resolve(document, anchor)
    if found is not None and found.exact:
        return Place(found.ordinal)
    if found is not None:
        return Place(
            found.ordinal,
            gettext("The text has been divided differently since: this passage has your sentence."),
        )
    nearest = context.archive().nearest(document.id, anchor)
    near = resolve(document, nearest) if nearest else None
    if near is not None:
        return Place(
            near.ordinal,
            gettext("The passage has changed since: this is the one nearest to where it was."),
        )
    return Place(None, gettext("The passage of this link is not in the document any more."))


def neighbours(document_id: str, anchor: str, asked: Asked) -> Neighbours | None:
    """The passages before and after one with marks, or None where it is not found."""
    found = view(document_id, asked)
    if isinstance(found, str):
        return None
    place = resolve(found.document, anchor)
    if place is None:
        return None
    matches = [match for _, match in found.matches]
    passages = found.document.passages

    def shown(ordinal: int) -> Neighbour | None:
        if not 0 <= ordinal < len(passages):
            return None
        passage = passages[ordinal]
        text = found.document.text[passage.start : passage.end]
        inside = [m for m in matches if passage.start <= m.start and m.end <= passage.end]
        url = context.links().document(document_id, passage.anchor, asked.marks)
        return Neighbour(passage, render(text, inside, passage.start), url)

    before, after = shown(place.ordinal - 1), shown(place.ordinal + 1)
    return Neighbours(document_id, anchor, before, after)


def _current(found: DocumentView, matches: Sequence[Match], place: Place, asked: int | None) -> int:
    """The number of the match in view: the one asked for, else the first of the passage."""
    if not matches:
        return 0
    if asked:
        return min(asked, len(matches))
    if place.ordinal is None:
        return 1
    passage = found.document.passages[place.ordinal]
    # A passage may have been found by its heading alone: then the nearest match is the current.
    return min(
        range(1, len(matches) + 1),
        key=lambda n: (
            max(passage.start - matches[n - 1].start, matches[n - 1].start - passage.end + 1, 0),
            n,
        ),
    )


def _step(document_id: str, anchor: str, asked: Asked, to: int, count: int) -> str:
    """The address of another match; after the last comes the first."""
    target = (to - 1) % count + 1
    pairs = [("p", anchor), *asked.marks, ("m", str(target))]
    return context.links().at(f"/doc/{document_id}", pairs, f"m{target}")


def _rendering(document: Document, matches: Sequence[Match], place: Place, below: str) -> Rendering:
    labels = Labels(
        link=lambda ordinal: gettext("Link to passage %(n)s", n=number(ordinal + 1)),
        page=lambda page: gettext("page %(n)s", n=number(page)),
        page_link=lambda page: (
            context.links().original(document.id, page) if context.settings().originals else ""
        ),
    )
    return Rendering(document, matches, labels, place.ordinal, below)


def _ticks(document: Document, matches: Sequence[Match]) -> list[tuple[int, int]]:
    """(number, height) of the matches; those that would lie on each other are one."""
    ticks: dict[int, int] = {}
    for n, match in enumerate(matches, start=1):
        ticks.setdefault(round(STRIP * match.start / max(1, len(document.text))) // 3 * 3, n)
    return [(n, y) for y, n in ticks.items()]


def _citation(document: Document, place: Place) -> citation.Citation:
    passage = document.passages[place.ordinal] if place.ordinal is not None else None
    link = context.public_links().permanent(document.id, passage.anchor if passage else "")
    return citation.of(
        document,
        context.settings().archive_name,
        link,
        datetime.now(UTC).date(),
        passage.page if passage else None,
    )


@dataclass(frozen=True, slots=True)
class Cited:
    """What a reader takes along: a citation in words and the permanent link in it."""

    words: str
    link: str


def _cited(document: Document, place: Place) -> Cited:
    made = _citation(document, place)
    return Cited(_in_words(made), made.link)


def _below(document: Document, anchor: str, cited: Cited, *, unfold: bool = False) -> str:
    """The piece of a page that stands below a passage."""
    return render_template(
        "passage.html", document=document, anchor=anchor, cited=cited, open=unfold
    )


def _in_words(cited: citation.Citation) -> str:
    return cited.plain(
        undated=gettext("undated"),
        published=day(cited.written, long=True),
        accessed=gettext("accessed %(day)s", day=today()),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """One line of what is known of a document."""

    label: str
    value: str
    where: str
    url: str = ""


def _metadata(document: Document) -> list[Known]:
    labels = {
        "title": gettext("Title"),
        "author": gettext("Author"),
        "date": gettext("Date"),
        "source": gettext("Source"),
        "section": gettext("Section"),
        "url": gettext("Address"),
        "language": gettext("Language"),
        "identifier": gettext("Identifier"),
        "created": gettext("Created"),
    }

    def line(name: str, known: ValueAnswer) -> Known:
        value = known.value
        if name == "date" and document.metadata.date:
            value = day(document.metadata.date.value, long=True)
        web = name == "url" and value.startswith(("https://", "http://"))
        return Known(labels.get(name, name), value, known.where, value if web else "")

    lines = [line(name, known) for name, known in metadata_of(document).items()]
    return [*lines, Known(gettext("File"), document.path, document.format)]


def _similar(document: Document, place: Place) -> list[tuple[Document, str]]:
    """Where else the passage stands nearly word for word: (document, address)."""
    if place.ordinal is None:
        return []
    reader = context.opened().searcher.reader
    found = []
    for other_id, ordinal in reader.duplicates(document.id, place.ordinal)[:5]:
        other = reader.summary(other_id)
        passages = reader.passages(other_id, [ordinal])
        if other is not None and passages:
            anchor = passages[0][0].anchor
            found.append((other, context.links().document(other_id, anchor)))
    return found


def _original_link(document: Document, place: Place) -> str:
    if not context.settings().originals:
        return ""
    page_number = document.passages[place.ordinal].page if place.ordinal is not None else None
    return context.links().original(document.id, page_number)


def _schema_org(document: Document) -> dict[str, object]:
    known = document.metadata
    data: dict[str, object | None] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": document.title,
        "author": {"@type": "Person", "name": known.author.value} if known.author else None,
        "publisher": {"@type": "Organization", "name": known.source.value}
        if known.source
        else None,
        "datePublished": known.date.value.text if known.date else None,
        "inLanguage": [code for code in document.languages if code != "und"],
        "url": context.public_links().permanent(document.id),
        "isPartOf": {"@type": "Collection", "name": context.settings().archive_name},
        "license": context.settings().archive_rights or None,
    }
    return {name: value for name, value in data.items() if value}

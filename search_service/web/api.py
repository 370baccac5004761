"""The JSON endpoint. Parameters are read strictly: what is not understood is an error."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from pydantic import BaseModel
from werkzeug.wrappers import Response as BaseResponse

from search_service.errors import NotFound
from search_service.model import Document
from search_service.passages.anchors import resolve
from search_service.web import answers, context, openapi, params, shapes
from search_service.web.answers import split_passage_id
from search_service.web.asked import Asked
from search_service.web.place import view

page = Blueprint("api", __name__)
LISTED = 100
"""Documents in one answer of the list."""
COMPLETIONS = 8


@page.get("/api/search")
@page.get("/api/v1/search")
def search() -> Response:
    """Documents, or with `group=none` passages, that answer a query."""
    asked = params.read(request.args, strict=True)
    results = context.opened().searcher.search(asked.question())
    links = context.public_links()
    following = asked.following(results.reach(by_passage=asked.group == "none"))
    return _json(
        answers.search_answer(
            results,
            links,
            group=asked.group,
            marks=asked.marks,
            highlight=asked.highlight,
            next_page=links.api("/search", following) if following else None,
            notes=("limit_clamped",) if asked.clamped else (),
        )
    )


@page.get("/api/v1/documents")
def documents() -> Response:
    """All documents in order of path, a page at a time."""
    limit, offset = params.paging(request.args, LISTED)
    opened = context.opened()
    listed = opened.catalogue().documents
    links = context.public_links()
    after = offset + limit
    following = [("limit", str(limit)), ("offset", str(after))]
    return _json(
        shapes.DocumentList(
            documents=[answers.described(each, links) for each in listed[offset:after]],
            total=len(listed),
            limit=limit,
            offset=offset,
            next=links.api("/documents", following) if limit and after < len(listed) else None,
            generation=opened.live.name,
        )
    )


@page.get("/api/v1/documents/<document_id>")
def document(document_id: str) -> Response | BaseResponse:
    """A whole document with its metadata and passages."""
    params.only(request.args)
    found = view(document_id, Asked())
    if isinstance(found, str):
        return redirect(context.public_links().api_document(found), 301)
    originals = context.settings().originals
    return _json(
        answers.document_answer(found.document, context.public_links(), originals=originals)
    )


@page.get("/api/v1/passages/<passage_id>")
def passage(passage_id: str) -> Response | BaseResponse:
    """A passage with the ones before and after it."""
    params.only(request.args)
    document_id, anchor = split_passage_id(passage_id)
    if not document_id:
        raise NotFound(f"{passage_id} is no passage: an id is a document's id, a colon, an anchor")
    found = view(document_id, Asked())
    if isinstance(found, str):
        moved = answers.passage_id(found, anchor)
        return redirect(context.public_links().api_passage(moved), 301)
    ordinal, moved_since = _ordinal(found.document, anchor)
    links = context.public_links()

    def shown(place: int) -> shapes.PassageText | None:
        passages = found.document.passages
        if not 0 <= place < len(passages):
            return None
        return answers.passage_text(found.document, passages[place], links)

    this = shown(ordinal)
    assert this is not None  # noqa: S101 -- `_ordinal` is of a passage that is there
    return _json(
        shapes.OnePassage(
            passage=this,
            before=shown(ordinal - 1),
            after=shown(ordinal + 1),
            moved=moved_since,
            document=answers.described(found.document, links),
        )
    )


def _ordinal(document: Document, anchor: str) -> tuple[int, bool]:
    """The passage of an anchor, and whether it has changed since the anchor was made."""
    found = resolve(document, anchor)
    if found is not None:
        return found.ordinal, not found.exact
    nearest = context.archive().nearest(document.id, anchor)
    near = resolve(document, nearest) if nearest else None
    if near is None:
        raise NotFound(f"document {document.id} has no passage {anchor}: open the document")
    return near.ordinal, True


@page.get("/api/v1/suggest")
def suggest() -> Response:
    """How what is being typed may go on: words and titles of this index."""
    params.only(request.args, "q", "limit")
    asked = params.read(request.args, strict=True)
    limit = asked.limit if "limit" in request.args else COMPLETIONS
    links = context.public_links()
    return _json(
        shapes.Completions(
            query=asked.q,
            completions=[
                shapes.Completion(
                    text=each.text,
                    kind=each.kind,
                    passages=each.count if each.kind == "word" else None,
                    url=links.document(each.document)
                    if each.document
                    else links.search([("q", each.text)]),
                )
                for each in context.opened().searcher.complete(asked.q, limit)
            ],
        )
    )


@page.get("/openapi.json")
@page.get("/api/v1/openapi.json")
def description() -> Response:
    """This endpoint, described by OpenAPI 3.1."""
    return Response(
        openapi.dump(context.settings(), context.public_links()), mimetype="application/json"
    )


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), mimetype="application/json")

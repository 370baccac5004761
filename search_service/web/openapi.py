"""The endpoint's description in OpenAPI 3.1, made of the same tables and models that answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from search_service import __version__
from search_service.settings import Settings
from search_service.web import shapes
from search_service.web.links import Links
from search_service.web.params import SEARCH, Parameter

_PAGING = ("limit", "offset", "page", "per_page")
_MODELS: tuple[type[BaseModel], ...] = (
    shapes.SearchAnswer,
    shapes.DocumentList,
    shapes.DocumentAnswer,
    shapes.OnePassage,
    shapes.Completions,
    shapes.Problem,
)
_CODES = {
    "400": "A parameter that is not known, or a value that cannot be used.",
    "404": "There was never such a document or passage here.",
    "410": "The document was withdrawn; the message says when.",
    "422": "The query takes too long.",
    "503": "There is no index, or none that may be served; try again after `Retry-After`.",
}


def dump(settings: Settings, links: Links) -> bytes:
    """The description as JSON."""
    return orjson.dumps(describe(settings, links))


def describe(settings: Settings, links: Links) -> dict[str, Any]:
    """The description."""
    _, schemas = models_json_schema(
        [(model, "serialization") for model in _MODELS], ref_template="#/components/schemas/{model}"
    )
    paging = [parameter for parameter in SEARCH if parameter.name in _PAGING]
    limited = [p for p in SEARCH if p.name in ("q", "limit")]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.archive_name,
            "description": settings.archive_description or "Passage search over an archive.",
            "version": __version__,
        },
        "servers": [{"url": links.base or "/"}],
        "paths": {
            "/api/v1/search": _get(
                "search", "Search the archive", SEARCH, shapes.SearchAnswer, "400 422 503"
            ),
            "/api/v1/documents": _get(
                "documents", "List all documents", paging, shapes.DocumentList, "400 503"
            ),
            "/api/v1/documents/{id}": _get(
                "document",
                "Fetch a document",
                (),
                shapes.DocumentAnswer,
                "400 404 410 503",
                id_help="A document's id.",
            ),
            "/api/v1/passages/{id}": _get(
                "passage",
                "Fetch a passage with its neighbours",
                (),
                shapes.OnePassage,
                "400 404 410 503",
                id_help="A passage's id: its document's, a colon, its anchor.",
            ),
            "/api/v1/suggest": _get(
                "suggest", "Complete what is being typed", limited, shapes.Completions, "400 503"
            ),
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _get(
    name: str,
    summary: str,
    parameters: Iterable[Parameter],
    answer: type[BaseModel],
    codes: str,
    *,
    id_help: str = "",
) -> dict[str, Any]:
    described = [_parameter(parameter) for parameter in parameters]
    if id_help:
        described.append(
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": id_help,
                "schema": {"type": "string"},
            }
        )
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": described,
            "responses": {
                "200": _content("The answer.", "application/json", answer),
                **{
                    code: _content(_CODES[code], "application/problem+json", shapes.Problem)
                    for code in codes.split()
                },
            },
        }
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = {"type": "array", "items": parameter.schema} if parameter.many else parameter.schema
    described = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.help,
        "schema": schema,
    }
    return described | ({"style": "form", "explode": True} if parameter.many else {})


def _content(description: str, media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"description": description, "content": {media_type: {"schema": schema}}}

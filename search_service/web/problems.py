"""Errors as pages and as `application/problem+json`: what is wrong, and what to do."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from flask import Flask, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from search_service import errors
from search_service.model import PublicationDate
from search_service.web.language import day, gettext, unbroken
from search_service.web.refusals import told
from search_service.web.shapes import Problem

STATUS: dict[type[errors.SearchServiceError], int] = {
    errors.UnknownName: 400,
    errors.InvalidValue: 400,
    errors.NotFound: 404,
    errors.DocumentGone: 410,
    errors.QueryTooCostly: 422,
    errors.IndexUnavailable: 503,
    errors.IndexDamaged: 503,
    errors.NoScheduler: 503,
}
RETRY_SECONDS = 10

_JSON = ("/api/", "/openapi.json", "/healthz", "/readyz")


def install(app: Flask) -> None:
    """Answer every error in the form that the address promises."""

    @app.errorhandler(errors.SearchServiceError)
    def _ours(problem: errors.SearchServiceError) -> Response:
        status = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), 500)
        return _answer(status, problem.code, str(problem), problem)

    @app.errorhandler(HTTPException)
    def _http(problem: HTTPException) -> Response | BaseResponse:
        status = problem.code or 500
        if status == 404 and (address := _without_slash(app)):
            return redirect(address, 308)
        code = HTTPStatus(status).phrase.lower().replace(" ", "_")
        answer = _answer(status, code, problem.description or HTTPStatus(status).phrase)
        for name, value in problem.get_headers():
            if name.lower() in ("allow", "retry-after", "location", "content-range"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def _bug(problem: Exception) -> Response:
        app.logger.error("%s %s failed", request.method, request.path, exc_info=problem)
        return _answer(500, "internal_error", "this is our fault: it is in the service's log")


def _without_slash(app: Flask) -> str:
    """The address of the page that is meant by one with a slash too many at its end, if any."""
    path = "/" + request.path.strip("/")
    router = app.create_url_adapter(request)
    if not request.path.endswith("/") or router is None or not router.test(path, "GET"):
        return ""
    query = request.query_string.decode("ascii", "ignore")
    return request.script_root + quote(path) + (f"?{query}" if query else "")


def _answer(
    status: int, code: str, detail: str, problem: errors.SearchServiceError | None = None
) -> Response:
    if request.path.startswith(_JSON):
        body = Problem(
            type=f"urn:search-service:problem:{code}",
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            code=code,
            parameter=getattr(problem, "parameter", None),
            choices=list(getattr(problem, "choices", ())) or None,
        )
        answer = Response(
            body.model_dump_json(exclude_none=True), mimetype="application/problem+json"
        )
    else:
        g.setdefault("interface", "en")
        answer = make_response(
            render_template(
                "error.html",
                status=status,
                message=_sentence(status, problem),
                cure=_cure(status),
                detail=told(problem) if problem and (status == 400 or _of_a_file(problem)) else "",
            )
        )
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _sentence(status: int, problem: errors.SearchServiceError | None) -> str:
    if isinstance(problem, errors.DocumentGone):
        since = unbroken(day(PublicationDate(problem.since[:10]), long=True))
        return gettext("This document has not been in the archive since %(day)s.", day=since)
    sentences = {
        404: gettext("There is no such page here."),
        422: gettext("This question takes too long to answer."),
        429: gettext("Too many requests at once."),
        503: gettext("The archive cannot be searched at the moment."),
        500: gettext("Something went wrong here, and it is not your doing."),
    }
    if problem is not None and problem.code == "not_found" and not _of_a_file(problem):
        return gettext("There is no such document here.")
    return sentences.get(status, gettext("This request cannot be answered."))


def _of_a_file(problem: errors.SearchServiceError | None) -> bool:
    """Whether it is not a document that is missing but a file: an original, a logo, a sitemap."""
    pages = ("original", "logo", "robots")
    return isinstance(problem, errors.NotFound) and request.blueprint in pages


def _cure(status: int) -> str:
    cures = {
        410: gettext("Search for it: it may be here under another name."),
        404: gettext("Search for what you are looking for."),
        422: gettext("Ask for fewer or longer words."),
        429: gettext("Wait a moment and try again."),
        503: gettext("Try again in a minute."),
        500: gettext("Try again; it is in the service’s log for whoever looks after it."),
    }
    return cures.get(status, gettext("Go back and try something else."))

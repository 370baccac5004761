"""Headers that every answer has: what a browser may load, frame, remember and tell others."""

from __future__ import annotations

from flask import Flask, Response, g, request

from search_service.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
YEAR = 365 * 24 * 3600
_PARTS = ("text/css", "text/javascript", "font/woff2", "image/svg+xml")
"""Parts of a page: rules for pages would only weigh, 350 bytes each time. The owner's logo has its
own rule."""


def install(app: Flask, settings: Settings) -> None:
    """Set the headers; robots are kept out and transport security asked for by setting."""
    secure = settings.public_url.startswith("https://")

    @app.after_request
    def _headers(answer: Response) -> Response:
        headers = answer.headers
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if answer.mimetype not in _PARTS:
            headers.setdefault("Content-Security-Policy", POLICY)
            headers["Referrer-Policy"] = "same-origin"
            headers["X-Frame-Options"] = "DENY"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        if secure or request.is_secure:
            headers["Strict-Transport-Security"] = f"max-age={2 * YEAR}; includeSubDomains"
        if not settings.public:
            headers["X-Robots-Tag"] = "noindex, nofollow"
        if answer.mimetype == "text/html":
            headers["Content-Language"] = g.get("interface", "en")
        if g.get("by_language"):
            answer.vary.add("Accept-Language")
        headers.setdefault("Cache-Control", "no-cache")
        _tag(answer)
        return answer


def _tag(answer: Response) -> None:
    """Let who has the same page already, a reader of feeds above all, be told just that."""
    whole = answer.is_sequence and not answer.direct_passthrough
    if request.method in ("GET", "HEAD") and answer.status_code == 200 and whole:
        answer.add_etag(weak=True)
        answer.make_conditional(request)
